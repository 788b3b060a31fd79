"""The sentences of an explanation."""

from __future__ import annotations

from lenticular.criteria.calendar import Calendar, civil
from lenticular.decide.cap import Cap, Kept
from lenticular.decide.explanation import ListState, Why
from lenticular.decide.group import Group

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PER = {
    "session": "this visit",
    "day": "today",
    "week": "this week",
    "month": "this month",
    "lifetime": "ever",
}
_LIST: dict[ListState, str] = {
    "used": "used",
    "no_match": "does not match",
    "empty": "nothing in it can be shown now",
    "not_reached": "not reached: an earlier list was enough",
    "held_out": "matches, and is held back: this visitor always sees the default",
}
_LEFT: dict[Why, str] = {
    "ended": "its time is over",
    "shown_already": "it is on this page already",
    "limit": "the list is full",
    "unknown": "there is no such item that can be shown",
}


def when(at: int, calendar: Calendar) -> str:
    """Return a moment in the site's zone, to the minute: `24 Nov 2026, 00:00`."""
    local = calendar.local(at)
    year, month, day = civil(local // 86_400_000)
    minute = local % 86_400_000 // 60_000
    return f"{day} {_MONTHS[month - 1]} {year}, {minute // 60:02}:{minute % 60:02}"


def times(count: int) -> str:
    """Return `once`, `twice`, `3 times`."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def list_words(segment: str | None, state: ListState) -> str:
    """Return what became of a list."""
    return f"{'The default list' if segment is None else segment}: {_LIST[state]}."


def left_out_words(why: Why, until: int | None, calendar: Calendar) -> str:
    """Return why an item is not shown, other than by a cap."""
    if why == "seen":
        again = f"; again from {when(until, calendar)}" if until is not None else ""
        return f"Left out: this visitor has seen it{again}."
    if why == "not_yet" and until is not None:
        return f"Left out: it is shown from {when(until, calendar)}."
    return f"Left out: {_LEFT.get(why, why)}."


def cap_words(cap: Cap, kept: Kept, calendar: Calendar, group: Group | None = None) -> str:
    """Return why a cap keeps an item back, its own or that of a group, and until when."""
    limited = bool(cap.limit) and kept.seen + kept.reserved >= cap.limit
    if not limited:
        said = "seen too short a time ago"
    elif kept.seen >= cap.limit:
        most = "" if kept.seen == 1 == cap.limit else f", at most {times(cap.limit)}"
        said = f"seen {times(kept.seen)} {_PER[cap.per]}{most}"
    else:
        said = "on its way to this visitor in another answer" if group is None else "others are on their way"
    if group is not None:
        said = f"the {group.of} {group.name} has a cap: {said}"
    if kept.until is not None:
        return f"Left out: {said}; again from {when(kept.until, calendar)}."
    if limited and cap.per == "session":
        return f"Left out: {said}; again on the next visit."
    return f"Left out: {said}; never again."
