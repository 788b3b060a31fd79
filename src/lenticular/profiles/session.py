"""Which visit an event belongs to (DESIGN §2 session, §4.2 Session), and what it makes known of the visit.

How a visit landed is told, as a whole, by its earliest event on a page (of two in one millisecond, by the one that
arrived first), where it is by its newest one. Device, place, language, zone and screen are those that were told first.
So pages, seconds and the page come out the same in whatever order the events of a visit arrive.
"""

from __future__ import annotations

from lenticular.criteria.calendar import Calendar
from lenticular.criteria.tables import stored_key
from lenticular.criteria.types import CAMPAIGN, DEVICE, PLACE, SESSION
from lenticular.profiles.event import Event, Values
from lenticular.profiles.profile import Profile, Session

IDLE = 30 * 60_000
"""A visit ends after more than this many milliseconds without activity."""
MAX_OWN = 200
"""So many attributes and cookies of the site's own a visit keeps."""

_KEY = {name: stored_key(name, kind) for name, kind in SESSION.items()}
_LANDING = tuple(
    (stored_key(source, "text"), _KEY[name])
    for source, name in (
        ("url", "landing_url"),
        ("path", "landing_path"),
        ("host", "landing_host"),
        *((name, name) for name in ("referrer", "referrer_host", *CAMPAIGN, "channel")),
    )
)
_PAGE = tuple(_KEY[name] for name in ("url", "path", "host"))
_QUERY = stored_key("query.", "text")
_DEVICE = tuple(_KEY[name] for name in DEVICE)
_PLACE = tuple(_KEY[name] for name in PLACE)
_FIRST_TOLD = tuple(_KEY[name] for name in ("language", "timezone", "screen_width", "screen_height"))
_NUMBER, _STARTED, _PAGES, _SECONDS, _SIGNED_IN, _RETURNING, _LAST_SIGN_IN = (
    _KEY[name] for name in ("number", "started", "pages", "seconds", "signed_in", "returning", "last_sign_in")
)


def advance(session: Session | None, event: Event, mark: int, zone: Calendar) -> tuple[Session, Session]:
    """Return the latest visit after an event, and the event's own visit; `mark` is its message id's hash.

    The session given is changed in place when it goes on. It goes on for events up to 30 minutes after its
    last one and up to 30 minutes before its first (which moves back), on the same day of the site's zone. A
    later event opens a visit; an earlier one gets a visit of its own, which never becomes the latest.
    """
    time = event.time
    if session is None:
        session = opened(1, event, mark)
    elif time > session.last:
        if time - session.last <= IDLE and zone.day(time) == zone.day(session.start):
            session.last = time
            _add(session, event, mark)
        else:
            session = opened(session.number + 1, event, mark)
    elif time >= session.start:
        _add(session, event, mark)
    elif session.start - time <= IDLE and zone.day(time) == zone.day(session.start):
        session.start = time
        session.properties[_STARTED] = time
        _add(session, event, mark)
    else:
        return session, opened(0, event, mark)
    return session, session


def end_at(session: Session, time: int) -> None:
    """Let a visit end at a moment, which is not before its beginning."""
    session.last = time
    session.properties[_SECONDS] = (time - session.start) / 1000


def opened(number: int, event: Event, mark: int) -> Session:
    """Return a visit that begins with an event."""
    properties: Values = {
        _NUMBER: float(number),
        _STARTED: event.time,
        _PAGES: 0.0,
        _SIGNED_IN: False,
        _RETURNING: number > 1,
    }
    session = Session(mark, event.time, event.time, number, properties)
    _add(session, event, mark)
    return session


def joined(mine: Session | None, theirs: Session | None) -> Session | None:
    """Return the latest visit of two profiles that become one: the later, counted after the other's."""
    if mine is None or theirs is None:
        return mine or theirs
    if mine.id == theirs.id:
        return mine
    later = theirs if is_later(theirs, mine) else mine
    renumber(later, mine.number + theirs.number)
    return later


