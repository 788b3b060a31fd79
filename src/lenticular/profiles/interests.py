"""Interests: events that say what they are about raise the weight of their topics (criteria/interests.py)."""

from __future__ import annotations

from lenticular.criteria.calendar import Calendar
from lenticular.criteria.interests import HORIZON, MOST_TOPICS
from lenticular.criteria.tables import stored_key
from lenticular.profiles.event import Event
from lenticular.profiles.profile import Profile

TOPICS = stored_key("topics", "list")
"""The event's field that names topics."""


def view(profile: Profile, event: Event, zone: Calendar) -> None:
    """Count an event as one view of each of its topics, on its local day.

    What lies more than HORIZON days before the newest arrival counts no more, and is let go of.
    """
    topics = event.properties.get(TOPICS)
    if not isinstance(topics, list) or not topics:
        return
    _forget(profile, zone.day(event.received) - HORIZON)
    day = zone.day(event.time)
    if day < profile.views_from:
        return
    for topic in dict.fromkeys(topics[:MOST_TOPICS]):
        views = profile.interests.setdefault(topic, {})
        views[day] = views.get(day, 0) + 1


def unite(into: Profile, other: Profile) -> None:
    """Add another profile's views."""
    for topic, theirs in other.interests.items():
        views = into.interests.setdefault(topic, {})
        for day, count in theirs.items():
            views[day] = views.get(day, 0) + count
    into.views_from, since = min(into.views_from, other.views_from), max(into.views_from, other.views_from)
    _forget(into, since)


def part(now: Profile, mine: Profile, theirs: Profile) -> None:
    """Undo `unite` (see `part.py`): what was let go of since stays so."""
    for topic, views in theirs.interests.items():
        left = now.interests.get(topic, {})
        for day, count in views.items():
            if day in left:
                left[day] -= count
                if not left[day]:
                    del left[day]
        if not left:
            now.interests.pop(topic, None)


def _forget(profile: Profile, since: int) -> None:
    if since <= profile.views_from:
        return
    profile.views_from = since
    for topic, views in list(profile.interests.items()):
        kept = {day: count for day, count in views.items() if day >= since}
        if kept:
            profile.interests[topic] = kept
        else:
            del profile.interests[topic]
