"""Checks of content items and collections: their references, schedules and caps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from lenticular.catalog.cap import MOST, FrequencyCap
from lenticular.catalog.findings import Findings
from lenticular.catalog.moments import HINT, parse_moment
from lenticular.catalog.never_shown import never_shown
from lenticular.catalog.places import Path
from lenticular.catalog.shadowed import hidden_variations
from lenticular.criteria.calendar import Calendar
from lenticular.criteria.duration import parse_duration


def check_content(findings: Findings, calendar: Calendar) -> None:
    """Check every content item's schedule and cap."""
    for key, item in findings.catalog.content.items():
        path = ("content", key)
        check_span(findings, calendar, path, item.start, item.end)
        if item.cap:
            check_cap(findings, (*path, "cap"), item.cap)
            check_instead(findings, (*path, "cap"), item.cap, key)
        if item.date is not None and parse_moment(item.date, calendar) is None:
            findings.add("moment", f'"{item.date}" is not a moment.', (*path, "date"), HINT)


def check_collections(findings: Findings) -> None:
    """Check that every collection's items and segments exist, each once."""
    for key, collection in findings.catalog.collections.items():
        path = ("collections", key)
        _check_items(findings, (*path, "items"), collection.items)
        for at, variation in enumerate(collection.variations):
            findings.refer("segments", variation.segment, (*path, "variations", at, "segment"))
            _check_items(findings, (*path, "variations", at, "items"), variation.items)
        for segment, at in doubles(variation.segment for variation in collection.variations):
            message = f'There is a variation for "{segment}" already.'
            findings.add("duplicate-variation", message, (*path, "variations", at, "segment"), "Join the two.")
        told = [(findings.name_of(one.segment), one.segment) for one in collection.variations]
        for at, hidden in hidden_variations(collection, findings.proofs).items():
            message, hint = never_shown(findings, told, at, hidden, "variation")
            findings.add("never-shown", message, (*path, "variations", at), hint)
        if collection.limit is not None and collection.limit < 1:
            findings.add("limit", "A limit is 1 or more.", (*path, "limit"), "Leave it out to show all items.")


def check_span(findings: Findings, calendar: Calendar, path: Path, start: str | None, end: str | None) -> None:
    """Check that both ends of a schedule are moments, the start before the end."""
    ends = []
    for name, text in (("start", start), ("end", end)):
        at = None if text is None else parse_moment(text, calendar)
        if text is not None and at is None:
            findings.add("moment", f'"{text}" is not a moment.', (*path, name), HINT)
        ends.append(at)
    if ends[0] is not None and ends[1] is not None and ends[0] >= ends[1]:
        message = f'It starts ("{start}") when it has ended already ("{end}").'
        findings.add("schedule", message, (*path, "end"), "The end is the first moment that is not in it.")


def check_cap(findings: Findings, path: Path, cap: FrequencyCap) -> None:
    """Check that a frequency cap says something that can be kept."""
    if (cap.limit is None) != (cap.per is None):
        findings.add("cap", '"limit" and "per" go together.', path, "Write for example `{limit: 1, per: day}`.")
    if cap.limit is None and cap.per is None and cap.gap is None:
        findings.add("cap", "A cap needs a limit or a gap.", path, 'Write `{limit: 1, per: day}` or `{gap: "2h"}`.')
    if cap.limit is not None and not 1 <= cap.limit <= MOST:
        hint = "End or hide an item that nobody should see." if cap.limit < 1 else "Leave out the cap, or lower it."
        findings.add("cap", f"A limit lies between 1 and {MOST}; this is {cap.limit}.", (*path, "limit"), hint)
    duration = parse_duration(cap.gap) if cap.gap is not None else None
    if cap.gap is not None and (duration is None or duration.months):
        hint = 'Write a whole number and a unit: "30s", "5m", "2h", "7d" or "2w".'
        findings.add("cap", f'"{cap.gap}" is not a gap.', (*path, "gap"), hint)


def check_instead(findings: Findings, path: Path, cap: FrequencyCap, own: str) -> None:
    """Check that what takes an item's place exists, and is another item than its `own`."""
    if cap.instead is None:
        return
    findings.refer("content", cap.instead, (*path, "instead"))
    if cap.instead == own:
        findings.add("cap", "An item can't take its own place.", (*path, "instead"), "Name another one.")


def doubles(names: Iterable[str]) -> list[tuple[str, int]]:
    """Return each name that was there before, with its index."""
    seen: Counter[str] = Counter()
    found = []
    for at, name in enumerate(names):
        if seen[name]:
            found.append((name, at))
        seen[name] += 1
    return found


def _check_items(findings: Findings, path: Path, items: tuple[str, ...]) -> None:
    for at, item in enumerate(items):
        findings.refer("content", item, (*path, at))
    for item, at in doubles(items):
        findings.add("duplicate-item", f'"{item}" is in this list already.', (*path, at), "Take it out here.")
