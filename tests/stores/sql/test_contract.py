"""What every store of the catalog does."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from lenticular.catalog.segment import Segment
from lenticular.catalog.stored import Publication, Search
from lenticular.errors import ConflictError, LenticularError, StoreError
from lenticular.stores.sql.catalog import SqlCatalogs
from lenticular.stores.sql.drafts import KEPT
from tests.stores.sql.kept import EVE, begin, change, draft, nothing, publishing


def found(catalogs: SqlCatalogs, **wanted: Any) -> list[str]:
    return [one.key for one in catalogs.definitions("shop", Search(**wanted))]


def codes(error: pytest.ExceptionInfo[ConflictError]) -> list[str]:
    return [problem.code for problem in error.value.problems]


def test_what_is_published_is_live(catalogs: SqlCatalogs) -> None:
    assert catalogs.sites() == [] and catalogs.live("shop") is None
    first = begin(catalogs, change("s1", "students", rule="user.age < 26", tags=["young"]))
    assert catalogs.sites() == ["shop"]
    live = catalogs.live("shop")
    assert live is not None
    assert (live.publication, live.at, sorted(live.tallies)) == (first.id, 1, ["t1", "t2"])
    assert live.catalog.segments == {"students": Segment("students", "user.age < 26", tags=("young",))}
    assert live.catalog.site.timezone == "Europe/Madrid"
    assert live.revisions == {("site", "shop"): ("site-shop", 1), ("segments", "students"): ("s1", 1)}
    second = catalogs.publish("shop", publishing(change("s1", "students", 1, "deleted")), nothing)
    live = catalogs.live("shop")
    assert live is not None and live.publication == second.id > first.id and not live.catalog.segments


def test_sites_are_apart(catalogs: SqlCatalogs) -> None:
    begin(catalogs, change("s1", "students"))
    begin(catalogs, change("s2", "students"), site="bank")
    assert catalogs.sites() == ["bank", "shop"]
    here, there = catalogs.find("shop", "segments", "students"), catalogs.find("bank", "segments", "students")
    assert here is not None and there is not None and (here.id, there.id) == ("s1", "s2")
    assert catalogs.find("shop", "segments", "s2") is None
    [other] = catalogs.publications("bank", None, 10)
    assert catalogs.publication("shop", other.id) is None


def test_history_is_kept(catalogs: SqlCatalogs) -> None:
    begin(catalogs, change("s1", "students"))
    last = catalogs.publish(
        "shop", publishing(change("s1", "pupils", 1, name="Pupils"), at=20, note="n", undoes=1), nothing
    )
    newest, oldest = catalogs.revisions("s1", None, 10)
    assert (newest.number, newest.key, newest.kind, newest.at) == (2, "pupils", "segments", 20)
    assert (newest.author, newest.sentences, newest.publication) == (EVE, {"en": "pupils."}, last.id)
    assert catalogs.revisions("s1", 2, 10) == [oldest] and catalogs.revision("s1", 1) == oldest
    assert catalogs.revision("s1", 3) is None
    assert catalogs.brought(last.id) == [newest]
    assert catalogs.publications("shop", None, 1) == [last] == [catalogs.publication("shop", last.id)]
    assert (last.note, last.undoes, last.author, last.state) == ("n", 1, EVE, "done")
    assert [one.id for one in catalogs.publications("shop", last.id, 9)] == [last.id - 1]


def test_a_site_as_it_was(catalogs: SqlCatalogs) -> None:
    first = begin(catalogs, change("s1", "a"))
    begin(catalogs, change("other", "a"), site="bank")
    second = catalogs.publish("shop", publishing(change("s1", "b", 1), change("s2", "c"), at=20), nothing)
    deleted = change("s2", "c", 1, "deleted")
    given = Publication(0, "shop", 5, EVE, "", "publish", "planned", due=9, changes=(deleted,))
    planned = catalogs.plan(given)
    catalogs.publish("shop", publishing(change("s3", "d"), at=30), nothing)
    third = catalogs.publish("shop", publishing(deleted, at=10, planned=planned.id), nothing)  # the clock went back

    def was(identity: int) -> list[tuple[str, int, str]]:
        found = catalogs.as_of("shop", identity)
        return [(one.definition, one.number, one.state) for one in found if one.kind == "segments"]

    assert was(first.id) == [("s1", 1, "live")]
    assert was(second.id) == [("s1", 2, "live"), ("s2", 1, "live")]
    assert was(third.id) == [("s1", 2, "live"), ("s2", 2, "deleted"), ("s3", 1, "live")]
    assert catalogs.publications("shop", None, 1) == [third]


def test_definitions_are_found(catalogs: SqlCatalogs) -> None:
    begin(
        catalogs,
        change("s1", "students", name="Young people", tags=["a", "b"]),
        change("s2", "rich", rule="user.balance >= 100_000", description="50% of them"),
        change("s3", "old", state="archived"),
    )
    assert found(catalogs) == ["old", "rich", "students", "shop"]
    assert found(catalogs, kind="segments", limit=1) == ["old"]
    assert found(catalogs, kind="segments", after=("segments", "old")) == ["rich", "students"]
    assert found(catalogs, tag="b") == ["students"]
    assert found(catalogs, state="archived") == ["old"]
    assert found(catalogs, words=("YOUNG", "peop")) == ["students"]
    assert found(catalogs, words=("balance",)) == ["rich"] and found(catalogs, words=("50%",)) == ["rich"]
    assert found(catalogs, words=("5_%",)) == [] == found(catalogs, words=("nobody",))
    assert found(catalogs, drafts=True) == []
    [one] = catalogs.definitions("shop", Search(tag="a"))
    assert (one.id, one.tags, one.name, one.state) == ("s1", ("a", "b"), "Young people", "live")
    assert (one.revision, one.draft, one.author, one.at) == (1, 0, EVE, 1)


def test_a_draft_has_versions(catalogs: SqlCatalogs) -> None:
    begin(catalogs)
    first = catalogs.save("shop", draft("d1", "new"), 0)
    assert (first.version, first.kind) == (1, "segments")
    assert catalogs.draft("d1") == first and catalogs.drafts("shop") == [first]
    assert found(catalogs, drafts=True) == ["new"] == found(catalogs, state="new")
    with pytest.raises(ConflictError) as error:
        catalogs.save("shop", draft("d1", "new"), 0)
    assert codes(error) == ["draft.changed"]
    second = catalogs.save("shop", draft("d1", "newer", tags=["x"]), 1)
    assert second.version == 2 and catalogs.draft("d1", 1) == first and catalogs.draft("d1", 9) is None
    assert found(catalogs, tag="x") == ["newer"]
    assert catalogs.live("shop") == catalogs.live("shop") and not catalogs.revisions("d1", None, 9)
    with pytest.raises(ConflictError):
        catalogs.discard("d1", 1)
    catalogs.discard("d1", 2)
    assert catalogs.find("shop", "segments", "newer") is None and catalogs.drafts("shop") == []
    with pytest.raises(ConflictError):
        catalogs.discard("d1", 2)


def test_versions_of_a_draft_go_on_counting_and_old_ones_go(catalogs: SqlCatalogs) -> None:
    begin(catalogs, change("s1", "students"))
    for version in range(KEPT + 3):
        catalogs.save("shop", draft("s1", "students", 1), version)
    assert catalogs.draft("s1", 3) is None and catalogs.draft("s1", 4) is not None
    catalogs.discard("s1", KEPT + 3)
    assert catalogs.draft("s1") is None and catalogs.draft("s1", KEPT + 3) is not None
    assert catalogs.save("shop", draft("s1", "students", 1), 0).version == KEPT + 4


def test_a_key_belongs_to_one(catalogs: SqlCatalogs) -> None:
    begin(catalogs, change("s1", "a"), change("s2", "b"), change("s3", "c", state="archived"))
    for key in "abc":
        with pytest.raises(ConflictError) as error:
            catalogs.save("shop", draft("d", key), 0)
        assert codes(error) == ["catalog.taken"]
    catalogs.save("shop", draft("d", "d"), 0)
    with pytest.raises(ConflictError):
        catalogs.save("shop", draft("d", "a"), 1)
    with pytest.raises(ConflictError) as error:
        catalogs.publish("shop", publishing(change("s1", "b", 1), change("s9", "c")), nothing)
    assert codes(error) == ["catalog.taken", "catalog.taken"]
    catalogs.publish("shop", publishing(change("s1", "b", 1), change("s2", "a", 1)), nothing)
    live = catalogs.live("shop")
    assert live is not None and live.revisions["segments", "a"] == ("s2", 2)
    catalogs.publish("shop", publishing(change("s1", "b", 2, "deleted")), nothing)
    catalogs.publish("shop", publishing(change("s7", "b")), nothing)
    again = catalogs.find("shop", "segments", "b")
    gone = catalogs.find("shop", "segments", "s1")
    assert again is not None and again.id == "s7" and gone is not None and gone.state == "deleted"


def test_publishing_ends_drafts(catalogs: SqlCatalogs) -> None:
    begin(catalogs, change("s1", "a"))
    saved = catalogs.save("shop", draft("s1", "a", 1), 0)
    new = catalogs.save("shop", draft("d", "d"), 0)
    with pytest.raises(ConflictError) as error:
        catalogs.publish("shop", publishing(change("s1", "a", 1), drafts=(("s1", 7),)), nothing)
    assert codes(error) == ["draft.changed"]
    catalogs.publish("shop", publishing(change("s1", "a", 1), drafts=(("s1", saved.version),)), nothing)
    assert catalogs.drafts("shop") == [new]
    catalogs.publish("shop", publishing(change("d", "d"), drafts=(("d", new.version),)), nothing)
    assert catalogs.drafts("shop") == []


def test_one_of_two_publications_at_the_same_moment_wins(catalogs: SqlCatalogs) -> None:
    begin(catalogs, change("s1", "a"), change("s2", "b"))
    together, told, won = threading.Barrier(2), [], list[Publication]()

    def run(name: str) -> None:
        together.wait(30)
        try:
            own = publishing(change("s1", "a", 1, name=name), change("s2", "b", 1, name=name))
            won.append(catalogs.publish("shop", own, nothing))
        except ConflictError as error:
            told.append([problem.code for problem in error.problems])

    threads = [threading.Thread(target=run, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(won) == 1 and told == [["catalog.changed", "catalog.changed"]]
    live = catalogs.live("shop")
    assert live is not None and live.publication == won[0].id
    assert live.catalog.segments["a"].name == live.catalog.segments["b"].name != ""


def test_what_was_checked_beside_something_else_is_not_published(catalogs: SqlCatalogs) -> None:
    first = begin(catalogs, change("s1", "a"))
    second = catalogs.publish("shop", publishing(change("s2", "b"), expected=first.id), nothing)
    with pytest.raises(ConflictError) as error:
        catalogs.publish("shop", publishing(change("s3", "c"), expected=first.id), nothing)
    assert codes(error) == ["catalog.changed"] and catalogs.find("shop", "segments", "c") is None
    catalogs.publish("shop", publishing(change("s3", "c"), expected=second.id), nothing)


def test_what_is_planned_comes_about_once(catalogs: SqlCatalogs) -> None:
    begin(catalogs, change("s1", "a"))
    given = Publication(0, "shop", 5, EVE, "later", "publish", "planned", due=100, changes=(change("s1", "a", 1),))
    planned = catalogs.plan(given)
    assert catalogs.due(99) == [] and catalogs.due(100) == [planned]
    assert catalogs.publications("shop", None, 9, "planned") == [planned]
    done = catalogs.publish("shop", publishing(*planned.changes, at=101, planned=planned.id), nothing)
    assert (done.id, done.state, done.at, done.due, done.note) == (planned.id, "done", 101, 100, "later")
    live = catalogs.live("shop")
    assert catalogs.due(200) == [] and live is not None and live.publication == done.id
    assert not catalogs.settle(planned.id, "failed", "late")
    with pytest.raises(ConflictError) as error:
        catalogs.publish("shop", publishing(change("s1", "a", 2), planned=planned.id), nothing)
    assert codes(error) == ["publication.settled"]
    other = catalogs.plan(given)
    assert catalogs.settle(other.id, "failed", "too bad") and not catalogs.settle(other.id, "cancelled", "")
    ended = catalogs.publication("shop", other.id)
    assert ended is not None and (ended.state, ended.reason) == ("failed", "too bad")


@pytest.mark.parametrize("number", [-1, 2**31, 2**63, 10**400])
def test_numbers_that_are_none_of_ours_find_nothing(catalogs: SqlCatalogs, number: int) -> None:
    begin(catalogs, change("s1", "students"))
    for ask in (
        lambda: catalogs.publication("shop", number),
        lambda: catalogs.revision("s1", number),
        lambda: catalogs.draft("s1", number),
    ):
        try:
            assert ask() is None
        except StoreError:
            raise
        except LenticularError as error:
            assert [one.code for one in error.problems] == ["catalog.value"]


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "x" * 100_000, "%", "'; DROP TABLE sites; --"])
def test_texts_that_are_none_of_ours_find_nothing(catalogs: SqlCatalogs, text: str) -> None:
    begin(catalogs, change("s1", "students"))
    try:
        assert catalogs.find("shop", "segments", text) is None
        assert catalogs.live(text) is None
    except StoreError:
        raise
    except LenticularError as error:
        assert [one.code for one in error.problems] == ["catalog.value"]
    assert catalogs.sites() == ["shop"]