def is_later(one: Session, than: Session) -> bool:
    """Return whether a visit is the latest of two."""
    return (one.start, one.id) > (than.start, than.id)


def renumber(session: Session, number: int) -> None:
    """Count a visit as another one of someone's."""
    session.number = number
    session.properties[_NUMBER] = float(number)
    session.properties[_RETURNING] = number > 1


def signed_in(session: Session | None) -> bool:
    """Return whether a visit has an event with a user id."""
    return session is not None and session.properties.get(_SIGNED_IN) is True


def note_sign_in(profile: Profile, event: Event, before: bool) -> None:
    """Keep when someone signed in, told by an event of their latest visit.

    `before` says whether the visit was signed in before the event; if the event opened it, the visit before it.
    """
    last = profile.last_sign_in
    session = profile.session
    if session is None:
        return
    if event.user_id and (not before or (last is not None and session.start <= event.time < last)):
        last = event.time if before or last is None else max(last, event.time)
        profile.last_sign_in = last
    show_sign_in(profile)


def show_sign_in(profile: Profile) -> None:
    """Make a profile's last sign-in known in its latest visit."""
    if profile.session is None:
        return
    if profile.last_sign_in is not None:
        profile.session.properties[_LAST_SIGN_IN] = profile.last_sign_in
    else:
        profile.session.properties.pop(_LAST_SIGN_IN, None)


def _add(session: Session, event: Event, mark: int) -> None:
    properties, context = session.properties, event.context
    properties[_SECONDS] = (session.last - session.start) / 1000
    if event.type == "page" or event.type == "screen":
        pages = properties.get(_PAGES)
        properties[_PAGES] = pages + 1.0 if type(pages) is float else 1.0
    if event.user_id:
        properties[_SIGNED_IN] = True
    if context:
        if "t_url" in context or "t_path" in context:
            _add_page(session, context, (event.time, mark))
        _add_first_told(properties, context)
    if event.session:
        _add_own(session, event.session, (event.time, mark))


def _add_page(session: Session, context: Values, stamp: tuple[int, int]) -> None:
    properties = session.properties
    if session.first_page is None or stamp[0] < session.first_page:
        session.first_page = stamp[0]
        _replace(properties, _LANDING, context)
    if session.newest_page is None or stamp > session.newest_page:
        session.newest_page = stamp
        url = context.get("t_url")
        if url and url == properties.get("t_url") and context.get("t_path") == properties.get("t_path"):
            return
        for key in _PAGE:
            if key in context:
                properties[key] = context[key]
            else:
                properties.pop(key, None)
        for key in session.query:
            properties.pop(key, None)
        session.query = [key for key in context if key.startswith(_QUERY)] if "t_search" in context else []
        for key in session.query:
            properties[key] = context[key]


def _replace(properties: Values, pairs: tuple[tuple[str, str], ...], context: Values) -> None:
    for source, key in pairs:
        if source in context:
            properties[key] = context[source]
        else:
            properties.pop(key, None)


def _add_first_told(properties: Values, context: Values) -> None:
    """Fill in what is not known yet: device and place each as a whole, so that nothing is put together from two."""
    if "t_user_agent" not in properties and "t_os" not in properties and "t_browser" not in properties:
        for key in _DEVICE:
            if key in context:
                properties[key] = context[key]
    if "t_country" not in properties:
        for key in _PLACE:
            if key in context:
                properties[key] = context[key]
    for key in _FIRST_TOLD:
        if key not in properties and key in context:
            properties[key] = context[key]


def _add_own(session: Session, own: Values, stamp: tuple[int, int]) -> None:
    for key, value in own.items():
        known = session.stamps.get(key)
        if known is None and len(session.stamps) >= MAX_OWN:
            continue
        if known is None or known < stamp:
            session.stamps[key] = stamp
            session.properties[key] = value
