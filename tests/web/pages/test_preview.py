"""Preview links: what they show, to whom, and that nothing of it is left behind."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest

from tests.web.editing import Desk
from tests.web.pages.bank import HOST, PEOPLE, Bank
from tests.web.pages.test_pages import title
from tests.web.shop import HOUR, NOON

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def link(bank: Bank, **asked: Any) -> str:
    """Return the path of a preview link that must be made."""
    answer = await bank.shop.admin.post("/api/sites/shop/preview-links", json=asked)
    assert answer.status_code == 201, answer.text
    path: str = answer.json()["path"]
    return path


async def token(bank: Bank, **asked: Any) -> str:
    return (await link(bank, **asked)).partition("=")[2]


async def decided(bank: Bank, made: str, **asked: Any) -> httpx.Response:
    body = {"site": "shop", "page": "/", "preview": made, **asked}
    return await bank.shop.visitor.post("/v1/decide", json=body)


async def test_a_link_shows_the_page_of_each_segment(bank: Bank) -> None:
    for segment in PEOPLE:
        page = await bank.page(await link(bank, segments=[segment]), cookie="lenticular_id=looks-1")
        assert (page.status_code, title(page)) == (200, f"For {segment}")
        assert (page.headers["cache-control"], page.headers["x-robots-tag"]) == ("no-store", "noindex")
        assert "set-cookie" not in page.headers and "lenticular.js" not in page.text
    both = await bank.page(await link(bank, segments=["near", "savers"]))
    assert title(both) == "For savers"  # the first of the list, as for everybody
    nobody = await bank.page((await link(bank, segments=[])) + "&utm_campaign=campus")
    assert title(nobody) == "Welcome"
    itself = await bank.page((await link(bank)) + "&utm_campaign=campus")
    assert title(itself) == "For students"


async def test_a_link_shows_what_a_persona_sees(bank: Bank) -> None:
    ana = await bank.page(await link(bank, persona="ana"))
    assert title(ana) == "For students" and "As Ana" in ana.text
    assert title(await bank.page(await link(bank, persona="max"))) == "For savers"


async def test_the_panel_says_why_and_nothing_in_it_runs(bank: Bank) -> None:
    page = await bank.page(await link(bank, segments=["savers"]))
    panel = page.text.partition('<details id="lenticular-why"')[2].partition("</details>")[0]
    assert "As this visit is, in Savers" in panel and "Page /: <code>PREVIEW</code>" in panel
    assert "UTM campaign is save" in panel or "Savers:" in panel
    assert "The link ends 26 Nov 2026, 12:00" in panel
    nonce = page.text.partition('<style nonce="')[2].partition('"')[0]
    assert f"style-src 'self' 'nonce-{nonce}';" in page.headers["content-security-policy"]
    assert "<script" not in page.text.partition("</head>")[2]


async def test_a_link_shows_drafts(bank: Bank) -> None:
    desk = Desk(bank.shop)
    blocks = {"hero": {"kind": "hero", "position": "a", "settings": {"title": "A draft"}}}
    await desk.save("pages/soon", {"path": "/soon", "title": "Soon", "blocks": blocks})
    try:
        assert (await bank.page("/soon")).status_code == 404
        page = await bank.page(await link(bank, page="/soon", drafts=True))
        assert (page.status_code, title(page)) == (200, "A draft") and "with all drafts" in page.text
        assert (await bank.page(await link(bank, page="/soon"))).status_code == 404
        again = {"hero": {"kind": "hero", "position": "a", "settings": {"title": "Another"}}}
        made = await link(bank, page="/soon", drafts=True)
        await desk.save("pages/soon", {"path": "/soon", "blocks": again})
        assert title(await bank.page(made)) == "Another"
        await desk.save("segments/broken", {"rule": "user.nothing =="})
        page = await bank.page(made)
        assert page.status_code == 403 and "The drafts can&#39;t be shown" in page.text
    finally:
        await desk.clean()


async def test_a_link_shows_another_moment(bank: Bank) -> None:
    desk = Desk(bank.shop)
    later = {"key": "later", "schedule": {"start": "2026-12-01"}, "overrides": {}}
    before = (await desk.get("definitions/pages/home"))["body"]
    later["overrides"] = {"hero": {"settings": {"title": "December"}}}
    await desk.save("pages/home", {**before, "experiences": [later]})
    try:
        now, then = [await link(bank, drafts=True, at=at) for at in (None, "2026-12-02T00:00:00Z")]
        assert title(await bank.page(now)) == "Welcome"
        assert title(await bank.page(then)) == "December"
    finally:
        await desk.clean()


async def test_a_link_is_over_when_it_is_over(bank: Bank) -> None:
    made = await link(bank, segments=["savers"], hours=1)
    bank.shop.now = NOON + HOUR - 1
    assert (await bank.page(made)).status_code == 200
    bank.shop.now = NOON + HOUR
    page = await bank.page(made)
    assert page.status_code == 403 and "This preview link is over." in page.text
    assert "Ask whoever gave you this link for a new one." in page.text
    assert page.headers["cache-control"] == "no-store"
    answer = await decided(bank, made.partition("=")[2])
    assert (answer.status_code, answer.json()["code"]) == (403, "preview.expired")


async def test_nobody_can_change_a_link(bank: Bank) -> None:
    good = await token(bank, segments=["savers"])
    body, _, signature = good.partition(".")
    told = json.loads(base64.urlsafe_b64decode(body + "=="))
    forged = base64.urlsafe_b64encode(json.dumps({**told, "segments": ["near"]}).encode()).decode().rstrip("=")
    wrong = [
        *("", ".", body, f"{body}.", f".{signature}", f"{forged}.{signature}", good[:-1], f"{good}A", f"{good}.x"),
        *(f"{good[:at]}{'A' if good[at] != 'A' else 'B'}{good[at + 1 :]}" for at in range(0, len(good), 7)),
        *("x" * 10_000, "é", f"{body}.{signature[:-1]}=", good.replace(".", "..")),
    ]
    for one in wrong:
        page = await bank.page(f"/?lenticular-preview={one}")
        assert page.status_code == 403, one
        assert "not one of this server" in page.text
        if one:
            assert (await decided(bank, one)).json()["code"] == "preview.tampered"


async def test_a_link_is_for_one_site(bank: Bank) -> None:
    made = await token(bank)
    answer = await bank.shop.admin.put("/api/sites/other", json={})
    assert answer.status_code == 200
    answer = await bank.shop.visitor.post("/v1/decide", json={"site": "other", "page": "/", "preview": made})
    assert (answer.status_code, answer.json()["code"]) == (403, "preview.site")


async def test_the_tag_of_a_foreign_site_passes_a_link_on(bank: Bank) -> None:
    answer = await decided(bank, await token(bank, segments=["near"]), render=True, anonymousId="foreign-1")
    told = answer.json()
    assert (told["page"]["experience"], told["page"]["reason"]) == ("near", "PREVIEW")
    assert "For near" in told["page"]["html"] and told["cache"] == "private" and "explain" not in told
    assert (answer.headers["cache-control"], answer.headers["x-robots-tag"]) == ("no-store", "noindex")
    params = {"site": "shop", "page": "/", "preview": await token(bank, segments=["free"])}
    got = await bank.shop.visitor.get("/v1/decide", params=params)
    assert got.json()["page"]["experience"] == "free"


async def test_nothing_of_a_preview_is_left(bank: Bank) -> None:
    site = bank.shop.site
    await bank.shop.settled()
    before = site.stores.journal.last(), dict(site.visits)
    path = await link(bank, segments=["savers"])
    for _ in range(3):  # the offer that may be seen once a day is there each time
        page = await bank.page(path, cookie="lenticular_id=unseen-1; lenticular_consent=11")
        assert ">The gold card<" in page.text
        answer = await decided(bank, path.partition("=")[2], anonymousId="unseen-1", impression=True)
        assert answer.status_code == 200
    fields = {"_site": "shop", "_event": "Contact Requested"}
    sent = await bank.shop.visitor.post("/lenticular/form", data=fields, headers={"referer": f"http://{HOST}{path}"})
    assert sent.status_code == 303
    await bank.shop.settled()
    assert (site.stores.journal.last(), dict(site.visits)) == before
    assert site.collector.current("unseen-1", "") is None
    assert "The gold card" in (await bank.page("/", cookie="lenticular_id=unseen-1")).text  # nothing was reserved


async def test_who_is_held_out_sees_a_preview_all_the_same(bank: Bank) -> None:
    answer = await decided(bank, await token(bank, segments=["near"]), anonymousId="anyone", explain=True)
    assert "heldOut" not in answer.json()["page"] and answer.json()["explain"]["page"]["experiences"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"segments": ["saver"]}, "preview.unknown-segment"),
        ({"persona": "anna"}, "preview.unknown-persona"),
        ({"hours": 0}, "preview.hours"),
        ({"hours": 721}, "preview.hours"),
        ({"at": "soon"}, "at"),
        ({"page": "https://evil.example/"}, "preview.page"),
        ({"segment": "savers"}, "request"),
    ],
)
async def test_a_link_that_shows_nothing_is_not_made(bank: Bank, asked: dict[str, Any], code: str) -> None:
    answer = await bank.shop.admin.post("/api/sites/shop/preview-links", json=asked)
    assert answer.status_code in (400, 422), answer.text
    assert [one["code"] for one in answer.json()["problems"]] == [code] or code == "request"


async def test_links_are_noted(bank: Bank) -> None:
    await link(bank, page="/college", segments=["near"], hours=5)
    audit = (await bank.shop.admin.get("/api/audit", params={"q": "preview link"})).json()
    entry = audit["entries"][0]
    assert entry["sentence"] == "made a preview link: whoever opens it in near, for 5 hours"
    assert (entry["target"], entry["site"]) == ("/college", "shop")


async def test_a_link_lives_on_in_a_server_that_is_started_again(bank: Bank) -> None:
    installation = bank.shop.installation
    key = installation.folder.path / "preview.key"
    await link(bank)
    assert key.stat().st_mode & 0o777 == 0o600 and len(key.read_bytes()) > 5
    assert installation.preview_key() == key.read_bytes()
