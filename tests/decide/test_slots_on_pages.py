"""Slots that a page shows: decided with it, in their place, once."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lenticular.decide.decide import decide
from lenticular.decide.decision import Outcome
from lenticular.decide.explanation import Explanation
from lenticular.decide.remembering import Decider
from lenticular.decide.request import Request, Visitor
from lenticular.decide.snapshot import Snapshot, compile_snapshot
from tests.decide.world import catalog_of

NOW = 1_795_462_320_000


def slot(key: str, position: str, **more: Any) -> dict[str, Any]:
    return {"kind": "slot", "position": position, "settings": {"slot": key}, **more}


PARTS: dict[str, Any] = {
    "segments": {"s": {"rule": "True"}, "t": {"rule": "True"}},
    "content": {key: {"type": "ad", "cap": {"limit": 1, "per": "day"}} for key in "abc"},
    "collections": {"all": {"items": ["a", "b", "c"], "limit": 1}},
    "pages": {
        "home": {
            "path": "/",
            "blocks": {
                "first": {"kind": "offer", "position": "a", "collection": "all"},
                "promo": slot("promo", "b"),
                "last": {"kind": "offer", "position": "c", "collection": "all"},
            },
            "experiences": [{"key": "other", "segment": "t", "overrides": {"promo": {"settings": {"slot": "aside"}}}}],
        },
        "odd": {"path": "/odd", "blocks": {"g": slot("gone", "a"), "h": slot("promo", "b", hidden=True)}},
        "twice": {"path": "/twice", "blocks": {"one": slot("promo", "a"), "two": slot("promo", "b")}},
    },
    "slots": {
        "promo": {
            "block": {"kind": "offer", "collection": "all"},
            "experiences": [{"key": "e", "segment": "s", "overrides": {"settings": {"title": "Hi"}}}],
        },
        "aside": {"block": {"kind": "banner"}},
    },
}


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return compile_snapshot(catalog_of(**PARTS), frozenset())


def shown(snapshot: Snapshot, *matching: str, page: str | None = "/", slots: tuple[str, ...] = ()) -> Outcome:
    return decide(snapshot, Request(page, slots, True), frozenset(matching), Visitor(), NOW, "d")


def keys(outcome: Outcome) -> list[list[str]]:
    """Return the items of the page's blocks, and then of the slots."""
    page = outcome.decision.page
    found = [one.items for one in page.blocks] if page else []
    found += [one.items for one in outcome.decision.slots.values()]
    return [[item.key for item in items] for items in found]


def test_a_slot_is_decided_where_it_stands_and_no_item_is_there_twice(snapshot: Snapshot) -> None:
    outcome = shown(snapshot)
    assert list(outcome.decision.slots) == ["promo"]
    assert keys(outcome) == [["a"], [], ["c"], ["b"]], "the slot comes between the two blocks"
    assert outcome.reserve == ("a", "b", "c")
    assert outcome.decision.cache == "private"


def test_it_is_the_same_slot_whoever_asks(snapshot: Snapshot) -> None:
    alone, both = shown(snapshot), shown(snapshot, slots=("aside", "promo"))
    assert both.decision.slots["promo"] == alone.decision.slots["promo"]
    assert list(both.decision.slots) == ["promo", "aside"]
    assert shown(snapshot, page="/twice").decision.slots.keys() == {"promo"}


def test_it_has_its_own_experiences_on_which_the_page_depends(snapshot: Snapshot) -> None:
    assert snapshot.needs("/", ()) == {"s", "t"} and snapshot.needs("/odd", ()) == frozenset()
    outcome = shown(snapshot, "s")
    promo = outcome.decision.slots["promo"]
    assert (promo.experience, promo.reason, outcome.decision.segments) == ("e", "TARGETING_MATCH", ["s"])
    assert outcome.decision.page and outcome.decision.page.reason == "DEFAULT"
    assert outcome.decision.cache_key != shown(snapshot).decision.cache_key


def test_an_experience_of_the_page_may_show_another(snapshot: Snapshot) -> None:
    outcome = shown(snapshot, "t", "s")
    assert list(outcome.decision.slots) == ["aside"] and keys(outcome)[2] == ["b"]


def test_what_is_not_there_or_hidden_is_not_decided(snapshot: Snapshot) -> None:
    outcome = shown(snapshot, page="/odd")
    assert outcome.decision.slots == {} and outcome.decision.problems is msgspec.UNSET and outcome.answered


def test_each_part_is_explained_by_itself(snapshot: Snapshot) -> None:
    explained = shown(snapshot, "s").decision.explain
    assert isinstance(explained, Explanation) and explained.page is not None
    assert [one.block for one in explained.page.collections] == ["first", "last"]
    assert [one.block for one in explained.slots["promo"].collections] == ["promo"]


def test_what_is_remembered_is_what_would_be_decided(snapshot: Snapshot) -> None:
    decider = Decider(snapshot)
    for matching in (frozenset[str](), frozenset({"s"}), frozenset({"t"}), frozenset({"s"})):
        for slots in ((), ("promo",)):
            request = Request("/", slots)
            found = decider.decide(request, matching, Visitor(), NOW, "d")
            assert found == decide(snapshot, request, matching, Visitor(), NOW, "d")
