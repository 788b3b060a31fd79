"""`min` and `max` of a field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lenticular.criteria.tally.gather import Gather, same, time_and_value


def _extreme(better: Callable[[Any, Any], Any]) -> Gather:
    def join(one: Any, other: Any) -> Any:
        return better(one, other) if one is not None and other is not None else one if other is None else other

    return Gather(
        entry=time_and_value,
        start=lambda: None,
        add=lambda found, entry: join(found, entry[1]),
        join=join,
        value=same,
    )


MIN = _extreme(min)
MAX = _extreme(max)
