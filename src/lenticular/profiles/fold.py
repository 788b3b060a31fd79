"""fold(profiles, event) -> profiles: what an event changes, computed over look-ups, kept until committed.

The same journal gives the same result, however it is cut into slices.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal

import msgspec

from lenticular.criteria.calendar import DAY, Calendar
from lenticular.criteria.tables import EVENTS, MERGES, ORGANIZATIONS, PROFILES, SESSIONS, Type
from lenticular.criteria.types import is_free
from lenticular.ids import hash64
from lenticular.profiles import consent, interests, membership, static_list
from lenticular.profiles.away import Rows
from lenticular.profiles.builtin import MAX_PROPERTIES
from lenticular.profiles.event import Event
from lenticular.profiles.kept import Kept
from lenticular.profiles.laid import Laid
from lenticular.profiles.look_ups import LookUps as LookUps
from lenticular.profiles.merge import Tallies, add_shown
from lenticular.profiles.move import Told
from lenticular.profiles.organization import Organization
from lenticular.profiles.organizations import Organizations
from lenticular.profiles.people import People
from lenticular.profiles.profile import Profile, Shown
from lenticular.profiles.rows import (
    EventRow,
    MergeRow,
    OrganizationRow,
    ProfileRow,
    SessionRow,
    event_row,
    line,
    row_at,
)
from lenticular.profiles.run import Pair, Run, Runs, run_at
from lenticular.profiles.session import IDLE, advance, note_sign_in, signed_in
from lenticular.profiles.traits import split, write

IMPRESSION = "Impression"
_SHORT = 2
"""So many events make a run worth looking at."""
NOBODY = 0
"""The profile id that bots' events have in the log: profiles are counted from 1."""


class Prepared(msgspec.Struct, frozen=True):
    """How far the tallies of a generation are counted from the log: up to (profile id, sequence number)."""

    generation: int
    upto: tuple[int, int]


class FoldResult(msgspec.Struct):
    """What folding a slice of the journal changed; a profile store commits it as a whole.

    `upto` is the slice's last sequence number. `identities` maps (kind, value) to the profile that owns it,
    `gone` lists profiles that were merged away, `rows` the JSONEachRow lines per table of the events store,
    `properties` the newly registered ones, `seen` (day of arrival, hash of the message id), `organizations`
    those that were named. `merged` says of every profile that is gone, also long since, into which one, where that
    changed, and of one that is back, itself. `tallies` holds states in rows of their own, by (profile id, tally key),
    None for a row that is to go. `kept` is what is kept of merges, by the id of the profile that went, None for one
    that is back. `prepared`, of a slice of the log, says how far the counting of new tallies has come. `told` is what
    somebody outside is to be told of. `laid` are sheets of which rows were folded: `seen` lacks these, and what they
    leave for the events store is in `text` once it is written: per table how many rows, and these.
    """

    upto: int
    profiles: list[Profile]
    identities: dict[tuple[str, str], int]
    gone: list[int]
    rows: dict[str, list[bytes]]
    properties: dict[tuple[str, str], str]
    seen: list[tuple[int, int]]
    organizations: list[Organization] = []
    merged: dict[int, int] = {}
    tallies: dict[tuple[int, str], Any] = {}
    prepared: Prepared | None = None
    kept: dict[int, Kept | None] = {}
    told: Told | None = None
    laid: list[Laid] = []
    text: dict[str, tuple[int, bytes]] = {}


