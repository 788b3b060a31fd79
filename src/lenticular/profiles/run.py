"""Runs: events of one person, one after another, that say nothing but what happened. A file of history is made of them.

Of a run the owner is looked for once, and a visit is moved on once for all its events. What comes out is what folding
event by event gives: a property test compares.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from lenticular.criteria.calendar import Calendar
from lenticular.errors import StoreError
from lenticular.profiles.event import Event
from lenticular.profiles.interests import TOPICS
from lenticular.profiles.people import People
from lenticular.profiles.profile import Profile
from lenticular.profiles.session import IDLE, advance, end_at, note_sign_in, signed_in

LONGEST = 200
"""Events: folded in one go, within the millisecond that a decision may have to wait."""
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


class Run(msgspec.Struct, frozen=True):
    """A run: the places from `start` to `stop` of columns of times (ms), hashes of message ids, and local days.

    The hashes are those of `ids.hash64`. `seq` gives the sequence number of a place, `event` its event; `counted` are
    the places of those that some tally may count.
    """

    start: int
    stop: int
    seq: Callable[[int], int]
    times: Sequence[int]
    hashes: Sequence[int]
    days: Sequence[int]
    event: Callable[[int], Event]
    counted: Sequence[int]


class Ran(msgspec.Struct, frozen=True):
    """What became of a run: whose it is, and one visit after another, as (id, how many of the events)."""

    profile_id: int
    visits: list[tuple[int, int]]


class Runs:
    """How runs are folded: over the people of a fold, by its zone.

    `failed` are the events that could not be counted, by sequence number: a defect of ours.
    """

    def __init__(self, people: People, zone: Calendar) -> None:
        self._people, self._zone = people, zone
        self.failed: list[tuple[int, Exception]] = []

    def fold(self, run: Run, count: Callable[[Profile, Event], None]) -> Ran | None:
        """Fold a run of events that are new; nothing, and None, if its person has been here later than it begins.

        `count` moves someone's tallies by an event.
        """
        first = run.event(run.start)
        people = self._people
        profile = people.owner(run.seq(run.start), first)
        if profile.session is not None and first.time < profile.session.last:
            return None
        profile.version += run.stop - run.start
        earlier = first.time < profile.first_seen
        if earlier:
            profile.first_seen = first.time
        people.touch(profile.id, earlier)
        visits = self._visits(profile, run, first)
        for place in run.counted:
            try:
                count(profile, run.event(place))
            except StoreError:
                raise
            except Exception as error:
                self.failed.append((run.seq(place), error))
        return Ran(profile.id, visits)

    def _visits(self, profile: Profile, run: Run, event: Event) -> list[tuple[int, int]]:
        """Move on a person's visits; return them."""
        zone, times, days = self._zone, run.times, run.days
        visits: list[tuple[int, int]] = []
        start, end = run.start, run.stop
        while start < end:
            event = event if start == run.start else run.event(start)
            was_signed_in = signed_in(profile.session)
            profile.session, session = advance(profile.session, event, run.hashes[start], zone)
            note_sign_in(profile, event, was_signed_in)
            stop = start + 1
            # Where someone has signed in later than this, each event is looked at.
            if profile.last_sign_in is None or event.time >= profile.last_sign_in:
                before, day = event.time, days[start]
                while stop < end:
                    time = times[stop]
                    if time - before > IDLE or (time != before and days[stop] != day):
                        break
                    before = time
                    stop += 1
            end_at(session, times[stop - 1])
            self._people.visited(profile.id, session, run.seq(stop - 1))
            visits.append((session.id, stop - start))
            start = stop
        return visits
