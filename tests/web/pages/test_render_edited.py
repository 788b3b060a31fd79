"""What the page editor shows: pages, slots and items as they stand in it, right or not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.blocks.markup import attributes
from tests.web.editing import Desk, told
from tests.web.pages.bank import PARTS, PEOPLE, Bank
from tests.web.pages.test_slots import PAGE, SLOT

pytestmark = pytest.mark.asyncio(loop_scope="session")
HOME: dict[str, Any] = PARTS["pages"]["home"]
NOW = "2026-12-24T09:00:00Z"


@pytest_asyncio.fixture(loop_scope="session")
async def desk(bank: Bank) -> AsyncIterator[Desk]:
    await bank.make(parts={"pages": {**PARTS["pages"], "deals": PAGE}, "slots": {"promo": SLOT}})
    found = Desk(bank.shop)
    yield found
    await found.clean()
    await bank.make()


async def render(desk: Desk, **asked: Any) -> Any:
    answer = await desk.ask("POST", "render", asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def home(**changed: Any) -> dict[str, Any]:
    return {"kind": "pages", "key": "home", "body": {**HOME, **changed}}


def titled(title: Any, **more: Any) -> dict[str, Any]:
    hero = {**HOME["blocks"]["hero"], "settings": {"title": title}}
    return home(blocks={**HOME["blocks"], "hero": hero}, **more)


async def test_a_page_as_it_stands_in_the_editor(desk: Desk) -> None:
    made = await render(desk, page="/", definitions=[titled("Not saved")], blocks=True)
    assert made["problems"] == [] and (made["experience"], made["reason"]) == (None, "DEFAULT")
    assert "Not saved" in made["html"] and "Welcome" not in made["html"]
    assert set(made["blocks"]) == {"hero", "ad", "text"}
    for name, html in made["blocks"].items():
        assert attributes(html, "data-lenticular-block")[0] == name and html.strip() in made["html"]
    assert "Welcome" in (await render(desk, page="/"))["html"], "nothing of it was kept"


async def test_the_document_is_whole_and_nothing_runs_in_it(desk: Desk) -> None:
    made = await render(desk, page="/", definitions=[titled("Mine")], locale="es")
    document, url = made["document"], desk.shop.url
    assert document.startswith('<!doctype html>\n<html lang="es"') and made["html"] in document
    assert "<script" not in document and '<base target="_blank">' in document
    policy = document.partition('Content-Security-Policy" content="')[2].partition('"')[0]
    assert policy.startswith("default-src &#39;none&#39;; ") and "script" not in policy
    assert f'<link rel="stylesheet" href="{url}/lenticular/theme.css?site=shop&amp;v=' in document
    assert f"style-src {url};" in policy and "<title>Un banco</title>" in document


async def test_as_whom_it_is_seen(desk: Desk) -> None:
    for segment in PEOPLE:
        made = await render(desk, page="/", segments=[segment])
        assert f"For {segment}" in made["html"] and made["experience"] == segment
    assert "For students" in (await render(desk, page="/", persona="ana"))["html"]
    assert "For savers" in (await render(desk, page="/", url="https://www.bank.example/?utm_campaign=save"))["html"]
    later = {
        "key": "later",
        "schedule": {"start": "2026-12-01"},
        "overrides": {"hero": {"settings": {"title": "Xmas"}}},
    }
    edited = home(experiences=[later])
    assert "Welcome" in (await render(desk, page="/", definitions=[edited]))["html"]
    assert "Xmas" in (await render(desk, page="/", definitions=[edited], at=NOW))["html"]
    someone = desk.shop.someone()
    await desk.shop.track(someone, "Looked", context={"page": {"url": "https://b.example/?utm_campaign=free"}})
    assert "For free" in (await render(desk, page="/", anonymousId=someone))["html"]


async def test_one_experience_whatever_the_rules_say(desk: Desk) -> None:
    made = await render(desk, page="/", experience="near")
    assert "For near" in made["html"] and made["experience"] == "near"
    assert "Welcome" in (await render(desk, page="/", experience="", segments=["savers"]))["html"]
    later = {"key": "later", "segment": "near", "schedule": {"start": "2030-01-01"}, "overrides": {"hero": None}}
    made = await render(desk, page="/", definitions=[home(experiences=[later])], experience="later")
    assert 'block="hero"' not in made["html"] and 'block="text"' in made["html"]
    assert told(await desk.ask("POST", "render", {"page": "/", "experience": "nera"}), 422) == [
        "render.unknown-experience"
    ]


async def test_a_slot_by_itself_and_on_a_page(desk: Desk) -> None:
    edited = {
        "kind": "slots",
        "key": "promo",
        "body": {**SLOT, "block": {**SLOT["block"], "settings": {"label": "New"}}},
    }
    alone = await render(desk, slot="promo", definitions=[edited], blocks=True)
    assert ">New<" in alone["html"] and alone["blocks"] == {"promo": alone["html"]}
    assert '<div data-lenticular-slot="promo">' in alone["document"]
    page = await render(desk, page="/deals", definitions=[edited])
    assert ">New<" in page["html"] and 'data-lenticular-slot="promo"' in page["html"]
    savers = await render(desk, slot="promo", definitions=[edited], experience="savers")
    assert "For savers" in savers["html"]


async def test_an_item_in_a_block(desk: Desk) -> None:
    edited = {"kind": "content", "key": "card", "body": {**PARTS["content"]["card"], "fields": {"title": "Platinum"}}}
    made = await render(desk, item="card", definitions=[edited])
    assert ">Platinum<" in made["html"] and 'data-lenticular-item="card"' in made["html"]
    new = {"kind": "content", "key": "new", "body": {"type": "offer", "fields": {"title": "New"}, "end": "2000-01-01"}}
    made = await render(desk, item="new", kind="card-list", definitions=[new])
    assert ">New<" in made["html"], "it is shown though its time is over"
    made = await render(desk, item="card", kind="caard-list")
    assert made["html"] == "" and [one["code"] for one in made["problems"]] == ["block.unknown-kind"]
    page = await render(desk, page="/", definitions=[edited])
    assert ">Platinum<" in page["html"]


async def test_over_drafts_or_over_what_is_live(desk: Desk) -> None:
    await desk.save("pages/home", titled("A draft")["body"])
    await desk.save("segments/savers", {"name": "Savers", "rule": "True"})
    slot = {"kind": "slots", "key": "promo", "body": SLOT}
    assert "Welcome" in (await render(desk, page="/", definitions=[slot]))["html"]
    made = await render(desk, page="/", definitions=[slot], drafts=True)
    assert "For savers" in made["html"] and made["problems"] == []
    made = await render(desk, page="/", definitions=[slot, titled("Mine")], drafts=True, experience="")
    assert "Mine" in made["html"]
    await desk.save("pages/soon", {"path": "/soon", "blocks": HOME["blocks"]})
    assert "Welcome" in (await render(desk, page="/soon", drafts=True))["html"]


async def test_an_edited_rule_decides_and_a_wrong_one_costs_only_itself(desk: Desk) -> None:
    everyone = {"kind": "segments", "key": "near", "body": {"name": "Near", "rule": "True"}}
    assert "For near" in (await render(desk, page="/", definitions=[everyone]))["html"]
    wrong = {"kind": "segments", "key": "near", "body": {"name": "Near", "rule": "user.nothing ==="}}
    made = await render(desk, page="/", definitions=[wrong, titled("Mine")])
    assert "Mine" in made["html"] and made["problems"][0]["place"].startswith("segments/near/rule")
    new = {"kind": "segments", "key": "fresh", "body": {"rule": 'session.utm_campaign == "fresh"'}}
    shown = {"key": "fresh", "segment": "fresh", "overrides": {"hero": {"settings": {"title": "Fresh"}}}}
    made = await render(desk, page="/", definitions=[new, home(experiences=[shown])], segments=["fresh"])
    assert "Fresh" in made["html"] and made["problems"] == []


async def test_another_language_another_path_another_key(desk: Desk) -> None:
    made = await render(desk, page="/", definitions=[titled({"en": "Hello", "fr": "Bonjour"})], locale="fr-CA")
    assert "Bonjour" in made["html"] and 'lang="fr' in made["document"]
    moved = {**titled("Moved"), "body": {**titled("Moved")["body"], "key": "start", "path": "/start"}}
    assert "Moved" in (await render(desk, page="/start", definitions=[moved]))["html"]
    assert told(await desk.ask("POST", "render", {"page": "/", "definitions": [moved]}), 422) == ["render.unknown-page"]
    twin = {"kind": "pages", "key": "other", "body": {**HOME, "blocks": {}}}
    assert (await render(desk, page="/", definitions=[twin]))["html"] == "", "the edited one of two"


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"blocks": {"new": {"position": "z"}}}, "catalog.shape", "pages/home/blocks/new"),
    ({"blocks": {"new": {"kind": "hero", "position": 5}}}, "catalog.shape", "pages/home/blocks/new/position"),
    ({"blocks": {"new": {"kind": "heroo", "position": "z"}}}, "catalog.unknown-kind", "pages/home/blocks/new/kind"),
    (
        {"blocks": {"new": {"kind": "heading", "position": "z", "settings": {"txet": "x"}}}},
        "catalog.block-settings",
        "pages/home/blocks/new/settings/txet",
    ),
    (
        {"blocks": {"new": {"kind": "offer", "position": "z", "collection": "adds"}}},
        "catalog.unknown-collection",
        "pages/home/blocks/new/collection",
    ),
    ({"experiences": [{"overrides": {}}]}, "catalog.shape", "pages/home/experiences/0"),
    (
        {"experiences": [{"key": "x", "segment": "nera", "overrides": {}}]},
        "catalog.unknown-segment",
        "pages/home/experiences/0/segment",
    ),
    ({"titel": "x"}, "catalog.shape", "pages/home/titel"),
    ({"blocks": {"new": {"kind": "slot", "position": "z", "settings": {"slot": "prom"}}}}, "catalog.unknown-slot", ""),
]


@pytest.mark.parametrize(("changed", "code", "place"), WRONG)
async def test_what_is_wrong_is_told_and_the_rest_is_shown(
    desk: Desk, changed: dict[str, Any], code: str, place: str
) -> None:
    if "blocks" in changed:
        changed = {"blocks": {**HOME["blocks"], **changed["blocks"]}}
    made = await render(desk, page="/", definitions=[home(**changed)])
    found = [(one["code"], one["place"]) for one in made["problems"]]
    assert code in [one for one, _ in found] and (not place or (code, place) in found), found
    assert "Welcome" in made["html"] and 'block="text"' in made["html"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "render.what"),
        ({"page": "/", "slot": "promo"}, "render.what"),
        ({"page": "/nothing"}, "render.unknown-page"),
        ({"slot": "prom"}, "render.unknown-slot"),
        ({"item": "nothing"}, "render.unknown-item"),
        ({"page": "/", "segments": ["nera"]}, "preview.unknown-segment"),
        ({"page": "/", "persona": "anna"}, "preview.unknown-persona"),
        ({"page": "/", "userId": "nobody"}, "person.unknown"),
        ({"page": "/", "definitions": [{"kind": "paages", "key": "x", "body": {}}]}, "kind.unknown"),
    ],
)
async def test_what_can_not_be_shown_is_refused(desk: Desk, asked: dict[str, Any], code: str) -> None:
    answer = await desk.ask("POST", "render", asked)
    assert answer.status_code in (404, 422) and [one["code"] for one in answer.json()["problems"]] == [code]


async def test_nothing_is_kept_or_counted(desk: Desk) -> None:
    site = desk.shop.site
    await desk.shop.settled()
    before = site.stores.journal.last(), len(site.reservations), site.engine
    for _ in range(3):
        assert ">The gold card<" in (await render(desk, page="/", definitions=[titled("x")]))["html"]
    await desk.shop.settled()
    assert (site.stores.journal.last(), len(site.reservations), site.engine) == before


async def test_a_page_that_is_taken_away_is_not_there(desk: Desk) -> None:
    gone = {"kind": "pages", "key": "college", "body": None}
    answer = await desk.ask("POST", "render", {"page": "/college", "definitions": [gone]})
    assert told(answer, 422) == ["render.unknown-page"]


async def test_a_page_whose_path_names_an_item_shows_the_first_there_is(desk: Desk) -> None:
    blocks = {"one": {"kind": "offer", "position": "a", "collection": "one"}}
    edited = [
        {"kind": "collections", "key": "one", "body": {"items": ["loan", "card"], "parameter": "offer"}},
        {"kind": "pages", "key": "each", "body": {"path": "/offer/:offer", "blocks": blocks}},
    ]
    assert "A loan for cars" in (await render(desk, page="/offer/:offer", definitions=edited))["html"]
    assert "The gold card" in (await render(desk, page="/offer/card", definitions=edited))["html"]
    answer = await desk.ask("POST", "render", {"page": "/offer/none", "definitions": edited})
    assert told(answer, 422) == ["decide.unknown-page"]
