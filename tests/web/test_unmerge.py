"""Unmerge over HTTP: what is answered, and what is refused with what to do."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.world import SITE
from tests.web.shop import SECRET, Shop

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def signs_in(shop: Shop, anonymous_id: str, user_id: str) -> None:
    body = {"anonymousId": anonymous_id, "userId": user_id, "writeKey": SITE.write_key}
    assert (await shop.visitor.post("/v1/identify", json=body)).status_code == 200


async def refused(shop: Shop, **body: Any) -> tuple[int, str]:
    answer = await shop.admin.post(f"/api/sites/{SITE.key}/people/unmerge", json=body)
    [problem] = answer.json()["problems"]
    return answer.status_code, f"{problem['message']} {problem.get('hint', '')}".strip()


async def test_a_device_leaves_the_user_whom_it_was_joined_to(shop: Shop) -> None:
    device, other, user = shop.someone(), shop.someone(), f"user {shop.someone()}"
    await shop.track(device, "Bought", properties={"price": 20})
    await signs_in(shop, other, user)
    await signs_in(shop, device, user)
    answer = await shop.ask("people/unmerge", anonymousId=device, messageId=f"undo {device}")
    assert answer["back"]["userId"] == "" and answer["back"]["anonymousIds"] == [device]
    assert answer["taken"]["userId"] == user and answer["taken"]["anonymousIds"] == [other]
    assert answer["back"]["profile"] != answer["taken"]["profile"]
    again = await shop.ask("people/unmerge", anonymousId=device, messageId=f"undo {device}")
    assert again == {"back": answer["back"], "taken": None}
    await signs_in(shop, device, user)
    await shop.site.settle()
    for who, member in (({"anonymousId": device}, True), ({"userId": user}, False)):
        explained = await shop.ask("explain", rule='count("Bought") >= 1', **who)
        assert explained["member"] is member
    members = await shop.ask("members", rule='count("Bought") >= 1', limit=1_000)
    mine = [each["anonymousIds"] for each in members["members"] if device in each["anonymousIds"]]
    assert mine == [[device]]


async def test_what_cannot_be_undone_is_refused_with_what_to_do(shop: Shop) -> None:
    first, last, user = shop.someone(), shop.someone(), f"user {shop.someone()}"
    for device in (first, last):
        await shop.track(device, "Came")
    await signs_in(shop, shop.someone(), user)
    await signs_in(shop, first, user)
    await signs_in(shop, last, user)
    found = await refused(shop, anonymousId=first)
    message = f"Not {first!r} but the anonymous id {last!r} came last to this profile. Undo that first, or nothing."
    assert found == (422, message)
    assert await refused(shop, userId="a stranger") == (
        404,
        "Nobody is known as 'a stranger'. Give a userId or an anonymousId.",
    )
    one_of_two = (422, "One identity must be named, and only one. Give a userId or an anonymousId.")
    assert await refused(shop) == await refused(shop, userId=user, anonymousId=first) == one_of_two
    assert await refused(shop, userId="x" * 256) == (422, "An id has at most 255 characters.")
    answer = await shop.visitor.post(f"/api/sites/{SITE.key}/people/unmerge", json={}, headers=SECRET)
    assert answer.status_code == 401


async def test_no_message_from_outside_undoes_a_merge(shop: Shop) -> None:
    body = {"batch": [{"type": "unmerge", "anonymousId": "a"}], "writeKey": SITE.secret_key}
    answer = await shop.visitor.post("/v1/batch", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_type")
