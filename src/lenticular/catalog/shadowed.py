"""Experiences that can never be shown, because an earlier one takes every visitor they are for."""

from __future__ import annotations

from collections.abc import Sequence

from lenticular.catalog.experience import Experience
from lenticular.catalog.moments import covers, parse_span
from lenticular.criteria.calendar import Calendar

Span = tuple[int | None, int | None]


def shadowed(experiences: Sequence[Experience], calendar: Calendar) -> dict[str, str]:
    """Return, by the key of each experience that can never be shown, the key of the one that wins instead.

    The earlier one is for anyone or for the same segment, and on all the time that the later one is. An
    experience with an unreadable schedule neither hides nor is hidden.
    """
    above: list[tuple[Experience, Span]] = []
    hidden: dict[str, str] = {}
    for experience in experiences:
        span = _span(experience, calendar)
        if span is None:
            continue
        for earlier, earlier_span in above:
            if earlier.segment in (None, experience.segment) and covers(earlier_span, span):
                hidden.setdefault(experience.key, earlier.key)
        above.append((experience, span))
    return hidden


def _span(experience: Experience, calendar: Calendar) -> Span | None:
    if experience.schedule is None:
        return None, None
    try:
        return parse_span(experience.schedule.start, experience.schedule.end, calendar)
    except ValueError:
        return None
