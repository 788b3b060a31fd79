"""An explanation as text to print."""

from __future__ import annotations

from collections.abc import Iterator

from lenticular.criteria.calendar import Calendar
from lenticular.criteria.explain import DRAFT, Explanation, Reason, instant_text


def explanation_text(explanation: Explanation, calendar: Calendar) -> str:
    """Return an explanation in lines: the verdict, each condition with its value, and when time alone changes it."""
    verdict = "In" if explanation.member else "Not in"
    # The headline says the whole rule already: below it stand its parts.
    parts = explanation.why.parts or (explanation.why,)
    name = "" if explanation.segment == DRAFT else f" {explanation.segment}"
    lines = [f"{verdict}{name}: {explanation.sentence}"]
    lines += [line for part in parts for line in _reason(part, 1)]
    if explanation.changes_at is None:
        lines.append("  Time alone does not change this.")
    else:
        lines.append(
            f"  Changes by itself on {instant_text(calendar.local(explanation.changes_at))} ({calendar.zone})."
        )
    return "\n".join(lines)


def _reason(reason: Reason, level: int) -> Iterator[str]:
    actual = "" if reason.actual is None else f"  ({reason.actual})"
    yield f"{'  ' * level}{'✓' if reason.holds else '✗'} {reason.sentence}{actual}"
    for part in reason.parts:
        yield from _reason(part, level + 1)
