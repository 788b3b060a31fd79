"""Members page by page, explanations with their evidence, and the check of a rule that is being written."""

from __future__ import annotations

from typing import Any

import pytest

from lenticular.app import audience as asked_of
from tests.decide.world import SITE
from tests.web.shop import HOUR, NOON, Shop
from tests.web.test_api import iso, problems

pytestmark = pytest.mark.asyncio(loop_scope="session")
NOW = ["traits", "organizations", "consent", "lists", "merges"]


async def test_an_earlier_moment_says_what_is_as_it_is_now(shop: Shop) -> None:
    me = shop.someone()
    await shop.track(me, "Looked")
    await shop.ask("settle")
    shop.now += HOUR
    for what, more in (("count", {}), ("members", {}), ("explain", {"anonymousId": me})):
        earlier = await shop.ask(what, rule="True", at=iso(NOON), **more)
        assert (earlier["asOfNow"], earlier["at"]) == (NOW, NOON), what
        assert (await shop.ask(what, rule="True", at=NOON, **more)) == earlier
        assert (await shop.ask(what, rule="True", **more))["asOfNow"] == [], what


async def test_pages_of_one_moment_hold_everyone_once_while_people_come_and_go(shop: Shop) -> None:
    name = f"Turning {shop.someone()}"
    people = [shop.someone() for _ in range(30)]
    for each in people:
        await shop.track(each, name)
    await shop.ask("settle")
    page = await shop.ask("members", rule=f'count("{name}", within="1h") >= 1', limit=7)
    rule, at, found = f'count("{name}", within="1h") >= 1', page["at"], page["members"]
    while page["next"] is not None:
        shop.now += HOUR  # by now, nobody belongs any more; and others come
        late = shop.someone()
        await shop.track(late, name)
        await shop.ask("settle")
        page = await shop.ask("members", rule=rule, limit=7, after=page["next"], at=at)
        found += page["members"]
    assert [one["anonymousIds"][0] for one in found] == people


async def test_members_show_what_is_asked_for(shop: Shop) -> None:
    me, name = shop.someone(), f"Shown {shop.someone()}"
    traits = {
        **{"balance": 1.5, "plan": "gold", "paid": True, "born": "2001-02-03", "since": "2026-01-31T12:00:00.5Z"},
        **{"tags": ["a", "b"], "cars": [{"make": "Seat", "built": "2020-05-06"}, {"make": "Fiat", "doors": 3}]},
    }
    body = {"anonymousId": me, "userId": f"u {me}", "traits": traits, "writeKey": SITE.write_key}
    assert (await shop.visitor.post("/v1/identify", json=body)).status_code == 200
    await shop.track(me, name, context={"page": {"url": "https://shop.example/a/b"}})
    await shop.track(shop.someone(), name)
    await shop.ask("settle")
    fields = [*(f"user.{trait}" for trait in traits), "session.path"]
    known, anonymous = (await shop.ask("members", rule=f'count("{name}") >= 1', fields=fields))["members"]
    assert (known["known"], known["userId"], anonymous["known"]) == (True, f"u {me}", False)
    shown = {f"user.{trait}": value for trait, value in traits.items()}
    assert known["fields"] == {**shown, "user.since": "2026-01-31T12:00:00.500Z", "session.path": "/a/b"}
    assert set(anonymous["fields"].values()) == {None}


@pytest.mark.parametrize(
    ("fields", "place", "says"),
    [
        (["user.balance", "user.balanse"], "fields/1", "user.balance"),
        (["event.price"], "fields/0", "user.NAME"),
        (["user.interests"], "fields/0", ""),
        (["user.balance"] * 21, "fields", "another request"),
    ],
)
async def test_members_show_nothing_that_there_is_not(shop: Shop, fields: Any, place: str, says: str) -> None:
    asked = {"rule": "True", "fields": fields}
    [problem] = await problems(shop, 422, "POST", "/api/sites/shop/members", asked)
    assert (problem["place"], says in problem["hint"]) == (place, True)


