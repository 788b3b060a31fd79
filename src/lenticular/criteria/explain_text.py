"""An explanation as text to print."""

from __future__ import annotations

from collections.abc import Iterator

from lenticular.criteria.calendar import Calendar
from lenticular.criteria.evidence import Counted
from lenticular.criteria.explain import DRAFT, Explanation, Reason
from lenticular.criteria.words import words

_SHOWN = 3


def explanation_text(explanation: Explanation, calendar: Calendar, language: str = "en") -> str:
    """Return an explanation in lines: the verdict, each condition with its value, and when time alone changes it."""
    said = words(language)
    why = explanation.why
    # The headline says the whole rule already: below it stand its parts.
    parts = why.parts or (why,)
    name = "" if explanation.segment == DRAFT else f" {explanation.segment}"
    lines = [f"{said.phrase('explain_in' if explanation.member else 'explain_out')}{name}: {explanation.sentence}"]
    if why.withheld:
        lines.append("  " + said.phrase("explain_withheld", purposes=said.listed(why.withheld, "and")))
    lines += [line for part in parts for line in _reason(part, 1, calendar, language)]
    if explanation.would:
        lines.append("  " + said.phrase("explain_would", conditions=said.joined(explanation.would, "and")))
    if explanation.changes_at is None:
        lines.append("  " + said.phrase("explain_stays"))
    else:
        at = said.instant(calendar.local(explanation.changes_at))
        lines.append("  " + said.phrase("explain_changes", at=at, zone=calendar.zone))
    return "\n".join(lines)


def _reason(reason: Reason, level: int, calendar: Calendar, language: str) -> Iterator[str]:
    actual = "" if reason.actual is None else f"  ({reason.actual})"
    yield f"{'  ' * level}{'✓' if reason.holds else '✗'} {reason.sentence}{actual}"
    if reason.counted and reason.counted.total:
        yield f"{'  ' * (level + 1)}{_events(reason.counted, calendar, language)}"
    for part in reason.parts:
        yield from _reason(part, level + 1, calendar, language)


def _events(found: Counted, calendar: Calendar, language: str) -> str:
    said = words(language)
    shown = [f"{said.event(one.event)} {said.instant(calendar.local(one.time))}" for one in found.newest[:_SHOWN]]
    more = found.total - len(shown)
    return "; ".join([*shown, *([said.phrase("explain_more", number=said.number(more))] if more else [])])
