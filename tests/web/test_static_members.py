"""Static members over real HTTP: put on a list, found there, taken off again, through the journal."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.shop import Shop
from tests.web.test_api import problems

pytestmark = pytest.mark.asyncio(loop_scope="session")
PATH = "/api/sites/shop/segments/{}/{}"


async def change(shop: Shop, segment: str, **body: Any) -> int:
    answer = await shop.admin.post(PATH.format(segment, "members"), json=body)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["ids"])


async def listed(shop: Shop, segment: str, **page: Any) -> list[str]:
    """Return who is on the list, by every page."""
    await shop.ask("settle")
    found: list[str] = []
    after: str | None = "0"
    while after is not None:
        answer = await shop.admin.get(PATH.format(segment, "static"), params={"after": after, **page})
        assert answer.status_code == 200, answer.text
        body = answer.json()
        found += [each["userId"] or each["anonymousIds"][0] for each in body["members"]]
        after = body["next"]
    return found


async def test_people_are_put_on_a_list_and_taken_off(shop: Shop) -> None:
    known, stranger = shop.someone(), f"new-{shop.someone()}"
    await shop.track(known, "Looked")
    assert await change(shop, "vips", userIds=[stranger, stranger], anonymousIds=[known]) == 2
    assert await listed(shop, "vips") == await listed(shop, "vips", limit=1) == [known, stranger]
    assert await listed(shop, "buyers") == []
    profile = shop.site.collector.current("", stranger)
    assert profile is not None
    assert (profile.lists, profile.session, shop.site.person(profile).lists) == (["vips"], None, ["vips"])
    shop.now += 1
    assert await change(shop, "vips", anonymousIds=[known, "nobody at all"], remove=True) == 2
    assert await listed(shop, "vips") == [stranger]
    assert shop.site.collector.current("nobody at all", "") is None


async def test_ten_thousand_at_once(shop: Shop) -> None:
    ids = [f"many {at}" for at in range(10_000)]
    assert await change(shop, "guests", userIds=ids) == len(ids)
    assert await listed(shop, "guests", limit=1_000) == ids


@pytest.mark.parametrize(
    ("segment", "body", "status", "place", "says"),
    [
        ("vpis", {"userIds": ["u"]}, 404, "", "vips"),
        ("vips", {}, 422, "", "userIds"),
        ("vips", {"userIds": ["u"] * 10_001}, 422, "", "several requests"),
        ("vips", {"userIds": ["u", ""]}, 422, "userIds/1", "out"),
        ("vips", {"anonymousIds": ["x" * 256]}, 422, "anonymousIds/0", "Shorten"),
        ("vips", {"userIds": ["a\0b"]}, 422, "userIds/0", "Remove"),
    ],
)
async def test_what_is_wrong_is_said(shop: Shop, segment: str, body: Any, status: int, place: str, says: str) -> None:
    [problem] = await problems(shop, status, "POST", PATH.format(segment, "members"), body)
    assert (problem.get("place", ""), says in problem["hint"]) == (place, True)


async def test_a_body_of_another_shape_and_a_wrong_page(shop: Shop) -> None:
    for wrong in ({"userIds": [5]}, {"userId": "u"}, {"userIds": ["u"], "remove": "yes"}):
        await problems(shop, 400, "POST", PATH.format("vips", "members"), wrong)
    await problems(shop, 404, "GET", PATH.format("rihc", "static"))
    await problems(shop, 404, "GET", "/api/sites/shpo/segments/rich/static")
    await problems(shop, 422, "GET", PATH.format("vips", "static?after=x"))
