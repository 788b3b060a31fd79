"""Experiences and variations that can never be shown, because earlier ones take every visitor they are for."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from lenticular.catalog.collection import Collection, Variation
from lenticular.catalog.experience import Experience
from lenticular.catalog.moments import covers, parse_span
from lenticular.catalog.proofs import NOTHING_PROVEN, Proofs
from lenticular.criteria.calendar import Calendar

Span = tuple[int | None, int | None]


class Hidden(msgspec.Struct, frozen=True):
    """Why something can never be shown: `by` are the indexes of what wins instead; none if nobody can match it."""

    by: tuple[int, ...]


def shadowed(
    experiences: Sequence[Experience], calendar: Calendar, proofs: Proofs = NOTHING_PROVEN
) -> dict[int, Hidden]:
    """Return, by index, each experience that can never be shown.

    Earlier ones, on all the time that it is, are for anyone, for the same segment, or for segments that are proven to
    take in everyone of its own; or its own segment contradicts itself. An experience with an unreadable schedule
    neither hides nor is hidden.
    """
    spans = [_span(experience, calendar) for experience in experiences]
    hidden = {}
    for at, experience in enumerate(experiences):
        span = spans[at]
        if span is None:
            continue
        above = [one for one in range(at) if (earlier := spans[one]) is not None and covers(earlier, span)]
        found = _hidden(experience.segment, [(one, experiences[one].segment) for one in above], proofs)
        if found is not None:
            hidden[at] = found
    return hidden


def hidden_variations(collection: Collection, proofs: Proofs) -> dict[int, Hidden]:
    """Return, by index, each variation that never shows an item which earlier ones would not have shown.

    Whoever it is for matches earlier ones that have all of its items: where those can't be shown, neither can its own.
    """
    hidden = {}
    for at, one in enumerate(collection.variations):
        before = collection.variations[:at]
        above = [
            (place, other.segment)
            for place, other in enumerate(before)
            if other.segment != one.segment and _has_all(other, one)
        ]
        found = _hidden(one.segment, above, proofs) if one.items or one.query else None
        if found is not None:
            hidden[at] = found
    return hidden


def _has_all(other: Variation, one: Variation) -> bool:
    """Return whether a list has all items of another: those named, and what the same query finds in whatever order."""
    if one.query is not None:
        asked = [replace(query, sort=()) for query in (one.query, other.query) if query is not None]
        if len(asked) == 1 or asked[0] != asked[1]:
            return False
    return set(one.items) <= set(other.items)


def _hidden(segment: str | None, above: Sequence[tuple[int, str | None]], proofs: Proofs) -> Hidden | None:
    """Return why nobody is left: the first one above that takes them all, or all of them that together do."""
    for at, other in above:
        if other in (None, segment):
            return Hidden((at,))
    if segment is None:
        return None
    if proofs.nobody(segment):
        return Hidden(())
    named = [(at, other) for at, other in above if other is not None]
    for at, other in named:
        if proofs.covered(segment, (other,)):
            return Hidden((at,))
    if len(named) > 1 and proofs.covered(segment, [other for _, other in named]):
        return Hidden(_needed(segment, named, proofs))
    return None


def _needed(segment: str, above: Sequence[tuple[int, str]], proofs: Proofs) -> tuple[int, ...]:
    """Return those above that the proof needs: each that can be left out is."""
    left = list(above)
    for one in above:
        rest = [other for other in left if other != one]
        if proofs.covered(segment, [other for _, other in rest]):
            left = rest
    return tuple(at for at, _ in left)


def _span(experience: Experience, calendar: Calendar) -> Span | None:
    if experience.schedule is None:
        return None, None
    try:
        return parse_span(experience.schedule.start, experience.schedule.end, calendar)
    except ValueError:
        return None