async def test_an_explanation_shows_the_events_that_counted(shop: Shop) -> None:
    me = shop.someone()
    times = []
    for price in (20, 5, 30):
        await shop.track(me, "Bought", properties={"price": price})
        times.append(shop.now)
        shop.now += HOUR
    rule = 'count("Bought", price > 10, within="7d") >= 2'
    newest = [{"event": "Bought", "time": times[2]}, {"event": "Bought", "time": times[0]}]
    for asked in ("buyers", rule, f"user.balance > 5 and {rule}"):
        explained = await shop.ask("explain", rule=asked, anonymousId=me)
        why = explained["why"]
        assert (why["parts"][1] if "and" in asked else why)["counted"] == {"total": 2, "newest": newest}, asked
    assert explained["would"] == ["balance is above 5"] and not explained["member"]
    earlier = await shop.ask("explain", rule="buyers", anonymousId=me, at=iso(NOON + HOUR))
    assert (earlier["member"], earlier["why"]["counted"]) == (False, {"total": 1, "newest": newest[1:]})
    assert earlier["would"] == ["“Bought” (price is above 10) happened at least 2 times in the last 7 days"]
    spanish = await shop.ask("explain", rule="buyers", anonymousId=me, language="es")
    assert spanish["sentence"] == (await shop.ask("sentence", rule="buyers", language="es"))["sentence"]
    assert spanish["sentence"] != (await shop.ask("sentence", rule="buyers"))["sentence"]


async def test_without_the_log_a_segment_is_explained_all_the_same(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked_of, "_PATIENCE", 0.3)
    me = shop.someone()
    for _ in range(2):
        await shop.track(me, "Bought", properties={"price": 20})
    await shop.installation.child.stop()
    try:
        explained = await shop.ask("explain", rule="buyers", anonymousId=me)
        assert explained["member"] is True
        assert explained["why"].get("counted") is None
        checked = await shop.ask("check", rule='count("Bought") >= 1')
        assert (checked["problems"], checked["notes"]) == ([], None)
    finally:
        await shop.installation.child.start()
    monkeypatch.undo()
    assert (await shop.ask("explain", rule="buyers", anonymousId=me))["why"]["counted"]["total"] == 2


async def test_a_rule_is_checked_while_it_is_written(shop: Shop) -> None:
    me = shop.someone()
    await shop.track(me, "Product Viewed", properties={"price": 20, "category": "shoes"})
    await shop.track(me, "Cart Added", properties={"price": 20})
    await shop.ask("settle")
    shop.now += 60_000

    async def check(rule: str) -> Any:
        answer = await shop.ask("check", rule=rule)
        return [(one["place"], one["message"], one.get("hint", "")) for one in answer["notes"]]

    good = await shop.ask("check", rule='count("Product Viewed",price>5)>=1')
    assert good == {
        **{"problems": [], "notes": [], "text": 'count("Product Viewed", price > 5) >= 1'},
        "sentence": "“Product Viewed” (price is above 5) happened.",
    }
    assert await check('count("Product Vewed") >= 1') == [
        ("line 1, column 1", 'The event "Product Vewed" was never seen.', "Did you mean Product Viewed?")
    ]
    assert await check('user.balance > 1 or\n sum("Cart Added", prize, categry == "x") > 1') == [
        ("line 2, column 20", "No \"Cart Added\" has ever had 'prize'.", "Did you mean price?"),
        ("line 2, column 27", "No \"Cart Added\" has ever had 'categry'.", "Did you mean category?"),
    ]
    # Known by another event, but never seen on this one.
    [(place, message, _)] = await check('sequence(event("Product Viewed"), event("Cart Added", category == "shoes"))')
    assert (place, message) == ("line 1, column 55", "No \"Cart Added\" has ever had 'category'.")
    bad = await shop.ask("check", rule="user.balanse > 5")
    assert bad["problems"][0]["hint"] == "Did you mean user.balance?"
    assert (bad["notes"], bad["text"], bad["sentence"]) == ([], None, None)


async def test_who_looks_at_content_is_interested_in_its_tags(shop: Shop) -> None:
    me = shop.someone()
    for item in ("gift", "card", "nobody knows"):
        await shop.track(me, "Offer Clicked", properties={"item": item})
    await shop.track(me, "Impression", properties={"item": "gift", "decision": "d"})
    for rule, holds in (
        ('user.interests.has("presents")', True),
        ('user.interests["presents"] >= 1', True),
        ('user.interests["presents"] > 1', False),
        ('count("Offer Clicked", topics.has("presents")) == 1', True),
    ):
        assert (await shop.ask("explain", rule=rule, anonymousId=me))["member"] is holds, rule
        members = (await shop.ask("members", rule=rule))["members"]
        assert (me in [one["anonymousIds"][0] for one in members]) is holds, rule
