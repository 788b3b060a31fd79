"""Small worlds to fold: look-ups in plain dicts, events by hand and by Hypothesis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from hypothesis import strategies as st

from lenticular.criteria.calendar import calendar_of
from lenticular.criteria.tally.limits import Limits
from lenticular.ids import hasher
from lenticular.profiles.event import Event
from lenticular.profiles.fold import Fold, FoldResult
from lenticular.profiles.kept import Kept
from lenticular.profiles.merge import NoTallies, Tallies
from lenticular.profiles.organization import Organization
from lenticular.profiles.profile import Profile

NOON = 1_769_860_800_000  # 2026-01-31T12:00Z
MINUTE = 60_000
MADRID = calendar_of("Europe/Madrid")


class Sums(NoTallies):
    """A tally plan for tests: events per name, so that a merge that loses or doubles one shows."""

    def concerned(self, event: str) -> Sequence[str]:
        return [event]

    def step(self, states: dict[str, Any], event: Event) -> Sequence[str]:
        states[event.name] = states.get(event.name, 0) + 1
        return ()

    def merge(self, into: dict[str, Any], other: dict[str, Any]) -> None:
        for name, count in other.items():
            into[name] = into.get(name, 0) + count


class World:
    """What has been folded so far, committed slice by slice."""

    def __init__(self, tallies: Tallies | None = None) -> None:
        self.profiles: dict[int, bytes] = {}
        self.organizations: dict[str, bytes] = {}
        self.rows_of_tallies: dict[tuple[int, str], bytes] = {}
        self.identities: dict[tuple[str, str], int] = {}
        self.properties: dict[tuple[str, str], str] = {}
        self.merges: dict[int, bytes] = {}
        self.seen: set[int] = set()
        self.next = 1
        self.seq = 0
        self.results: list[FoldResult] = []
        self.outcomes: list[str] = []
        self.ignored: list[tuple[int, str]] = []
        self.tallies = tallies or Sums()

    def find(self, kind: str, value: str) -> int | None:
        return self.identities.get((kind, value))

    def get(self, profile_id: int) -> Profile | None:
        found = self.profiles.get(profile_id)
        return None if found is None else msgspec.msgpack.decode(found, type=Profile)

    def organization(self, organization_id: str) -> Organization | None:
        found = self.organizations.get(organization_id)
        return None if found is None else msgspec.msgpack.decode(found, type=Organization)

    def tally(self, profile_id: int, key: str) -> Any:
        found = self.rows_of_tallies.get((profile_id, key))
        return None if found is None else msgspec.msgpack.decode(found)

    def next_id(self) -> int:
        return self.next

    def kept(self, profile_id: int) -> Kept | None:
        found = self.merges.get(profile_id)
        return None if found is None else msgspec.msgpack.decode(found, type=Kept)

    mark = staticmethod(hasher(b"the key of the tests"))

    def has_seen(self, message_hashes: Iterable[int]) -> set[int]:
        return self.seen & set(message_hashes)

    def fold(self, *events: Event) -> World:
        """Fold events as one slice and commit it."""
        fold = Fold(self, MADRID, self.properties, self.tallies)
        for event in events:
            self.seq += 1
            self.outcomes.append(fold.apply(self.seq, event))
        self.ignored += fold.ignored
        self.commit(fold.result(self.seq))
        return self

    def commit(self, result: FoldResult) -> None:
        for profile in result.profiles:
            self.profiles[profile.id] = msgspec.msgpack.encode(profile)
        for organization in result.organizations:
            self.organizations[organization.id] = msgspec.msgpack.encode(organization)
        for gone in result.gone:
            self.profiles.pop(gone, None)
        for at, state in result.tallies.items():
            self.rows_of_tallies.pop(at, None)
            if state is not None:
                self.rows_of_tallies[at] = msgspec.msgpack.encode(state)
        for went, kept in result.kept.items():
            self.merges.pop(went, None)
            if kept is not None:
                self.merges[went] = msgspec.msgpack.encode(kept)
        self.identities.update(result.identities)
        self.properties.update(result.properties)
        self.seen.update(mark for _, mark in result.seen)
        self.seen.update(mark for laid in result.laid for mark in laid.folded_marks())
        self.next = max([self.next, *(each + 1 for each in (*result.gone, *(p.id for p in result.profiles)))])
        self.results.append(result)

    def of(self, anonymous_id: str = "", user_id: str = "") -> Profile:
        found = Fold(self, MADRID, {}, self.tallies).profile_of(anonymous_id, user_id)
        assert found is not None
        return found

    def owner_of(self, profile_id: int) -> int:
        """Return whose the events are that came in for a profile, as the events store has it."""
        rows = [row for row in self.rows("merges") if row["loser"] == profile_id]
        return int(max(rows, key=lambda row: row["version"])["survivor"]) if rows else profile_id

    def rows(self, table: str) -> list[dict[str, Any]]:
        return [msgspec.json.decode(row) for result in self.results for row in result.rows.get(table, [])]


def event(message_id: str, at: float = 0, **fields: Any) -> Event:
    """Return a track event `at` minutes after noon (UTC), received then unless told."""
    time = NOON + round(at * MINUTE)
    given: dict[str, Any] = {"type": "track", "name": "Seen", "received": time, **fields}
    return Event(message_id=message_id, time=time, **given)


def identify(message_id: str, at: float = 0, **fields: Any) -> Event:
    return event(message_id, at, type="identify", name="", **fields)


_ids = st.sampled_from(["a1", "a2", "a3", ""])
_users = st.sampled_from(["u1", "u2", "", ""])
_traits = st.dictionaries(st.sampled_from(["n_x", "t_x", "t_y"]), st.sampled_from([1.0, 2.0]), max_size=2)


class Counting(Sums):
    """The same of a plan that a site counts by: what is given up is the log's."""

    generation = 1
    began: Mapping[str, int] = {"Seen": 1}
    limits: Limits | None = Limits(1 << 20, 1 << 20, 1 << 20)

    def concerned(self, event: str) -> Sequence[str]:
        return [event] if event in self.began else []

    def size(self, key: str, state: Any) -> int:
        return 1


