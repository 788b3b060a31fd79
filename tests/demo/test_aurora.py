"""The demo bank shows five people five pages."""

from __future__ import annotations

from pathlib import Path

import pytest

import lenticular.demo
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.check import fatal
from lenticular.catalog.rules import tree_of
from lenticular.decide.decide import decide
from lenticular.decide.decision import Decision
from lenticular.decide.request import Request, Visitor
from lenticular.decide.reservations import Reservations
from lenticular.decide.snapshot import compile_snapshot
from lenticular.profiles.profile import Shown
from lenticular.stores.files.catalog import read_catalog

NOW = 1_795_462_320_000  # 23 November 2026, 14:32 in New York
TOMORROW = 1_795_496_400_000
SEGMENTS = ["students", "advanced-customers", "near-retirement", "free-checking-prospects", "returning-visitors"]


@pytest.fixture(scope="module")
def aurora() -> Catalog:
    catalog, problems = read_catalog(Path(lenticular.demo.__file__).parent / "aurora")
    assert catalog is not None
    assert not fatal(problems)
    return catalog


def decided(catalog: Catalog, *segments: str) -> Decision:
    return decide(
        compile_snapshot(catalog), Request("/", ("promo",)), frozenset(segments), Visitor(), NOW, "d"
    ).decision


def titles(decision: Decision) -> list[str]:
    assert decision.page is not None
    return [str(block.settings["title"]) for block in decision.page.blocks]


def offers(decision: Decision) -> list[str]:
    assert decision.page is not None
    return [item.key for block in decision.page.blocks for item in block.items]


def test_the_order_is_that_of_the_story(aurora: Catalog) -> None:
    assert [one.segment for one in aurora.pages["home"].experiences] == SEGMENTS
    assert compile_snapshot(aurora).needs("/", ("promo",)) == set(SEGMENTS)
    for at, segment in enumerate(SEGMENTS):
        page = decided(aurora, *SEGMENTS[at:]).page
        assert page is not None
        assert page.experience == segment


def test_everyone_sees_another_page(aurora: Catalog) -> None:
    everyone = [decided(aurora), *(decided(aurora, segment) for segment in SEGMENTS)]
    assert len({one.cache_key for one in everyone}) == 6
    assert len({tuple(titles(one)) for one in everyone}) == 6
    orders = {tuple(block.id for block in one.page.blocks) for one in everyone if one.page}
    assert len(orders) == 5
    assert titles(decided(aurora, "students"))[:3] == ["Your first account, on us", "For you", "Budget planner"]
    assert offers(decided(aurora, "returning-visitors")) == ["gold-card", "car-loan"]


def test_advanced_customers_get_no_basic_offers(aurora: Catalog) -> None:
    decision = decided(aurora, "advanced-customers", "free-checking-prospects", "returning-visitors")
    assert offers(decision) == ["brokerage-transfer", "private-banking"]
    assert not any("basic" in aurora.content[key].tags for key in offers(decision))
    assert decision.slots["promo"].block is None


def test_the_ad_once_seen_today_is_not_shown_again_until_tomorrow(aurora: Catalog) -> None:
    snapshot, book = compile_snapshot(aurora), Reservations()
    request = Request(None, ("promo",), explain=True)

    def ask(now: int, decision_id: str, shown: dict[str, Shown]) -> list[str]:
        visitor = Visitor(shown, NOW, book.active([7], now))
        outcome = decide(snapshot, request, frozenset(), visitor, now, decision_id)
        book.reserve([7], outcome.reserve, decision_id, now)
        return [item.key for item in outcome.decision.slots["promo"].items]

    assert ask(NOW, "d1", {}) == ["gold-card-ad"]
    assert ask(NOW + 500, "d2", {}) == []
    book.release([7], "gold-card-ad", "d1")
    seen = {"gold-card-ad": Shown(1, [NOW + 1_000])}
    assert ask(NOW + 90_000, "d3", seen) == []
    assert ask(TOMORROW - 1, "d4", seen) == []
    assert ask(TOMORROW, "d5", seen) == ["gold-card-ad"]


def test_every_rule_reads_only_what_is_defined_and_is_plain(aurora: Catalog) -> None:
    assert {tree_of(one) for one in aurora.segments.values()}
    art = {page.blocks["hero"].settings["art"] for page in aurora.pages.values()}
    art |= {one.overrides["hero"]["settings"]["art"] for one in aurora.pages["home"].experiences}
    assert art == {"cap", "bars", "sun", "ring", "rings"}
