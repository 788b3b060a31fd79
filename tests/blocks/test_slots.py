"""A page's slots in its HTML: marked, once, and nothing where there is nothing to show."""

from __future__ import annotations

from typing import Any

import msgspec

from lenticular.app.block_kinds import block_kinds
from lenticular.blocks.decided import DecisionRenderer
from lenticular.blocks.kind import Kind
from lenticular.blocks.kinds import BUILT_IN
from lenticular.blocks.registry import Kinds, Source
from lenticular.decide.decide import decide
from lenticular.decide.decision import Outcome
from lenticular.decide.request import Request, Visitor
from lenticular.decide.snapshot import compile_snapshot
from tests.decide.test_slots_on_pages import slot
from tests.decide.world import catalog_of


class Raises(Kind):
    name = "raises"


def _parts() -> dict[str, Any]:
    heading = {"kind": "heading", "settings": {"text": "In the slot"}}
    broken = [{"key": "e", "segment": "s", "overrides": {"kind": "raises", "settings": {"text": None}}}]
    return {
        "segments": {"s": {"rule": "True"}},
        "collections": {"none": {}},
        "pages": {
            "home": {
                "path": "/",
                "blocks": {
                    "top": {"kind": "heading", "position": "a", "settings": {"text": "Top"}},
                    "columns": {"kind": "section", "position": "b"},
                    "promo": slot("promo", "a", parent="columns"),
                    "hidden": slot("hidden", "c"),
                    "gone": slot("gone", "d"),
                    "odd": {"kind": "slot", "position": "e"},
                    "again": slot("promo", "f"),
                    "end": {"kind": "heading", "position": "g", "settings": {"text": "End"}},
                },
            }
        },
        "slots": {"promo": {"block": heading, "experiences": broken}, "hidden": {"block": {**heading, "hidden": True}}},
    }


def rendered(*matching: str, page: str | None = "/", slots: tuple[str, ...] = ()) -> Outcome:
    catalog = catalog_of(**_parts())
    site = msgspec.structs.replace(catalog.site, locales=("en",))
    catalog = msgspec.structs.replace(catalog, site=site)
    snapshot = compile_snapshot(catalog)
    sources = [Source(kind, _template(kind)) for kind in BUILT_IN]
    kinds = Kinds([*sources, Source(Raises, "{{ 1 / 0 }}")])
    outcome = decide(snapshot, Request(page, slots), frozenset(matching), Visitor(), 0, "d")
    return DecisionRenderer(catalog, snapshot, kinds).render(outcome, "en")


def _template(kind: type[Kind]) -> str:
    from lenticular.app.block_kinds import template_of

    return template_of(kind)


def html(outcome: Outcome) -> str:
    page = outcome.decision.page
    assert page is not None and isinstance(page.html, str)
    return page.html


def test_it_stands_in_its_place_with_its_mark() -> None:
    found = html(rendered())
    assert found.count('data-lenticular-slot="promo"') == 1 and found.count(">In the slot<") == 1
    element = found.partition('data-lenticular-slot="promo"')[2].partition("</section>")[0]
    assert 'data-lenticular-block="promo" data-lenticular-kind="heading"' in element
    assert found.index(">Top<") < found.index(">In the slot<") < found.index(">End<")


def test_what_has_nothing_to_show_leaves_nothing() -> None:
    found = html(rendered())
    for name in ("hidden", "gone", "odd", "again"):
        assert f'"{name}"' not in found


def test_the_slot_has_the_same_html_of_its_own() -> None:
    outcome = rendered(slots=("hidden",))
    promo = outcome.decision.slots["promo"]
    assert isinstance(promo.html, str) and promo.html in html(outcome)
    assert outcome.decision.slots["hidden"].html == ""


def test_a_template_that_raises_in_a_slot_costs_that_alone() -> None:
    outcome = rendered("s")
    assert html(outcome) == html(rendered()), "the default of the slot stands there"
    places = [problem.place for one in outcome.failures for problem in getattr(one, "problems", ())]
    assert "slot promo" in places and isinstance(outcome.decision.problems, list)
    assert "page //odd" in places


def test_it_is_a_kind_with_a_form() -> None:
    assert block_kinds().has("slot", "contains") is False and block_kinds().has("slot", "items") is False
    assert [one.path for one in block_kinds().misfits("slot", {})] == [()], "it needs one"
