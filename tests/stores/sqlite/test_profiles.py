"""The profile store: what is committed comes back, batches stay as they were cut, and doubles are known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lenticular.errors import StoreError
from lenticular.ports import Batch
from lenticular.profiles.fold import FoldResult
from lenticular.profiles.organization import Organization
from lenticular.profiles.profile import Membership, Profile, Session, Shown
from lenticular.stores.sqlite.profiles import SqliteProfiles

RICH = Profile(
    id=7,
    first_seen=-5,
    version=3,
    user_id="ü",
    anonymous_ids=["a"],
    traits={"n_x": 1.0, "d_y": 1, "l_z": ["q"]},
    stamps={"x": (5, 2**62)},
    session=Session(2**64 - 1, 1, 2, 3, {"t_landing_path": "/"}),
    tallies={"k": [[1, 2], [3.5]]},
    away={"far": "row", "farther": "log"},
    generation=3,
    shown={"ad": Shown(2, [1, 2])},
    merged=[3],
    organizations=["acme"],
    memberships={"acme": Membership((1, 2), (3, 4), True), "left": Membership(None, (5, 6), False)},
    withheld=1,
    consents={"analytics": (7, 2**62, True)},
    lists=["vip"],
    listed={"vip": (8, 9, True)},
    interests={"travel": {20_000: 2, -1: 1}},
    views_from=-300,
)
ACME = Organization("acme", {"t_id": "acme", "o_seats": [{"x": 1.0}]}, {"seats": (5, 2**62)}, 4)


def result(upto: int, **changes: Any) -> FoldResult:
    empty: dict[str, Any] = {
        "profiles": [],
        "identities": {},
        "gone": [],
        "rows": {},
        "properties": {},
        "seen": [],
        "organizations": [],
    }
    return FoldResult(upto=upto, **{**empty, **changes})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteProfiles]:
    store = SqliteProfiles(tmp_path)
    yield store
    store.close()


def test_a_new_store_is_empty(store: SqliteProfiles) -> None:
    assert (store.folded(), store.next_id(), store.waiting()) == (0, 1, 0)
    assert (store.find("user", "u"), store.get(1), store.properties()) == (None, None, {})
    assert (list(store.everyone()), store.cut(10), store.has_seen([1, 2])) == ([], [], set())


def test_what_is_committed_comes_back_also_after_reopening(tmp_path: Path) -> None:
    store = SqliteProfiles(tmp_path)
    store.commit(
        result(
            9,
            profiles=[RICH],
            identities={("user", "ü"): 7, ("anonymous", "a"): 7},
            properties={("user", "x"): "number"},
            seen=[(20000, 2**64 - 1), (20000, 5)],
            rows={"events": [b"{}", b"{}"]},
            organizations=[ACME],
        )
    )
    for _ in range(2):
        assert store.get(7) == RICH
        assert store.get(7) is not store.get(7)
        assert store.organization("acme") == store.ahead([], []).organization("acme") == ACME
        assert store.organization("acme") is not store.organization("acme")
        assert store.organization("bolt") is None
        assert (store.find("user", "ü"), store.find("anonymous", "a"), store.find("anonymous", "ü")) == (7, 7, None)
        assert (store.folded(), store.next_id(), store.waiting()) == (9, 8, 2)
        assert store.properties() == {("user", "x"): "number"}
        assert store.has_seen([2**64 - 1, 5, 6]) == {2**64 - 1, 5}
        assert store.has_seen([2**64 - 1]) == {2**64 - 1}
        assert store.has_seen([]) == set()
        store.close()
        store = SqliteProfiles(tmp_path)
    store.close()


def test_what_is_read_ahead_is_what_is_looked_up(store: SqliteProfiles) -> None:
    names = ["plain", "ü \U0001f600", '"quoted\\', "plain2", "nobody"]
    profiles = [Profile(at, at, traits={"t_x": "é\0"}) for at in range(1, 5)]
    owners = {("anonymous", name): at for at, name in enumerate(names[:4], 1)} | {("user", "plain"): 2}
    store.commit(result(9, profiles=profiles, identities=owners, seen=[(20_000, 2**63 + 1), (20_001, 3), (20_001, 4)]))
    asked = [("anonymous", name) for name in names[1:]]
    ahead = store.ahead(asked, [2**63 + 1, 3, 7])
    for kind, name in [*asked, ("user", "plain"), ("anonymous", "plain"), ("user", "nobody")]:
        assert ahead.find(kind, name) == store.find(kind, name)
    for at in range(6):
        assert ahead.get(at) == store.get(at)
    assert ahead.get(2) is not ahead.get(2)
    assert ahead.has_seen([2**63 + 1, 7]) == {2**63 + 1}
    assert ahead.has_seen([3, 4, 5]) == {3, 4}
    assert ahead.next_id() == 5
    assert store.ahead([], []).get(1) == profiles[0]


@pytest.mark.parametrize("count", [1, 3, 4, 35, 300, 1000])
def test_any_number_of_rows_is_written(store: SqliteProfiles, count: int) -> None:
    seen = [(20_000 + at % 2, at * 7919) for at in range(count)]
    store.commit(result(1, profiles=[Profile(at + 1, at) for at in range(count)], seen=seen))
    assert [profile.first_seen for profile in store.everyone()] == list(range(count))
    assert store.has_seen(mark for _, mark in seen) == {mark for _, mark in seen}


def test_merged_profiles_are_gone_and_their_ids_are_not_given_again(store: SqliteProfiles) -> None:
    store.commit(result(1, profiles=[Profile(1, 0), Profile(2, 0)], identities={("anonymous", "a"): 2}))
    store.commit(result(2, profiles=[Profile(1, 0, 5)], identities={("anonymous", "a"): 1}, gone=[2, 3]))
    assert (store.get(2), store.find("anonymous", "a"), store.next_id()) == (None, 1, 4)
    assert [profile.version for profile in store.everyone()] == [5]


def test_a_propertys_first_type_stays(store: SqliteProfiles) -> None:
    store.commit(result(1, properties={("event", "x"): "text"}))
    store.commit(result(2, properties={("event", "x"): "number", ("event", "y"): "date"}))
    assert store.properties() == {("event", "x"): "text", ("event", "y"): "date"}


def test_batches_stay_as_they_were_cut_until_they_are_done(tmp_path: Path) -> None:
    store = SqliteProfiles(tmp_path)
    store.commit(result(3, rows={"events": [b"e1", b"e2", b"e3"], "profiles": [b"p1"]}))
    store.commit(result(5, rows={"events": [b"e4", b"e5"]}))
    store.commit(result(6, rows={"events": [b"e6"]}))
    first = store.cut(5)
    assert first == [
        Batch("events", 1, 5, 5, b"e1\ne2\ne3\ne4\ne5"),
        Batch("profiles", 1, 3, 1, b"p1"),
    ]
    assert [batch.token for batch in first] == ["events:1-5", "profiles:1-3"]
    store.commit(result(8, rows={"events": [b"e7"], "profiles": [b"p2"]}))
    store.close()
    store = SqliteProfiles(tmp_path)
    assert store.cut(100) == first
    store.done(first[1])
    assert store.cut(100) == [first[0], Batch("profiles", 7, 8, 1, b"p2")]
    store.done(first[0])
    assert store.waiting() == 3
    assert store.cut(1)[0] == Batch("events", 6, 6, 1, b"e6")
    for batch in store.cut(1):
        store.done(batch)
        store.done(batch)
    assert store.waiting() == 1
    assert store.cut(1) == [Batch("events", 7, 8, 1, b"e7")]
    store.close()


def test_a_slice_larger_than_a_batch_goes_whole(store: SqliteProfiles) -> None:
    store.commit(result(3, rows={"events": [b"1", b"2", b"3"]}))
    assert store.cut(2)[0].rows == 3


def test_what_was_seen_is_known_for_thirty_days(store: SqliteProfiles) -> None:
    store.commit(result(1, seen=[(day, day) for day in range(20_000, 20_031)]))
    assert store.has_seen([20_000, 20_030, 1]) == {20_000, 20_030}
    store.commit(result(2, seen=[(20_031, 20_031)]))
    assert store.has_seen(range(20_000, 20_032)) == set(range(20_001, 20_032))


def test_everyone_comes_page_by_page(store: SqliteProfiles) -> None:
    store.commit(result(1, profiles=[Profile(each, 0) for each in range(1, 1200)]))
    seen = []
    for profile in store.everyone():
        seen.append(profile.id)
        if profile.id == 600:
            store.commit(result(2, profiles=[Profile(1, 99)]))
    assert seen == list(range(1, 1200))


def test_what_waits_longest_is_known(store: SqliteProfiles) -> None:
    assert store.unsent() is None
    store.commit(result(3, rows={"events": [b"e1"]}))
    store.commit(result(5, rows={"events": [b"e4"], "profiles": [b"p4"]}))
    assert store.unsent() == 1
    for batch in store.cut(1):
        store.done(batch)
    assert store.unsent() == 4
    for batch in store.cut(1):
        store.done(batch)
    assert store.unsent() is None


def test_refused_rows_are_kept_once(store: SqliteProfiles) -> None:
    row = Batch("events", 1, 5, 1, b"{bad", "/3-3")
    store.quarantine(row, "no such column")
    store.quarantine(row, "no such column")
    assert store.quarantined() == [("events", b"{bad", "no such column")]


def test_a_failed_commit_changes_nothing(store: SqliteProfiles) -> None:
    store.commit(result(1, profiles=[Profile(1, 0)], seen=[(20_000, 1)]))
    store._database._writer.execute("PRAGMA query_only=1")
    with pytest.raises(StoreError):
        store.commit(result(2, profiles=[Profile(2, 0)], seen=[(20_001, 2)], rows={"events": [b"x"]}))
    store._database._writer.execute("PRAGMA query_only=0")
    assert (store.folded(), store.next_id(), store.waiting(), store.has_seen([1, 2])) == (1, 2, 0, {1})
    store.commit(result(2, profiles=[Profile(2, 0)], seen=[(20_001, 2)]))
    assert store.has_seen([1, 2]) == {1, 2}
