"""Who is held out sees the default of everything, and the answer says what would have been shown."""

from __future__ import annotations

from typing import Any

import msgspec

from lenticular.catalog.catalog import Catalog
from lenticular.catalog.check import check
from lenticular.catalog.site import Holdout
from lenticular.decide.decide import decide
from lenticular.decide.decision import Decision, HeldOut
from lenticular.decide.request import Request, Visitor
from lenticular.decide.snapshot import compile_snapshot
from tests.decide.world import SITE, catalog_of

VISITORS = [f"v{at}" for at in range(2_000)]
HOME: dict[str, Any] = {
    "path": "/",
    "blocks": {
        "hero": {"kind": "hero", "position": "a"},
        "list": {"kind": "cards", "position": "b", "collection": "offers"},
    },
    "experiences": [
        {"key": "students", "segment": "students", "overrides": {"hero": {"settings": {"for": "students"}}}}
    ],
}
OFFERS: dict[str, Any] = {"items": ["plain"], "variations": [{"segment": "students", "items": ["card"]}]}
SEGMENTS: dict[str, Any] = {"students": {"rule": "True"}, "staff": {"rule": "True"}}
CONTENT: dict[str, Any] = {key: {"type": "offer"} for key in ("plain", "card")}


def catalog(holdout: Holdout, own: float = 0.0, **more: Any) -> Catalog:
    experience = {**HOME["experiences"][0], "holdout": own}
    parts: dict[str, Any] = {
        "segments": SEGMENTS,
        "content": CONTENT,
        "collections": {"offers": OFFERS},
        "pages": {"home": {**HOME, "experiences": [experience]}},
        "slots": {"promo": {"block": {"kind": "ad", "collection": "offers"}}},
    }
    made = catalog_of(**{**parts, **more})
    return msgspec.structs.replace(made, site=msgspec.structs.replace(SITE, holdout=holdout))


def decided(of: Catalog, visitor: str, *matching: str, explain: bool = False) -> Decision:
    request = Request("/", ("promo",), explain)
    return decide(compile_snapshot(of), request, frozenset(matching), Visitor(bucketing_id=visitor), 0, "d").decision


def test_who_is_held_out_sees_the_default_of_everything() -> None:
    answer = decided(catalog(Holdout(1.0)), "v", "students", explain=True)
    page, promo = answer.page, answer.slots["promo"]
    assert page is not None
    assert (page.reason, page.experience, page.segment) == ("HOLDOUT", None, None)
    assert page.held_out == HeldOut("students", "students")
    hero, cards = page.blocks
    assert hero.settings == {}
    assert ([item.key for item in cards.items], cards.variation, cards.reason) == (["plain"], None, "HOLDOUT")
    assert promo.reason == "HOLDOUT"
    assert promo.items == ()  # the page shows the one item already
    assert answer.segments == ["students"]
    assert answer.cache == "private"
    assert answer.explain and answer.explain.page
    assert answer.explain.page.message == "The default is shown: students matches, and this visitor is held out."
    assert [one.state for one in answer.explain.page.experiences] == ["held_out"]
    assert [one.state for one in answer.explain.page.collections[0].lists] == ["held_out", "used"]
    assert b'"heldOut":{"experience":"students","segment":"students"}' in msgspec.json.encode(answer)


def test_nothing_is_held_back_where_nothing_matches() -> None:
    answer = decided(catalog(Holdout(1.0)), "v")
    assert answer.page and (answer.page.reason, answer.slots["promo"].reason) == ("DEFAULT", "DEFAULT")
    assert answer.page.held_out is msgspec.UNSET
    assert "heldOut" not in msgspec.json.encode(answer).decode()


def test_nobody_is_held_out_without_a_bucketing_id_or_in_a_segment_that_never_is() -> None:
    persona = decided(catalog(Holdout(1.0)), "", "students")
    staff = decided(catalog(Holdout(1.0, without=("staff",))), "v", "students", "staff")
    for answer in (persona, staff):
        assert answer.page and answer.page.reason == answer.page.blocks[1].reason == "TARGETING_MATCH"
    snapshot = compile_snapshot(catalog(Holdout(0.5, without=("staff",))))
    assert snapshot.needs("/", ()) == {"students", "staff"}


def test_the_share_is_the_share_and_other_seeds_draw_others() -> None:
    def held(of: Catalog) -> set[str]:
        snapshot = compile_snapshot(of)
        found = set()
        for visitor in VISITORS:
            outcome = decide(snapshot, Request("/"), {"students"}, Visitor(bucketing_id=visitor), 0, "d")
            if outcome.decision.page and outcome.decision.page.reason == "HOLDOUT":
                found.add(visitor)
        return found

    assert len(held(catalog(Holdout(0.0)))) == 0
    first, second, own = (held(catalog(*one)) for one in ((Holdout(0.3),), (Holdout(0.3, "b"),), (Holdout(0.0), 0.3)))
    for one in (first, second, own):
        assert 500 < len(one) < 700
    for one, other in ((first, second), (first, own)):
        assert 120 < len(one & other) < 240  # a third of a third
    assert held(catalog(Holdout(0.3), 0.3)) == first | own
    assert Holdout().share == 0.05


def test_an_experience_of_its_own_leaves_collections_as_they_are() -> None:
    answer = decided(catalog(Holdout(0.0), 1.0), "v", "students")
    assert answer.page and answer.page.reason == "HOLDOUT"
    assert [block.variation for block in answer.page.blocks] == [None, "students"]


def test_an_empty_variation_holds_nothing_back() -> None:
    empty = {"items": ["plain"], "variations": [{"segment": "students", "items": []}]}
    answer = decided(catalog(Holdout(1.0), collections={"offers": empty}), "v", "students")
    assert answer.page and answer.page.blocks[1].reason == "DEFAULT"


def test_what_a_check_says() -> None:
    def said(holdout: Holdout, own: float = 0.0) -> list[tuple[str, str]]:
        return [(one.code, one.place) for one in check(catalog(holdout, own))]

    assert said(Holdout(0.05, without=("staff",)), 0.5) == []
    assert said(Holdout(1.5)) == [("catalog.share", "site/shop/holdout/share")]
    assert said(Holdout(without=("nobody",))) == [("catalog.unknown-segment", "site/shop/holdout/without/0")]
    assert [code for code, _ in said(Holdout(), -0.1)] == ["catalog.share"]
