"""Previews as personas, whole, and as real people: what they would see, and nothing of it kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.web.pages.bank import Bank, open_bank
from tests.web.pages.test_pages import title
from tests.web.pages.test_preview import link
from tests.web.shop import HOUR, NOON

pytestmark = pytest.mark.asyncio(loop_scope="module")
DAY = 24 * HOUR
RULES = {
    "campus": 'session.utm_campaign == "campus" and session.channel == "email"',
    "landed": 'session.landing_path == "/college" and session.query.ref == "poster"',
    "referred": 'session.referrer_host == "news.example"',
    "madrid": 'session.country == "ES" and session.city == "Madrid"',
    "phones": 'session.device_type == "mobile" and session.screen_width < 600 and session.browser is None',
    "spanish": 'session.language == "es"',
    "wide": "session.screen_width > 2_000",
    "rich": "user.balance >= 1_000",
    "buyers": 'count("Bought", within="7d") >= 2',
    "here": 'session.utm_source == "poster"',
    "night": "session.local_hour < 6",
}
PERSONAS: dict[str, dict[str, Any]] = {
    "campus": {"context": {"utm_campaign": "campus", "utm_medium": "email"}},
    "landed": {"context": {"url": "https://www.bank.example/college?ref=poster"}},
    "referred": {"context": {"referrer": "https://news.example/today"}},
    "madrid": {"country": "ES", "city": "Madrid"},
    "phones": {"device": "mobile"},
    "spanish": {"language": "es"},
    "wide": {"device": "desktop", "context": {"screen_width": 2560}},
    "rich": {"traits": {"balance": 5_000}},
    "night": {"time": "2026-11-24T03:00-05:00", "context": {"timezone": "America/New_York"}},
    "plain": {},
}


def _parts() -> dict[str, Any]:
    shown = [
        {"key": key, "segment": key, "overrides": {"hero": {"settings": {"title": f"For {key}"}}}} for key in RULES
    ]
    ads = [{"key": "held", "segment": "rich", "holdout": 1, "overrides": {"hero": {"settings": {"title": "Held"}}}}]
    blocks: dict[str, Any] = {
        "hero": {"kind": "hero", "position": "a", "settings": {"title": "Welcome"}},
        "ad": {"kind": "offer", "position": "b", "collection": "ads"},
    }
    return {
        "properties": {"user.balance": {"scope": "user", "name": "balance", "type": "number", "label": "Balance"}},
        "segments": {key: {"name": key.title(), "rule": rule} for key, rule in RULES.items()},
        "personas": PERSONAS,
        "pages": {
            "home": {"path": "/", "blocks": blocks, "experiences": shown},
            "held": {"path": "/held", "blocks": {"hero": blocks["hero"]}, "experiences": ads},
        },
    }


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bank]:
    async with open_bank(tmp_path_factory.mktemp("people"), parts=_parts()) as bank:
        yield bank


@pytest.fixture
def bank(opened: Bank) -> Bank:
    opened.shop.now = NOON
    return opened


async def left(bank: Bank) -> Any:
    """Return all that a decision could leave behind."""
    site = bank.shop.site
    await bank.shop.settled()
    return site.stores.journal.last(), dict(site.visits), len(site.reservations), bytes(_everyone(bank))


def _everyone(bank: Bank) -> bytes:
    return repr(list(bank.shop.site.stores.profiles.everyone())).encode()


async def someone(bank: Bank, balance: float = 5_000) -> str:
    """Return the user id of somebody with a trait."""
    name = bank.shop.someone()
    body = {"userId": name, "anonymousId": f"of-{name}", "traits": {"balance": balance}, "writeKey": _key(bank)}
    assert (await bank.shop.visitor.post("/v1/identify", json=body)).status_code == 200
    await bank.shop.settled()
    return name


def _key(bank: Bank) -> str:
    return bank.shop.site.engine.catalog.site.write_key


async def refused(bank: Bank, **asked: Any) -> list[str]:
    answer = await bank.shop.admin.post("/api/sites/shop/preview-links", json=asked)
    assert answer.status_code in (400, 404, 422), answer.text
    return [one["code"] for one in answer.json()["problems"]]


def panel(page: httpx.Response) -> str:
    return page.text.partition('<details id="lenticular-why"')[2].partition("</details>")[0]


@pytest.mark.parametrize("persona", sorted(PERSONAS))
async def test_a_persona_has_all_that_rules_read_of_a_visit(bank: Bank, persona: str) -> None:
    page = await bank.page(await link(bank, persona=persona, page="/en"), accept_language="en")
    assert title(page) == ("Welcome" if persona == "plain" else f"For {persona}")


async def test_a_persona_speaks_its_language(bank: Bank) -> None:
    page = await bank.page(await link(bank, persona="spanish"), accept_language="en")
    assert 'lang="es"' in page.text


async def test_a_persona_is_not_where_the_one_who_looks_is(bank: Bank) -> None:
    path = (await link(bank, persona="landed")) + "&utm_campaign=campus&utm_medium=email"
    assert title(await bank.page(path)) == "For landed"


async def test_a_link_shows_what_a_real_person_sees(bank: Bank) -> None:
    name = await someone(bank)
    page = await bank.page(await link(bank, userId=name))
    assert title(page) == "For rich" and "As the person with the profile" in page.text
    assert title(await bank.page(await link(bank, anonymousId=f"of-{name}"))) == "For rich"
    profile = bank.shop.site.collector.current("", name)
    assert profile is not None
    assert title(await bank.page(await link(bank, profile=str(profile.id)))) == "For rich"
    assert title(await bank.page(await link(bank, profile=str(profile.id), segments=["here"]))) == "For here"


async def test_neither_link_nor_panel_tell_what_is_known_of_a_person(bank: Bank) -> None:
    name = await someone(bank, 4_321.5)
    path = await link(bank, userId=name)
    page = await bank.page(path)
    assert name not in path and f"of-{name}" not in page.text
    assert "4321" not in page.text and "4,321" not in page.text
    said = panel(page)
    assert "Rich" in said and "1,000" not in said and "alance" not in said
    assert "at least 1,000" in panel(await bank.page(await link(bank, segments=["rich"])))


async def test_behaviour_visits_and_lists_of_a_person_count_as_they_are(bank: Bank) -> None:
    name = bank.shop.someone()
    for _ in range(2):
        await bank.shop.track(name, "Bought")
    await bank.shop.settled()
    assert title(await bank.page(await link(bank, anonymousId=name))) == "For buyers"
    context = {"page": {"url": "https://www.bank.example/?utm_source=poster"}}
    visitor = bank.shop.someone()
    await bank.shop.track(visitor, "Looked", context=context)
    await bank.shop.settled()
    made = await link(bank, anonymousId=visitor)
    assert title(await bank.page(made)) == "For here"
    bank.shop.now = NOON + 2 * HOUR  # their last visit is over, and still the last one
    assert title(await bank.page(made)) == "For here"


async def test_a_person_is_shown_as_they_were_at_a_moment(bank: Bank) -> None:
    name = bank.shop.someone()
    for _ in range(2):
        await bank.shop.track(name, "Bought")
        bank.shop.now += HOUR
    await bank.shop.settled()
    titles = []
    for at in (NOON + HOUR // 2, NOON + HOUR, NOON + 6 * DAY, NOON + 8 * DAY):
        titles.append(title(await bank.page(await link(bank, anonymousId=name, at=at))))
    assert titles == ["Welcome", "For buyers", "For buyers", "Welcome"]


async def test_drafts_are_shown_to_a_person_who_is_counted_from_the_log(bank: Bank) -> None:
    from tests.web.editing import Desk

    desk, name = Desk(bank.shop), bank.shop.someone()
    await bank.shop.track(name, "Danced")
    await bank.shop.settled()
    await desk.save("segments/buyers", {"name": "Buyers", "rule": 'count("Danced") >= 1'})
    try:
        assert title(await bank.page(await link(bank, anonymousId=name))) == "Welcome"
        assert title(await bank.page(await link(bank, anonymousId=name, drafts=True))) == "For buyers"
    finally:
        await desk.clean()


async def test_caps_hold_for_a_person_unless_they_shall_not(bank: Bank) -> None:
    name = await someone(bank)
    before = await link(bank, userId=name, hours=48)
    assert ">The gold card<" in (await bank.page(before)).text
    await bank.shop.decide(f"of-{name}", page="/", impression=True)
    await bank.shop.settled()
    page = await bank.page(before)
    assert ">The gold card<" not in page.text
    assert "a cap keeps it back" in panel(page) and "again from" not in panel(page)
    assert ">The gold card<" in (await bank.page(await link(bank, userId=name, caps=False))).text
    assert ">The gold card<" in (await bank.page(await link(bank, userId=name, at=NOON - HOUR))).text
    bank.shop.now = NOON + DAY
    assert ">The gold card<" in (await bank.page(before)).text


async def test_what_is_on_its_way_to_a_person_counts_too(bank: Bank) -> None:
    name = await someone(bank)
    await bank.shop.decide(f"of-{name}", page="/")
    assert ">The gold card<" not in (await bank.page(await link(bank, userId=name))).text


async def test_nothing_of_a_person_changes(bank: Bank) -> None:
    name = await someone(bank)
    paths = [await link(bank, userId=name), await link(bank, userId=name, at=NOON - HOUR), await link(bank)]
    before = await left(bank)
    bank.shop.now += HOUR // 2
    for path in paths:
        for _ in range(2):
            assert (await bank.page(path, cookie=f"lenticular_id=of-{name}; lenticular_consent=11")).status_code == 200
        body = {"site": "shop", "page": "/", "preview": path.partition("=")[2], "impression": True, "explain": True}
        answer = await bank.shop.visitor.post("/v1/decide", json={**body, "anonymousId": f"of-{name}"})
        assert answer.status_code == 200
    assert await left(bank) == before


async def test_a_person_who_is_held_out_is_shown_what_they_would_see_and_it_is_said(bank: Bank) -> None:
    name = await someone(bank)
    page = await bank.page(await link(bank, userId=name, page="/held"))
    assert title(page) == "Held" and "In truth the default: this person is held out." in panel(page)


async def test_who_became_one_with_another_and_who_is_gone_are_not_shown(bank: Bank) -> None:
    anonymous, user = bank.shop.someone(), await someone(bank)
    await bank.shop.track(anonymous, "Bought")
    await bank.shop.settled()
    made = await link(bank, anonymousId=anonymous)
    assert (await bank.page(made)).status_code == 200
    body = {"userId": user, "anonymousId": anonymous, "writeKey": _key(bank)}
    assert (await bank.shop.visitor.post("/v1/identify", json=body)).status_code == 200
    for settle in (False, True):
        if settle:
            await bank.shop.settled()
        page = await bank.page(made)
        assert page.status_code == 403 and "has become one with another" in page.text
    assert await refused(bank, profile="999999") == ["preview.person-gone"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"userId": "nobody-knows"}, "person.unknown"),
        ({"profile": "x"}, "preview.person"),
        ({"profile": "9" * 30}, "preview.person"),
        ({"profile": "1", "persona": "rich"}, "preview.person"),
        ({"profile": "1", "userId": "a"}, "preview.person"),
        ({"profile": "1", "hours": 73}, "preview.hours"),
    ],
)
async def test_a_link_of_nobody_is_not_made(bank: Bank, asked: dict[str, Any], code: str) -> None:
    assert await refused(bank, **asked) == [code]


async def test_a_link_of_a_person_is_short_and_the_log_has_it(bank: Bank) -> None:
    name = await someone(bank)
    made = await link(bank, userId=name, caps=False)
    audit = (await bank.shop.admin.get("/api/audit", params={"q": "preview link"})).json()["entries"][0]
    assert audit["sentence"].startswith("made a preview link: the person with the profile ")
    assert audit["sentence"].endswith(" without caps, for 8 hours") and name not in audit["sentence"]
    bank.shop.now += 8 * HOUR
    assert (await bank.page(made)).status_code == 403


async def test_without_the_log_a_person_is_shown_as_they_are_now(tmp_path_factory: pytest.TempPathFactory) -> None:
    async with open_bank(tmp_path_factory.mktemp("away"), parts=_parts()) as bank:
        name = await someone(bank)
        now, before = await link(bank, userId=name), await link(bank, userId=name, at=NOON - HOUR)
        await bank.shop.site.settle()
        await bank.shop.installation.child.stop()
        assert title(await bank.page(now)) == "For rich"
        page = await bank.page(before)
        assert page.status_code == 503 and page.headers["cache-control"] == "no-store"
        body = {"site": "shop", "page": "/", "preview": before.partition("=")[2]}
        answer = await bank.shop.visitor.post("/v1/decide", json=body)
        assert answer.status_code == 503 and answer.headers["retry-after"]
