"""Which visit an event belongs to (DESIGN §2 session, §4.2 Session)."""

from __future__ import annotations

from lenticular.criteria.calendar import Calendar
from lenticular.criteria.tables import stored_key
from lenticular.criteria.types import CAMPAIGN, SESSION
from lenticular.ids import hash64
from lenticular.profiles.event import Values
from lenticular.profiles.profile import Session

IDLE = 30 * 60_000
"""A visit ends after more than this many milliseconds without activity."""

_KEY = {name: stored_key(name, kind) for name, kind in SESSION.items()}
_LANDING = tuple(
    (stored_key(source, "text"), _KEY[name])
    for source, name in (
        ("url", "landing_url"),
        ("path", "landing_path"),
        ("host", "landing_host"),
        *((name, name) for name in ("referrer", "referrer_host", *CAMPAIGN)),
    )
)
_DEVICE = tuple(_KEY[name] for name in ("language", "timezone", "screen_width", "screen_height"))


def advance(
    session: Session | None, time: int, message_id: str, context: Values, zone: Calendar
) -> tuple[Session, int]:
    """Return the latest visit after an event at `time` (ms), and the id of the event's own visit.

    The session given is changed in place when it goes on. It goes on for events up to 30 minutes after its
    last one and up to 30 minutes before its first (which moves back), on the same day of the site's zone. A
    later event opens a visit; an earlier one gets a visit of its own, which never becomes the latest.
    """
    if session is None:
        return opened(1, time, message_id, context)
    if time > session.last:
        if time - session.last <= IDLE and zone.day(time) == zone.day(session.start):
            session.last = time
            _complete(session.properties, context)
            return session, session.id
        return opened(session.number + 1, time, message_id, context)
    if time >= session.start:
        _complete(session.properties, context)
        return session, session.id
    if session.start - time <= IDLE and zone.day(time) == zone.day(session.start):
        _move_start(session, time, context)
        return session, session.id
    return session, hash64(message_id)


def opened(number: int, time: int, message_id: str, context: Values) -> tuple[Session, int]:
    """Return a visit that begins with an event, and its id."""
    properties: Values = {_KEY["number"]: float(number), _KEY["started"]: time}
    _complete(properties, context)
    session = Session(hash64(message_id), time, time, number, properties)
    return session, session.id


def joined(mine: Session | None, theirs: Session | None) -> Session | None:
    """Return the latest visit of two profiles that become one: the later, counted after the other's."""
    if mine is None or theirs is None:
        return mine or theirs
    if mine.id == theirs.id:
        return mine
    later = max(mine, theirs, key=lambda session: (session.start, session.id))
    later.number = mine.number + theirs.number
    later.properties[_KEY["number"]] = float(later.number)
    return later


def _complete(properties: Values, context: Values) -> None:
    """Fill in what is not known yet; how a visit landed is told, as a whole, by its first event on a page."""
    if not context:
        return
    if not _landed(properties) and ("t_url" in context or "t_path" in context):
        for source, key in _LANDING:
            if source in context:
                properties[key] = context[source]
    for key in _DEVICE:
        if key not in properties and key in context:
            properties[key] = context[key]


def _landed(properties: Values) -> bool:
    return "t_landing_url" in properties or "t_landing_path" in properties


def _move_start(session: Session, time: int, context: Values) -> None:
    session.start = time
    session.properties[_KEY["started"]] = time
    if "t_url" in context or "t_path" in context:
        for _, key in _LANDING:
            session.properties.pop(key, None)
    _complete(session.properties, context)
