"""The rows that a fold leaves for the events store: the columns of its tables, as lines of JSONEachRow."""

from __future__ import annotations

import msgspec

from lenticular.criteria.calendar import DAY, Calendar
from lenticular.criteria.tables import stored_key
from lenticular.profiles.event import Event, Values
from lenticular.profiles.organization import Organization
from lenticular.profiles.profile import Profile, Session

_GROUP = stored_key("group_id", "text")

_NEVER = 1 << 62

line = msgspec.json.Encoder().encode
"""A row -> one line, without its newline."""


class EventRow(msgspec.Struct, gc=False):
    """One event as it was accepted; `day` and `minute` are local to the site, times are ms."""

    seq: int
    time: int
    tie: int
    profile_id: int
    name: str
    type: str
    session_id: int
    day: int
    minute: int
    received: int
    message_id: str
    properties: Values
    context: Values


class ProfileRow(msgspec.Struct, gc=False):
    """What reports know of a profile; the row with the highest version counts."""

    profile_id: int
    version: int
    user_id: str
    anonymous_ids: list[str]
    first_seen: int
    traits: Values
    gone: int
    organizations: list[str]
    withheld: int
    lists: list[str]


class OrganizationRow(msgspec.Struct, gc=False):
    """What reports know of an organization; the row with the highest version counts."""

    organization_id: str
    version: int
    traits: Values


class SessionRow(msgspec.Struct, gc=False):
    """One visit; of a person's visits the latest is the one with the highest (number, version).

    A visit that went over to another profile when two were joined has a row under either id: whoever counts visits
    takes the newest of each survivor and visit (`criteria.sql_visits`). One that an event out of order got of its own
    has number 0. `version` is the sequence number of the event that changed it.
    """

    profile_id: int
    session_id: int
    start: int
    last: int
    number: int
    properties: Values
    version: int


class MergeRow(msgspec.Struct, gc=False):
    """Events of `loser` count for `survivor`, which no later merge has left behind: paths are compressed."""

    loser: int
    survivor: int
    version: int


def event_row(seq: int, event: Event, profile_id: int, session_id: int, zone: Calendar, tie: int) -> EventRow:
    """Return an event's row."""
    day, of_day = divmod(zone.local(event.time), DAY)
    return row_at(seq, event, profile_id, session_id, (day, of_day // 60_000), tie)


def row_at(seq: int, event: Event, profile_id: int, session_id: int, local: tuple[int, int], tie: int) -> EventRow:
    """Return the row of an event whose local day and minute are known."""
    return EventRow(
        seq,
        event.time,
        tie,
        profile_id,
        event.name,
        event.type,
        session_id,
        *local,
        event.received,
        event.message_id,
        {**event.properties, _GROUP: event.group_id} if event.group_id else event.properties,
        event.context,
    )


def profile_row(profile: Profile, gone: bool = False) -> ProfileRow:
    """Return a profile's row; of one that is gone only the id and the version remain."""
    if gone:
        return ProfileRow(profile.id, profile.version + 1, "", [], profile.first_seen, {}, 1, [], 0, [])
    return ProfileRow(
        profile.id,
        profile.version,
        profile.user_id,
        profile.anonymous_ids,
        profile.first_seen,
        profile.traits,
        0,
        profile.organizations,
        profile.withheld,
        profile.lists,
    )


def organization_row(organization: Organization) -> OrganizationRow:
    """Return an organization's row."""
    return OrganizationRow(organization.id, organization.version, organization.traits)


def no_session_row(profile_id: int, session_id: int, version: int) -> SessionRow:
    """Return the row of a visit that is not someone's any more: it begins when no question will be asked."""
    return SessionRow(profile_id, session_id, _NEVER, _NEVER, 0, {}, version)


def session_row(profile_id: int, session: Session, version: int) -> SessionRow:
    """Return a visit's row."""
    return SessionRow(
        profile_id,
        session.id,
        session.start,
        session.last,
        session.number,
        session.properties,
        version,
    )
