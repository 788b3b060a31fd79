"""Preview links are listed, and a single one can be taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from lenticular.app import preview_links
from lenticular.app.preview_key import preview_key
from lenticular.app.preview_token import Preview, token_of
from tests.web.pages.bank import Bank, open_bank
from tests.web.shop import HOUR, NOON
from tests.web.visitors import Browser, answered, problem, signed_in

pytestmark = pytest.mark.asyncio(loop_scope="module")
LINKS = "/api/sites/shop/preview-links"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bank]:
    async with open_bank(tmp_path_factory.mktemp("links")) as bank:
        yield bank
        await Browser.close_all()


@pytest.fixture
def bank(opened: Bank) -> Bank:
    opened.shop.now = NOON
    return opened


async def made(bank: Bank, **asked: Any) -> Any:
    return answered(await bank.shop.admin.post(LINKS, json=asked), 201)


async def listed(bank: Bank) -> Any:
    found = answered(await bank.shop.admin.get(LINKS), 200)["links"]
    return {one["id"]: one for one in found}


@contextmanager
def without_database(bank: Bank) -> Iterator[None]:
    """Have the database give no answer about links, and then as before."""
    database = bank.shop.installation.database
    rename = "ALTER TABLE preview_links RENAME TO preview_links_away"
    with database.write() as connection:
        connection.execute(text(rename))
    try:
        yield
    finally:
        with database.write() as connection:
            connection.execute(text("ALTER TABLE preview_links_away RENAME TO preview_links"))


async def test_a_link_that_is_taken_back_shows_nothing(bank: Bank) -> None:
    one, other = await made(bank, segments=["savers"]), await made(bank, segments=["savers"])
    assert (await bank.page(one["path"])).status_code == 200
    taken = answered(await bank.shop.admin.delete(f"{LINKS}/{one['id']}"), 200)
    assert taken["ended"] == NOON
    page = await bank.page(one["path"])
    assert page.status_code == 403 and "This preview link was taken back." in page.text
    body = {"site": "shop", "page": "/", "preview": one["token"]}
    answer = await bank.shop.visitor.post("/v1/decide", json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "preview.taken-back")
    assert (await bank.page(other["path"])).status_code == 200
    again = answered(await bank.shop.admin.delete(f"{LINKS}/{one['id']}"), 200)
    assert again["ended"] == NOON
    audit = answered(await bank.shop.admin.get("/api/audit", params={"q": "took back"}), 200)["entries"]
    assert audit[0]["sentence"] == f"took back the preview link {one['id']} of admin"


async def test_the_list_says_what_links_show_and_never_the_links(bank: Bank) -> None:
    asked = {"page": "/college", "segments": ["near"], "drafts": True, "at": "2026-12-01T00:00:00Z", "hours": 5}
    one = await made(bank, **asked)
    found = (await listed(bank))[one["id"]]
    expected = {**asked, "at": 1_796_083_200_000, "persona": None, "profile": None, "caps": True, "author": "admin"}
    expected |= {"created": NOON, "expires": NOON + 5 * HOUR, "ended": None, "used": None, "id": one["id"]}
    del expected["hours"]
    assert found == expected
    answer = await bank.shop.admin.get(LINKS)
    assert one["token"] not in answer.text
    await bank.page(one["path"])
    assert (await listed(bank))[one["id"]]["used"] == NOON // (24 * HOUR) * (24 * HOUR)
    bank.shop.now = NOON + 5 * HOUR
    assert one["id"] not in await listed(bank)


async def test_viewers_take_back_their_own_links_and_editors_all(bank: Bank) -> None:
    viewer = await signed_in(bank.shop, "vic@example.com", shop="viewer")
    editor = await signed_in(bank.shop, "eve@example.com", shop="editor")
    theirs = [answered(await viewer.ask("POST", LINKS, {}), 201)["id"] for _ in range(2)]
    ours = (await made(bank))["id"]
    assert {one["author"] for one in answered(await viewer.ask("GET", LINKS), 200)["links"]} >= {"vic", "admin"}
    assert problem(await viewer.ask("DELETE", f"{LINKS}/{ours}"), 403) == "preview.others"
    answered(await viewer.ask("DELETE", f"{LINKS}/{theirs[0]}"), 200)
    answered(await editor.ask("DELETE", f"{LINKS}/{theirs[1]}"), 200)
    answered(await editor.ask("DELETE", f"{LINKS}/{ours}"), 200)
    assert problem(await editor.ask("DELETE", f"{LINKS}/none"), 404) == "preview-link.unknown"


async def test_without_the_database_links_work_and_none_is_made_or_taken_back(bank: Bank) -> None:
    good, taken = await made(bank), await made(bank)
    answered(await bank.shop.admin.delete(f"{LINKS}/{taken['id']}"), 200)
    with without_database(bank):
        assert (await bank.page(good["path"])).status_code == 200
        assert (await bank.page(taken["path"])).status_code == 403
        assert problem(await bank.shop.admin.post(LINKS, json={}), 503) == "catalog.database"
        assert problem(await bank.shop.admin.delete(f"{LINKS}/{good['id']}"), 503) == "catalog.database"
        assert (await bank.page(good["path"])).status_code == 200
    assert (await listed(bank))[good["id"]]["ended"] is None


async def test_a_link_of_an_earlier_version_lasts_until_it_is_over(bank: Bank) -> None:
    key = preview_key(bank.shop.installation)
    old = token_of(Preview("shop", NOON + HOUR, segments=("savers",)), key)
    assert (await bank.page(f"/?lenticular-preview={old}")).status_code == 200


async def test_there_are_only_so_many_links(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview_links, "MOST", len(await listed(bank)) + 1)
    while (answer := await bank.shop.admin.post(LINKS, json={})).status_code == 201:
        pass
    assert problem(answer, 409) == "preview.many"


async def test_the_night_lets_go_of_what_is_over(bank: Bank) -> None:
    one = await made(bank, hours=1)
    await bank.shop.admin.delete(f"{LINKS}/{one['id']}")
    bank.shop.now = NOON + 2 * HOUR
    answered(await bank.shop.admin.post("/api/jobs", json={"kind": "purge"}), 200)
    await bank.shop.installation.jobs.work_off()
    with bank.shop.installation.database.read() as connection:
        found = connection.execute(text("SELECT id FROM preview_links")).scalars().all()
    assert one["id"] not in found and found
    assert "is over" in (await bank.page(one["path"])).text


async def test_what_was_taken_back_stays_so_after_a_start(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("again")
    async with open_bank(folder) as bank:
        good, taken = await made(bank), await made(bank)
        await bank.page(good["path"])
        answered(await bank.shop.admin.delete(f"{LINKS}/{taken['id']}"), 200)
    async with open_bank(folder) as bank:
        assert (await bank.page(good["path"])).status_code == 200
        assert (await bank.page(taken["path"])).status_code == 403
        assert (await listed(bank))[good["id"]]["used"] is not None
