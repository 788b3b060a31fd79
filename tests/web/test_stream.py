"""What open screens are told: by a real client, over a real connection."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio

from lenticular.app.stream import stream as hub
from lenticular.app.stream.presence import LASTS
from lenticular.web.api import stream as route
from lenticular.web.connection import connections
from lenticular.web.server import server
from tests.web.editing import Desk
from tests.web.serving import serving
from tests.web.shop import TOKEN, Shop, open_shop
from tests.web.visitors import Browser, answered, problem, signed_in, user

pytestmark = pytest.mark.asyncio(loop_scope="session")
PATIENCE = 60
Told = dict[str, Any]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path_factory.mktemp("stream")) as shop:
        yield shop
        await Browser.close_all()


class Ear:
    """Listens to a stream, as a browser's EventSource would."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer, self.heard, self.last, self.whole = answer, list[Told](), "", False
        self._news = asyncio.Event()
        self.task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        block: dict[str, str] = {}
        async for line in self.answer.aiter_lines():
            if line:
                name, _, value = line.partition(": ")
                block[name] = value
                continue
            self.last = block.get("id", self.last)
            if "data" in block:
                self.heard.append({"event": block["event"], "data": json.loads(block["data"]), "id": block.get("id")})
            block = {}
            self._news.set()
        self.whole = True

    async def until(self, kind: str, when: Callable[[Any], bool] = lambda data: True) -> Any:
        """Return what is told in the first such notice."""
        async with asyncio.timeout(PATIENCE):
            while True:
                self._news.clear()
                for one in self.heard:
                    if one["event"] == kind and when(one["data"]):
                        return one["data"]
                await self._news.wait()

    def kinds(self) -> list[str]:
        """Return what was told, but for live counts."""
        return [one["event"] for one in self.heard if one["event"] != "count"]


