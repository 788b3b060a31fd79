"""Runs: events of one person, one after another, that say nothing but what happened. A file of history is made of them.

Of a run the owner is looked for once, and a visit is moved on once for all its events. What comes out is what folding
event by event gives: a property test compares.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence

from lenticular.criteria.calendar import DAY, Calendar
from lenticular.errors import StoreError
from lenticular.ids import hash64
from lenticular.profiles.event import Event
from lenticular.profiles.interests import TOPICS
from lenticular.profiles.people import People
from lenticular.profiles.profile import Profile, Session
from lenticular.profiles.rows import EventRow
from lenticular.profiles.session import IDLE, advance, end_at, note_sign_in, signed_in

LONGEST = 200
"""Events: folded in one go, within the millisecond that a decision may have to wait."""
_NEVER = -(1 << 62)

Pair = tuple[int, Event]
"""The journal's sequence number, and an event."""


def run_at(pairs: Sequence[Pair], at: int, impression: str) -> int:
    """Return how many events from `at` on are a run: plain ones of the same ids whose times do not fall."""
    first = pairs[at][1]
    anonymous_id, user_id, time = first.anonymous_id, first.user_id, first.time
    end = min(len(pairs), at + LONGEST)
    for place in range(at, end):
        event = pairs[place][1]
        if (
            event.time < time
            or event.user_id != user_id
            or event.anonymous_id != anonymous_id
            or event.type != "track"
            or event.time > event.received
            or event.name == impression
            or not event.name
            or TOPICS in event.properties
            or event.context
            or event.session
            or event.traits
            or event.removed
            or event.consent
            or event.group_id
            or event.lists
        ):
            return place - at
        time = event.time
    return end - at


class Runs:
    """How runs are folded: over the people of a fold, by its zone. `count` moves someone's tallies by an event of which
    `concerned` says that some count it; `rows` get what the log is to have. `failed` are the events that could not be
    counted, by sequence number: a defect of ours.
    """

    def __init__(
        self,
        people: People,
        zone: Calendar,
        rows: list[EventRow],
        concerned: Callable[[str], Sequence[str]],
        count: Callable[[Profile, Event], None],
    ) -> None:
        self._people, self._zone, self._rows = people, zone, rows
        self._concerned, self._count = concerned, count
        self.failed: list[tuple[int, Exception]] = []

    def fold(self, pairs: Sequence[Pair]) -> bool:
        """Fold a run of events that are new; nothing, and False, if its person has been here later than it begins."""
        seq, first = pairs[0]
        people = self._people
        profile = people.owner(seq, first)
        if profile.session is not None and first.time < profile.session.last:
            return False
        profile.version += len(pairs)
        earlier = first.time < profile.first_seen
        if earlier:
            profile.first_seen = first.time
        people.touch(profile.id, earlier)
        self._visits(profile, pairs)
        for seq, event in pairs:
            if self._concerned(event.name):
                try:
                    self._count(profile, event)
                except StoreError:
                    raise
                except Exception as error:
                    self.failed.append((seq, error))
        return True

    def _visits(self, profile: Profile, pairs: Sequence[Pair]) -> None:
        """Move on a person's visits, and leave the rows of the events."""
        zone, people, add = self._zone, self._people, self._rows.append
        transitions, offsets = zone.transitions, zone.offsets
        profile_id, start_day, before, last, upto, alone = profile.id, 0, 0, 0, _NEVER, False
        session: Session | None = None
        for seq, event in pairs:
            time = event.time
            mark = hash64(event.message_id)
            day, of_day = divmod(time + offsets[bisect_right(transitions, time)], DAY)
            if session is None or time > upto or (time != before and day != start_day):
                if session is not None:
                    end_at(session, before)
                    people.visited(profile_id, session, last)
                was_signed_in = signed_in(profile.session)
                profile.session, session = advance(profile.session, event, mark, zone)
                note_sign_in(profile, event, was_signed_in)
                start_day = zone.day(session.start)
                # Where someone has signed in later than this, each event is looked at.
                alone = profile.last_sign_in is not None and time < profile.last_sign_in
            upto = _NEVER if alone else time + IDLE
            before, last = time, seq
            add(
                EventRow(
                    seq,
                    time,
                    mark >> 1,
                    profile_id,
                    event.name,
                    event.type,
                    session.id,
                    day,
                    of_day // 60_000,
                    event.received,
                    event.message_id,
                    event.properties,
                    event.context,
                )
            )
        if session is not None:
            end_at(session, before)
            people.visited(profile_id, session, last)
