"""`min` and `max` of a field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lenticular.criteria.tally.gather import Gather, same


def _extreme(best: Callable[..., Any]) -> Gather:
    def join(one: Any, other: Any) -> Any:
        return best(one, other) if one is not None and other is not None else one if other is None else other

    return Gather(
        columns=2,
        start=lambda: None,
        add=lambda found, time, tie, value: join(found, value),
        join=join,
        value=same,
        over=lambda columns, first, end: best(columns[1][first:end]),
    )


MIN = _extreme(min)
MAX = _extreme(max)