@asynccontextmanager
async def listening(client: httpx.AsyncClient, after: str = "", site: str = "shop") -> AsyncIterator[Ear]:
    headers = {"last-event-id": after} if after else {}
    async with client.stream("GET", f"/api/sites/{site}/stream", headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        ear = Ear(answer)
        try:
            yield ear
        finally:
            ear.task.cancel()
            await asyncio.gather(ear.task, return_exceptions=True)


async def silent(shop: Shop) -> None:
    """Return when nobody listens any more."""
    async with asyncio.timeout(PATIENCE):
        while shop.site.stream.listeners:
            await asyncio.sleep(0.01)


async def test_a_publication_is_told_with_its_sentence(own: Shop) -> None:
    desk = Desk(own)
    async with listening(own.admin) as ear:
        draft = await desk.save("segments/rich", {"rule": "user.balance >= 7_000"})
        told = await ear.until("draft")
        assert (told["kind"], told["key"], told["version"], told["what"]) == ("segments", "rich", 1, "saved")
        assert told["definition"] == draft["definition"] and told["author"]["name"] == "admin"
        published = await desk.published("segments/rich", note="More")
        told = await ear.until("published")
        assert (told["id"], told["note"], told["changed"]) == (published["id"], "More", 1)
        [change] = told["changes"]
        assert (change["kind"], change["key"], change["state"]) == ("segments", "rich", "live")
        assert "7,000" in change["sentence"]["en"] and "7.000" in change["sentence"]["es"]
    await silent(own)


async def test_what_is_saved_again_unchanged_is_not_told_and_what_is_discarded_is(own: Shop) -> None:
    desk = Desk(own)
    body = {"rule": "user.balance >= 8_000"}
    async with listening(own.admin) as ear:
        await desk.save("segments/rich", body)
        await desk.save("segments/rich", body)
        await desk.clean()
        told = await ear.until("draft", lambda data: data["what"] == "discarded")
        assert told["key"] == "rich"
        assert [one["data"]["what"] for one in ear.heard if one["event"] == "draft"] == ["saved", "discarded"]


async def test_two_who_edit_the_same_see_each_other(own: Shop) -> None:
    ana, ben = [await signed_in(own, f"{name}@example.com", shop="editor") for name in ("ana", "ben")]
    said = {"kind": "segments", "definition": "rich", "tab": "1"}
    async with listening(ben.http) as ear:
        assert (await ear.until("editing"))["editing"] == []
        first = answered(await ana.ask("POST", "/api/sites/shop/editing", said), 200)["editing"]
        assert [(one["name"], one["key"], one["tab"]) for one in first] == [("ana", "rich", "1")]
        told = await ear.until("editing", lambda data: bool(data["editing"]))
        assert told["editing"] == first and first[0]["definition"] and first[0]["user"]
        both = answered(await ben.ask("POST", "/api/sites/shop/editing", {**said, "definition": "new"}), 200)
        assert [one["definition"] for one in both["editing"]] == [""], "one that has no draft yet"
        both = answered(await ben.ask("POST", "/api/sites/shop/editing", said), 200)
        assert [one["name"] for one in both["editing"]] == ["ana", "ben"], "a tab has one definition open"

        def names(data: Any) -> list[str]:
            return [one["name"] for one in data["editing"]]

        await ear.until("editing", lambda data: names(data) == ["ana", "ben"])
        left = answered(await ana.ask("POST", "/api/sites/shop/editing", {**said, "open": False}), 200)
        assert [one["name"] for one in left["editing"]] == ["ben"]
        await ear.until("editing", lambda data: names(data) == ["ben"])
        own.now += LASTS
        ear.heard.clear()
        await ear.until("editing", lambda data: names(data) == [])
    wrong = answered(await ben.ask("POST", "/api/sites/shop/editing", {**said, "kind": "segmnts"}), 404)
    assert wrong["problems"][0]["code"] == "kind.unknown"
    for bad in ({**said, "definition": "a b"}, {**said, "tab": ""}, {**said, "tab": "x" * 101}):
        assert (await ben.ask("POST", "/api/sites/shop/editing", bad)).status_code == 422
    viewer = await signed_in(own, "cleo@example.com", shop="viewer")
    assert problem(await viewer.ask("POST", "/api/sites/shop/editing", said), 403) == "access.role"


async def test_live_counts_are_told_while_somebody_listens(own: Shop) -> None:
    async with listening(own.admin) as ear:
        before = await ear.until("count")
        assert before.keys() == {"eventsPerSecond", "events", "people", "pending", "lagMs"}
        await own.track(own.someone(), "Seen")
        told = await ear.until("count", lambda data: data["events"] > before["events"] and not data["pending"])
        assert told["people"] == before["people"] + 1
        await ear.until("count", lambda data: data["eventsPerSecond"] > 0)
        assert all(one["id"] is None for one in ear.heard if one["event"] == "count")
    await silent(own)


async def test_jobs_are_told_with_their_state_and_without_what_they_were_asked(own: Shop) -> None:
    async with listening(own.admin) as ear:
        await ear.until("editing")
        answered(await own.admin.post("/api/sites/shop/jobs", json={"kind": "segment-sizes"}), 200)
        ended = await ear.until("job", lambda data: data.get("state") == "done")
        told = [one for one in ear.heard if one["event"] == "job" and one["data"].get("id") == ended["id"]]
        states = [one["data"]["state"] for one in told if one["id"]]
        assert states == ["waiting", "running", "done"]
        assert ended["kind"] == "segment-sizes" and "arguments" not in ended and "note" not in ended
    answered(await own.admin.put("/api/sites/quiet", json={}), 200)
    assert not own.installation.site("quiet").stream._jobs


async def test_who_was_away_is_told_what_was_missed(own: Shop) -> None:
    desk = Desk(own)
    async with listening(own.admin) as ear:
        await ear.until("editing")
    await desk.save("segments/rich", {"rule": "user.balance >= 9_000"})
    await desk.clean()
    async with listening(own.admin, after=ear.last) as again:
        await again.until("draft", lambda data: data["what"] == "discarded")
        assert again.kinds()[:2] == ["draft", "draft"] and again.last != ear.last
    async with listening(own.admin, after=again.last) as third:
        await third.until("editing")
        assert third.kinds() == ["editing"]


@pytest.mark.parametrize("id", ["gone-1", "nothing", "-", "{boot}-999999999", "{boot}-x", "{boot}-1"])
async def test_who_was_away_for_too_long_loads_everything_anew(own: Shop, id: str) -> None:
    async with listening(own.admin) as ear:
        await ear.until("editing")
    for _ in range(300):
        own.site.stream.tell("job", {"id": "x"})
    async with listening(own.admin, after=id.format(boot=ear.last.rpartition("-")[0])) as again:
        assert (await again.until("reset"))["reason"] == "missed"
        await again.until("editing")
        assert again.kinds() == ["reset", "editing"]
        assert again.last == own.site.stream._id(own.site.stream._last)


async def test_a_site_tells_nothing_of_another(own: Shop) -> None:
    answered(await own.admin.put("/api/sites/quiet", json={}), 200)
    async with listening(own.admin, site="quiet") as quiet, listening(own.admin) as loud:
        await Desk(own).save("segments/rich", {"rule": "user.balance >= 1"})
        await Desk(own).clean()
        await loud.until("draft", lambda data: data["what"] == "discarded")
        own.installation.site("quiet").stream.tell("job", {"id": "mine"})
        await quiet.until("job")
        assert quiet.kinds() == ["editing", "job"]
    stranger = await signed_in(own, "stranger@example.com", quiet="admin")
    assert problem(await stranger.ask("GET", "/api/sites/shop/stream"), 404) == "site.unknown"
    assert (await own.visitor.get("/api/sites/shop/stream")).status_code == 401


@pytest.mark.parametrize("how", ["signed out", "role taken", "disabled", "token ended"])
async def test_it_ends_when_whoever_listens_may_not_any_more(
    own: Shop, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(route, "LOOK", 0.05)
    email = f"{how.replace(' ', '.')}@example.com"
    browser = await signed_in(own, email, shop="viewer")
    made = answered(await browser.ask("POST", "/api/tokens", {"name": "t", "role": "viewer"}), 201)
    client = browser.http
    if how == "token ended":
        client = httpx.AsyncClient(base_url=own.url, headers={"authorization": f"Bearer {made['secret']}"})
        Browser.opened.append(client)
    async with listening(client) as ear:
        await ear.until("editing")
        change = {"role taken": {"roles": {}}, "disabled": {"state": "disabled"}}
        if how in change:
            answered(await own.admin.put(f"/api/users/{email}", json=change[how]), 200)
        elif how == "token ended":
            answered(await own.admin.delete(f"/api/tokens/{made['token']['id']}"), 204)
        else:
            answered(await browser.ask("DELETE", "/api/session"), 204)
        assert (await ear.until("end")) == {"reason": "access"}
        await asyncio.wait_for(ear.task, PATIENCE)
        assert ear.whole
    await silent(own)


async def test_listening_keeps_no_session_open(own: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route, "LOOK", 0.05)
    browser = await signed_in(own, "idle@example.com", shop="viewer")
    before = own.now
    try:
        async with listening(browser.http) as ear:
            await ear.until("editing")
            for _ in range(20):
                own.now += 86_400_000 // 2
                await asyncio.sleep(0.06)
            await ear.until("end")
    finally:
        own.now = before


async def test_who_reads_nothing_is_cut_off(own: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "_STUCK", 0.2)
    address = urlsplit(own.url)
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect((address.hostname, address.port))
        line.sendall(
            f"GET /api/sites/shop/stream HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\n\r\n".encode()
        )
        async with asyncio.timeout(PATIENCE):
            while not own.site.stream.listeners:
                await asyncio.sleep(0.01)
            while own.site.stream.listeners:
                own.site.stream.tell("job", {"id": "x" * 100_000})
                await asyncio.sleep(0.01)
        line.setblocking(False)
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(ConnectionError):
                while await asyncio.get_running_loop().sock_recv(line, 1 << 20):
                    pass
                raise ConnectionError
    for _ in range(300):
        own.site.stream.tell("job", {})


async def test_a_healthy_stream_outlives_the_patience_with_slow_clients(own: Shop) -> None:
    impatient = connections(most=1, head_seconds=0.1, rest_seconds=0.1)
    async with serving(server(own.installation, TOKEN), impatient) as url:
        headers = {"authorization": f"Bearer {TOKEN}"}
        async with httpx.AsyncClient(base_url=url, headers=headers) as client, listening(client) as ear:
            await ear.until("editing")
            for _ in range(3):  # each is one too many, and owes a request
                reader, writer = await asyncio.open_connection(*url.removeprefix("http://").split(":"))
                await asyncio.wait_for(reader.read(), PATIENCE)
                writer.close()
            own.site.stream.tell("job", {"id": "late"})
            assert (await ear.until("job", lambda data: data.get("id") == "late")) and not ear.task.done()


async def test_it_shows_that_it_is_alive(own: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route, "BEAT", 0.05)
    async with own.admin.stream("GET", "/api/sites/shop/stream") as answer:
        async with asyncio.timeout(PATIENCE):
            async for line in answer.aiter_lines():
                if line == ": here":
                    break


async def test_it_ends_by_itself_when_asked_to(own: Shop) -> None:
    answer = await own.admin.get("/api/sites/shop/stream?seconds=0")
    assert answer.status_code == 200 and answer.text.startswith("retry: 2000\nid: ")
    assert "event: editing\n" in answer.text
    assert problem(await own.admin.get("/api/sites/nowhere/stream"), 404) == "site.unknown"


async def test_there_is_room_for_so_many(own: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await silent(own)
    monkeypatch.setattr(hub, "MOST_LISTENERS", 1)
    async with listening(own.admin) as ear:
        await ear.until("editing")
        answer = await own.admin.get("/api/sites/shop/stream")
        assert problem(answer, 503) == "stream.full" and answer.headers["retry-after"] == "10"


async def test_nobody_takes_all_the_room(own: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await silent(own)
    monkeypatch.setattr(hub, "MOST_EACH", 1)
    other = await signed_in(own, "other@example.com", shop="viewer")
    async with listening(own.admin) as ear:
        await ear.until("editing")
        assert problem(await own.admin.get("/api/sites/shop/stream"), 503) == "stream.full"
        assert (await other.ask("GET", "/api/sites/shop/stream?seconds=0")).status_code == 200


async def test_users_see_the_stream_of_their_sites_alone(own: Shop) -> None:
    await user(own, "nobody@example.com")
    browser = Browser(own)
    answered(await browser.sign_in("nobody@example.com"), 200)
    assert problem(await browser.ask("GET", "/api/sites/shop/stream"), 404) == "site.unknown"
