"""The demo bank shows five people five pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

import lenticular.demo
from lenticular.app.block_kinds import block_kinds
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.check import fatal
from lenticular.catalog.check_kinds import check_kinds
from lenticular.catalog.rules import tree_of
from lenticular.decide.decide import decide
from lenticular.decide.decision import Decision
from lenticular.decide.request import Request, Visitor
from lenticular.decide.reservations import Reservations
from lenticular.decide.snapshot import compile_snapshot
from lenticular.demo.people import people
from lenticular.profiles.profile import Shown
from lenticular.stores.files.catalog import read_catalog

NOW = 1_795_462_320_000  # 23 November 2026, 14:32 in New York
TOMORROW = 1_795_496_400_000
AURORA = Path(lenticular.demo.__file__).parent / "aurora"
SAID = frozenset({"title", "text", "label", "button", "summary", "body", "cta", "help", "footer"})
SEGMENTS = ["students", "advanced-customers", "near-retirement", "free-checking-prospects", "returning-visitors"]


@pytest.fixture(scope="module")
def aurora() -> Catalog:
    catalog, problems = read_catalog(AURORA)
    assert catalog is not None
    assert not fatal(problems)
    return catalog


def decided(catalog: Catalog, *segments: str, page: str | None = "/") -> Decision:
    request = Request(page, ("promo", "partner") if page is None else ())
    return decide(compile_snapshot(catalog), request, frozenset(segments), Visitor(), NOW, "d").decision


def titles(decision: Decision) -> list[str]:
    assert decision.page is not None
    told = [block.settings.get("title", {}) for block in decision.page.blocks]
    return [title["en"] for title in told if title]


def offers(decision: Decision) -> list[str]:
    assert decision.page is not None
    blocks = [block for block in decision.page.blocks if block.collection == "offers"]
    return [item.key for block in blocks for item in block.items]


def texts(value: Any, name: str = "") -> Iterator[Any]:
    """Yield every text that a visitor may see: those by language, and those that are not."""
    if (isinstance(value, dict) and "en" in value) or (isinstance(value, str) and name in SAID):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from texts(one, key)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts(one, name)


def test_the_order_is_that_of_the_story(aurora: Catalog) -> None:
    assert [one.segment for one in aurora.pages["home"].experiences] == SEGMENTS
    assert compile_snapshot(aurora).needs("/", ("promo", "partner")) == set(SEGMENTS)
    for at, segment in enumerate(SEGMENTS):
        page = decided(aurora, *SEGMENTS[at:]).page
        assert page is not None
        assert page.experience == segment


def test_everyone_sees_another_page(aurora: Catalog) -> None:
    everyone = [decided(aurora), *(decided(aurora, segment) for segment in SEGMENTS)]
    assert len({one.cache_key for one in everyone}) == 6
    assert len({tuple(titles(one)) for one in everyone}) == 6
    orders = {tuple(block.id for block in one.page.blocks) for one in everyone if one.page}
    assert len(orders) == 6
    assert titles(decided(aurora, "students"))[:3] == ["Your first account, on us", "For you", "Budget planner"]
    assert offers(decided(aurora, "returning-visitors")) == ["gold-card", "car-loan"]


def test_advanced_customers_get_no_basic_offers(aurora: Catalog) -> None:
    decision = decided(aurora, "advanced-customers", "free-checking-prospects", "returning-visitors")
    assert offers(decision) == ["brokerage-transfer", "private-banking"]
    assert not any("basic" in aurora.content[key].tags for key in offers(decision))
    assert decision.page is not None and "ad" not in [block.id for block in decision.page.blocks]
    slots = decided(aurora, "advanced-customers", "free-checking-prospects", page=None).slots
    assert slots["promo"].block is None and slots["partner"].experience == "advanced-customers"


@pytest.mark.parametrize("segment", [*SEGMENTS, "invited"])
def test_every_segment_changes_a_page_that_is_not_the_home_page(aurora: Catalog, segment: str) -> None:
    plain = [decided(aurora, page=page.path).cache_key for page in aurora.pages.values()]
    theirs = [decided(aurora, segment, page=page.path).cache_key for page in aurora.pages.values()]
    changed = {page.path for page, one, other in zip(aurora.pages.values(), plain, theirs, strict=True) if one != other}
    assert changed - {"/"}


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


def test_everything_that_a_visitor_reads_is_there_in_both_languages(aurora: Catalog) -> None:
    shown = [aurora.pages, aurora.slots, aurora.content, aurora.site.hosting]
    found = [text for part in shown for text in texts(msgspec.to_builtins(part))]
    assert len(found) > 150
    assert [text for text in found if not isinstance(text, dict) or set(text) != {"en", "es"}] == []
    assert [text for text in found if not all(one.strip() for one in text.values())] == []


def test_every_kind_is_built_in_and_every_link_and_picture_leads_somewhere(aurora: Catalog) -> None:
    assert check_kinds(aurora, block_kinds()) == []
    snapshot, told = compile_snapshot(aurora), msgspec.json.encode([aurora.pages, aurora.content, aurora.site]).decode()
    links = set(re.findall(r'"(?:url|link)":"(/[^"#]*)', told))
    assert {"/", "/college", "/news/first-budget"} <= links
    for link in links - {"/demo", "/demo/sign-out"}:
        person = link.removeprefix("/demo/sign-in/")
        assert person in {one.key for one in people(NOW)} if person != link else snapshot.page(link), link
    pictures = {name.rpartition("/")[2] for name in re.findall(r'"(/demo/pictures/[^"]+)"', told)}
    assert pictures == {path.name for path in (AURORA.parent / "pictures").iterdir()}


def test_pictures_are_small_and_run_nothing() -> None:
    for path in (AURORA.parent / "pictures").iterdir():
        text = path.read_text()
        assert len(text) < 4_000 and not re.search(r"<script|\son\w+=|href|style", text), path.name