class Fold:
    """A slice of the journal on its way into the profiles. It is itself something to look up in.

    `registered` are the properties known so far, (scope, name) to type. `ignored` says which events could
    not do all they asked for, and why: (sequence number, reason). `failed` are those of runs that a defect of ours
    kept from being counted.
    """

    def __init__(
        self, look: LookUps, zone: Calendar, registered: Mapping[tuple[str, str], str], tallies: Tallies
    ) -> None:
        self._look = look
        self.mark = look.mark
        self._zone = zone
        self._registered = registered
        self._tallies = tallies
        self._rows = Rows(look.tally, tallies)
        self._people = People(look, tallies, self._rows)
        self._marks: dict[int, int] = {}
        self._marks_of_rows: set[int] = set()
        self._properties: dict[tuple[str, str], str] = {}
        self._known: defaultdict[str, set[str]] = defaultdict(set)
        self._organizations = Organizations(look.organization)
        self._events: list[EventRow] = []
        self._laid: list[Laid] = []
        self._runs = Runs(self._people, zone)
        self.ignored, self.failed = self._people.ignored, self._runs.failed
        self.find, self.get, self.next_id = self._people.find, self._people.get, self._people.next_id
        self.kept = self._people.kept_of

    def apply(self, seq: int, event: Event) -> Literal["folded", "duplicate"]:
        """Fold one event, with the journal's sequence number."""
        remembered = self.mark(event.message_id)
        if self.has_seen((remembered,)):
            return "duplicate"
        self._marks[remembered] = event.received // DAY
        if event.bot:
            if event.type != "visit":
                self._events.append(event_row(seq, event, NOBODY, 0, self._zone, event.tie))
        elif event.type == "group" and not (event.user_id or event.anonymous_id):
            self._organizations.take(event, (event.time, event.tie))
            self._register("organization", event.properties)
        elif event.type == "unmerge":
            left = self._people.part(seq, event)
            if left is not None:
                self._events.append(event_row(seq, event, left.id, 0, self._zone, event.tie))
        elif event.type != "member" or self._listable(event):
            self._fold(seq, event)
        return "folded"

    def apply_run(self, pairs: Sequence[Pair], at: int) -> int:
        """Fold what is a run of new events from `at` on, and return how many these are; 0 where there is none."""
        length = run_at(pairs, at, IMPRESSION)
        if length < _SHORT:
            return 0
        run = pairs[at : at + length]
        marks = {self.mark(event.message_id): event.received // DAY for _, event in run}
        if len(marks) < length or self.has_seen(marks):
            return 0
        hashes = [hash64(event.message_id) for _, event in run]
        local = [self._zone.local(event.time) for _, event in run]
        concerned = self._tallies.concerned
        found = self._runs.fold(
            Run(
                0,
                length,
                lambda place: run[place][0],
                [event.time for _, event in run],
                hashes,
                [time // DAY for time in local],
                lambda place: run[place][1],
                [place for place, (_, event) in enumerate(run) if concerned(event.name)],
            ),
            self._count,
        )
        if found is None:
            return 0
        self._marks.update(marks)
        visits = (visit for visit, count in found.visits for _ in range(count))
        for (seq, event), mark, time, visit in zip(run, hashes, local, visits, strict=True):
            day, of_day = divmod(time, DAY)
            self._events.append(row_at(seq, event, found.profile_id, visit, (day, of_day // 60_000), mark >> 1))
            if not event.properties.keys() <= self._known["event"]:
                self._register("event", event.properties)
        return length

    def apply_rows(self, laid: Laid, start: int, stop: int) -> bool:
        """Fold rows of a sheet that are a run of new events; return False where they have to be folded one by one."""
        found = self._runs.fold(laid.run(start, stop), self._count)
        if found is None:
            return False
        self._marks_of_rows.update(laid.marks[start:stop])
        self._register("event", laid.newly_shown(stop))
        if not self._laid or self._laid[-1] is not laid:
            self._laid.append(laid)
        laid.became(start, stop, found)
        return True

    def _fold(self, seq: int, event: Event) -> None:
        mark = hash64(event.message_id)
        profile = self._people.owner(seq, event)
        profile.version += 1
        row = False
        if event.time < profile.first_seen:
            profile.first_seen = event.time
            row = True
        tie = mark >> 1
        if event.traits or event.removed:
            row = write(profile, event, tie) or row
        if event.consent or event.group_id or event.lists:
            row = self._belongs(event, profile, (event.time, tie)) or row
        self._people.touch(profile.id, row)
        session_id = self._visit(seq, event, profile, mark)
        self._register("user", event.traits)
        if event.session:
            self._register("session", event.session)
        if event.name:
            self._register("event", event.properties)
            if event.name == IMPRESSION:
                _impression(profile, event)
            else:
                interests.view(profile, event, self._zone)
            self._count(profile, event)
        if event.type not in ("visit", "member"):
            self._events.append(event_row(seq, event, profile.id, session_id, self._zone, tie))

    def add(self, profile_id: int, states: dict[str, Any]) -> None:
        """Add states to those of a profile, counted from what is known of it from elsewhere; of none that is gone."""
        profile = self._people.loaded(profile_id)
        if profile is None:
            return
        self._rows.bring(profile, states)
        self._tallies.merge(profile.tallies, states)
        self._rows.place(profile, states)
        self._people.touch(profile_id)

    def bring(self, profile: Profile, keys: Iterable[str]) -> None:
        """Lay those of a profile's states that are in rows of their own beside the others, to be read."""
        self._rows.bring(profile, keys)

    def profile_of(self, anonymous_id: str, user_id: str) -> Profile | None:
        """Return the profile that these ids lead to, the user's before the anonymous one."""
        found = self.find("user", user_id) if user_id else None
        if found is None and anonymous_id:
            found = self.find("anonymous", anonymous_id)
        return None if found is None else self._people.mine(found)

    def organization(self, organization_id: str) -> Organization | None:
        """Return a copy of an organization, as of what was folded."""
        return self._organizations.get(organization_id)

    def tally(self, profile_id: int, key: str) -> Any:
        """Return a copy of the state of a tally in a row of its own, as of what was folded."""
        return self._rows.get(profile_id, key)

    def has_seen(self, message_hashes: Iterable[int]) -> set[int]:
        """Return those of the hashed message ids that were folded, here or before."""
        asked = set(message_hashes)
        here = {mark for mark in asked if mark in self._marks or mark in self._marks_of_rows}
        return here | self._look.has_seen(asked - here) if here != asked else here

    def result(self, upto: int) -> FoldResult:
        """Return all that changed, with the rows for the events store."""
        people = self._people
        rows: dict[
            str, list[EventRow] | list[ProfileRow] | list[SessionRow] | list[MergeRow] | list[OrganizationRow]
        ] = {
            EVENTS: self._events,
            PROFILES: people.rows,
            SESSIONS: people.session_rows,
            MERGES: list(people.merges.values()),
            ORGANIZATIONS: self._organizations.rows,
        }
        return FoldResult(
            upto=upto,
            profiles=people.changed,
            identities=dict(people.identities),
            gone=people.gone,
            rows={table: [line(row) for row in each] for table, each in rows.items() if each},
            properties=dict(self._properties),
            seen=[(day, mark) for mark, day in self._marks.items()],
            organizations=self._organizations.changed,
            merged={each.loser: each.survivor for each in people.merges.values()},
            tallies=self._rows.changed,
            kept=dict(people.kept),
            laid=self._laid,
        )

    def _count(self, profile: Profile, event: Event) -> None:
        brought = [key for key in self._tallies.concerned(event.name) if key in profile.away] if profile.away else []
        self._rows.bring(profile, brought)
        grown = self._tallies.step(profile.tallies, event)
        if grown or brought:
            self._rows.place(profile, {*grown, *brought})

    def _listable(self, event: Event) -> bool:
        """Return whether there is someone to put on a list or to take off it: to be taken off makes nobody."""
        known = (event.user_id and self.find("user", event.user_id)) or (
            event.anonymous_id and self.find("anonymous", event.anonymous_id)
        )
        return bool(known) or any(event.lists.values())

    def _belongs(self, event: Event, profile: Profile, stamp: tuple[int, int]) -> bool:
        """Take in consent, organizations and static lists; return whether the profile's row changed."""
        changed = False
        if event.consent:
            changed = consent.write(profile, event.consent, stamp)
        if event.group_id:
            self._organizations.take(event, stamp)
            self._register("organization", event.properties)
            changed = membership.write(profile, event.group_id, event.active, stamp) or changed
        if event.lists:
            changed = static_list.write(profile, event.lists, stamp) or changed
        return changed

    def _visit(self, seq: int, event: Event, profile: Profile, mark: int) -> int:
        """Return the id of the visit that an event belongs to, 0 for none."""
        session, context = profile.session, event.context
        if not (event.name or event.type == "visit" or "t_url" in context or "t_path" in context):
            # A message from a server that is no event (a nightly identify) is nobody's visit.
            here = session is not None and session.start <= event.time <= session.last + IDLE
            return session.id if session is not None and here else 0
        if event.time > event.received:
            # Imported ahead of its time: it must not look like a visit once that time has come.
            return mark
        before = signed_in(session)
        profile.session, own = advance(session, event, mark, self._zone)
        if own is profile.session:
            note_sign_in(profile, event, before)
        elif profile.behind:
            self._people.aside(profile, own)
        self._people.visited(profile.id, own, seq)
        return own.id

    def _register(self, scope: str, values: Mapping[str, Any]) -> None:
        known = self._known[scope]
        if values.keys() <= known:
            return
        for key in values:
            if key in known:
                continue
            known.add(key)
            named, kind = _property(scope, key)
            if named is None or named in self._registered or named in self._properties:
                continue
            if len(self._registered) + len(self._properties) < MAX_PROPERTIES:
                self._properties[named] = kind


def register(event: Event, types: dict[tuple[str, str], str]) -> None:
    """Add the properties that an event shows for the first time, with the type of their first value; a bot's none."""
    if event.context and event.bot:
        return
    scope_of_properties = "organization" if event.group_id else "event" if event.name else ""
    parts = (("user", event.traits), ("session", event.session), (scope_of_properties, event.properties))
    for scope, values in parts:
        if scope and values:
            register_keys(scope, values, types)


def register_keys(scope: str, keys: Iterable[str], types: dict[tuple[str, str], str]) -> None:
    """Add the properties of some stored keys that are not known yet, as many as a site may have."""
    for key in keys:
        named, kind = _property(scope, key)
        if named is not None and named not in types and len(types) < MAX_PROPERTIES:
            types[named] = kind


class Registering:
    """Registers the properties of many events: most show what the ones before have shown."""

    def __init__(self, types: dict[tuple[str, str], str]) -> None:
        self._types = types
        self._shown: set[str] = set()

    def add(self, event: Event) -> None:
        """Do what `register` does."""
        if event.properties.keys() <= self._shown and not (event.traits or event.session or event.group_id):
            return
        register(event, self._types)
        if event.name and not event.group_id and not event.bot:
            self._shown |= event.properties.keys()


@lru_cache(maxsize=1 << 14)
def _property(scope: str, key: str) -> tuple[tuple[str, str] | None, Type]:
    """Return the property that a stored key belongs to (None for one that needs no registration), and its type."""
    name, kind = split(key)
    return None if is_free(scope, name) else (scope, name), kind


def _impression(profile: Profile, event: Event) -> None:
    item = event.properties.get("t_item")
    if isinstance(item, str) and item:
        add_shown(profile, item, Shown(1, [event.time]))
