"""What a decision tells its caller beside what is shown."""

from __future__ import annotations

from typing import Any, cast

import msgspec
import pytest

from lenticular.catalog.block import Block
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.experience import Experience
from lenticular.catalog.page import Page
from lenticular.decide.decide import decide
from lenticular.decide.request import Request, Visitor
from lenticular.decide.snapshot import compile_snapshot
from lenticular.profiles.profile import Shown
from tests.decide.world import SITE, catalog_of

NOW = 1_795_462_320_000
NONE: frozenset[str] = frozenset()
CAPPED: dict[str, Any] = {
    "content": {"ad": {"type": "ad", "cap": {"limit": 1, "per": "day"}}, "free": {"type": "ad"}},
    "collections": {"c": {"items": ["ad"]}, "d": {"items": ["free", "ad"], "limit": 1}},
    "pages": {
        "home": {
            "path": "/",
            "blocks": {
                "h": {"kind": "hero", "position": "a"},
                "l": {"kind": "list", "position": "b", "collection": "c"},
            },
        }
    },
    "slots": {"free": {"block": {"kind": "ad", "collection": "d"}}},
}


def test_items_with_a_cap_are_to_be_reserved_and_make_the_answer_private() -> None:
    snapshot = compile_snapshot(catalog_of(**CAPPED), NONE)
    outcome = decide(snapshot, Request("/"), NONE, Visitor(), NOW, "d1")
    assert outcome.reserve == ("ad",)
    assert outcome.decision.cache == "private"
    assert outcome.decision.id == "d1"


def test_a_cap_that_was_not_asked_about_does_not_matter() -> None:
    snapshot = compile_snapshot(catalog_of(**CAPPED), NONE)
    outcome = decide(snapshot, Request(None, ("free",)), NONE, Visitor(), NOW, "d1")
    assert (outcome.reserve, outcome.decision.cache) == ((), "shared")


def test_a_part_that_fails_takes_nothing_else_away() -> None:
    snapshot = compile_snapshot(catalog_of(**CAPPED), NONE)
    broken = Visitor(shown={"ad": Shown(1, cast(Any, None))})
    outcome = decide(snapshot, Request("/", ("free",)), NONE, broken, NOW, "d1")
    page = outcome.decision.page
    assert page is not None
    assert [(block.id, block.reason) for block in page.blocks] == [("h", None), ("l", "ERROR")]
    assert [item.key for item in outcome.decision.slots["free"].items] == ["free"]
    assert [type(error) for error in outcome.failures] == [TypeError]
    assert outcome.reserve == ()


def test_settings_that_are_no_plain_data_show_the_default() -> None:
    odd = {"h": {"settings": {"f": object()}}}
    page = Page("home", "/", blocks={"h": Block("hero", "a")}, experiences=(Experience("e", overrides=odd),))
    outcome = decide(compile_snapshot(Catalog.of(SITE, page)), Request("/"), NONE, Visitor(), NOW, "d1")
    shown = outcome.decision.page
    assert shown is not None
    assert (shown.reason, shown.experience, [block.settings for block in shown.blocks]) == ("ERROR", None, [{}])


def test_a_default_that_cannot_be_used_shows_what_is_left_of_it() -> None:
    page = Page("home", "/", blocks={"h": Block("hero", "a", {"f": object()}), "n": Block("news", "b")})
    shown = decide(compile_snapshot(Catalog.of(SITE, page)), Request("/"), NONE, Visitor(), NOW, "d1").decision.page
    assert shown is not None
    assert (shown.reason, [block.id for block in shown.blocks]) == ("ERROR", ["n"])


@pytest.mark.parametrize(
    ("page", "slots", "answered"),
    [("/", (), True), ("/x", (), False), (None, ("x",), False), ("/x", ("free",), True), (None, (), True)],
)
def test_an_answer_to_nothing_that_exists_says_so(page: str | None, slots: tuple[str, ...], answered: bool) -> None:
    snapshot = compile_snapshot(catalog_of(**CAPPED))
    assert decide(snapshot, Request(page, slots), NONE, Visitor(), NOW, "d").answered is answered


def test_the_wire_has_the_names_of_the_contract() -> None:
    snapshot = compile_snapshot(catalog_of(**CAPPED))
    decision = decide(snapshot, Request("/", ("free",)), NONE, Visitor(), NOW, "d").decision
    wire = msgspec.json.decode(msgspec.json.encode(decision))
    assert list(wire) == ["id", "page", "slots", "segments", "cacheKey", "cache"]
    assert list(wire["page"]) == ["path", "experience", "variant", "reason", "segment", "blocks"]
    assert list(wire["page"]["blocks"][0]) == ["id", "kind", "settings", "parent", "items"]
    assert {"experience", "block", "collection", "variation", "items", "reason"} < set(wire["slots"]["free"])


def test_needs_are_the_segments_of_experiences_and_of_the_collections_they_show() -> None:
    catalog = catalog_of(
        collections={
            "c": {"variations": [{"segment": "c1", "items": []}]},
            "unused": {"variations": [{"segment": "c2", "items": []}]},
        },
        pages={
            "home": {
                "path": "/",
                "blocks": {"l": {"kind": "x", "position": "a"}},
                "experiences": [{"key": "e", "segment": "e1", "overrides": {"l": {"collection": "c"}}}],
            }
        },
        slots={"s": {"block": {"kind": "x"}, "experiences": [{"key": "e", "segment": "s1"}, {"key": "f"}]}},
    )
    snapshot = compile_snapshot(catalog)
    assert snapshot.needs("/", ()) == {"e1", "c1"}
    assert snapshot.needs("/?a=1", ("s",)) == {"e1", "c1", "s1"}
    assert snapshot.needs(None, ("nothing",)) == set()
    assert snapshot.needs("/nothing", ("s",)) == {"s1"}