@st.composite
def histories(draw: st.DrawFn, unmerges: bool = False) -> Sequence[Event]:
    """Events of three devices and two users, in an order of arrival that need not be the order of time."""
    events = []
    kinds = ["track", "track", "identify", "alias", "visit", "group", "member", *(["unmerge"] * 3 if unmerges else [])]
    for at in range(draw(st.integers(1, 12))):
        anonymous_id, user_id = draw(_ids), draw(_users)
        if not anonymous_id and not user_id:
            anonymous_id = "a1"
        kind = draw(st.sampled_from(kinds))
        events.append(
            event(
                f"m{draw(st.integers(0, 20)) if draw(st.booleans()) else at}",
                draw(st.sampled_from([0, 0, 5, 20, 45, 90, 720, 721, 2000])),
                type=kind,
                name="Seen" if kind == "track" else "",
                anonymous_id=anonymous_id,
                user_id=user_id,
                traits=draw(_traits),
                removed=tuple(draw(st.sampled_from([[], [], ["x"]]))),
                previous_id=draw(st.sampled_from(["a1", "a2", "u1", "u2"])) if kind == "alias" else "",
                trusted=draw(st.booleans()),
                received=NOON + 5000 * MINUTE,
                consent=draw(st.sampled_from([{}, {}, {"analytics": False}, {"analytics": True}])),
                properties=draw(st.sampled_from([{}, {"l_topics": ["art"]}])) if kind == "track" else {},
                group_id=draw(st.sampled_from(["acme", "bolt"])) if kind == "group" else "",
                active=kind != "group" or draw(st.booleans()),
                lists={"vip": draw(st.booleans())} if kind == "member" else {},
            )
        )
    return events


_days = st.sampled_from([0, 0, 1, 200, 299, 300, 301])


@st.composite
def belonging(draw: st.DrawFn, user_id: str) -> Event:
    """Something said of organizations, consent, static lists or interests; its message id is for the caller to give."""
    received = NOON + draw(_days) * 1440 * MINUTE
    kind = draw(st.sampled_from(["group", "member", "consent", "view"]))
    fields: dict[str, Any] = {}
    if kind == "group":
        fields["group_id"] = draw(st.sampled_from(["acme", "bolt", "core"]))
        fields["active"] = draw(st.booleans())
        fields["properties"] = draw(_traits)
        fields["group_removed"] = tuple(draw(st.sampled_from([[], [], ["x"]])))
    elif kind == "member":
        fields["lists"] = draw(st.dictionaries(st.sampled_from(["vip", "beta"]), st.booleans(), min_size=1))
    elif kind == "consent":
        purposes = st.sampled_from(["analytics", "personalization"])
        fields["consent"] = draw(st.dictionaries(purposes, st.booleans()))
    else:
        fields["properties"] = {"l_topics": draw(st.lists(st.sampled_from(["art", "cars"]), max_size=3))}
    return event(
        "",
        draw(st.sampled_from([0, 0, 5, 20, 45])) - draw(_days) * 1440,
        type={"consent": "identify", "view": "track"}.get(kind, kind),
        name="Seen" if kind == "view" else "",
        user_id=user_id,
        received=received,
        **fields,
    )
