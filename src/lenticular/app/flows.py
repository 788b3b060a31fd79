"""What a simulation found, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lenticular.app.simulation import Flow
from lenticular.catalog.words import table
from lenticular.criteria.words import words


def flow_sentences(
    flows: Sequence[Flow], names: Mapping[str | None, str], never: Sequence[str], days: int, language: str
) -> list[str]:
    """Return what would have been seen instead, the largest flow first, then what nobody would have seen.

    `names` are those of experiences or variations by key, `never` of those that no visit would have seen.
    """
    said, number = table(language), words(language).number
    called = {key: said["seen_default"] if key is None else name for key, name in names.items()}
    saw = {key: sum(flow.visits for flow in flows if flow.before == key) for key in called}
    moved = [flow for flow in flows if flow.before != flow.after]
    sentences = [
        said["seen_flow"].format(
            all=number(saw[flow.before]),
            before=called[flow.before],
            visits=number(flow.visits),
            after=called[flow.after],
        )
        for flow in moved
    ]
    if flows and not moved:
        sentences.append(said["seen_same"].format(all=number(sum(saw.values()))))
    return sentences + [said["seen_never"].format(name=name, days=number(days)) for name in never]
