"""Jobs and the history of segments over HTTP: asked for, looked at, cancelled, run again; files fetched."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from lenticular.app.jobs.kind import Kind
from lenticular.app.jobs.run import Run
from lenticular.errors import LenticularError, Problem
from lenticular.jobs.job import Job
from tests.web.editing import told
from tests.web.shop import HOUR, NOON, Shop, open_shop
from tests.web.test_metrics import measured
from tests.web.visitors import Browser, answered, user

pytestmark = pytest.mark.asyncio(loop_scope="session")
SITE = "/api/sites/shop"
DAY = 24 * HOUR


class Odd(Kind):
    """A kind of the tests: waits to be let go on, and fails as long as it is told to."""

    name = "odd"

    def __init__(self) -> None:
        self.go_on, self.fails = asyncio.Event(), True

    async def run(self, run: Run) -> None:
        await run.progress(1, 2)
        await self.go_on.wait()
        if self.fails:
            raise LenticularError(Problem("odd", "It is odd.", "here", "Make it even."))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path_factory.mktemp("jobs")) as shop:
        yield shop
        await Browser.close_all()


async def ended(shop: Shop, job: Any) -> Any:
    async with asyncio.timeout(60):
        while job["ended"] is None:
            await asyncio.sleep(0.01)
            job = answered(await shop.admin.get(f"{SITE}/jobs/{job['id']}"), 200)
    return job


async def ask(shop: Shop, kind: str, **arguments: Any) -> Any:
    answer = await shop.admin.post(f"{SITE}/jobs", json={"kind": kind, "arguments": arguments})
    return answered(answer, 200)


async def test_an_export_is_a_job_with_a_file(own: Shop) -> None:
    for number in range(3):
        await own.track(f"e{number}", "Bought", properties={"price": number})
    direct = await own.admin.get(f"{SITE}/export/events", params={"format": "jsonl"})
    begun = await ask(own, "export", what="events", format="jsonl")
    assert (begun["kind"], begun["state"], begun["author"]["name"]) == ("export", "waiting", "admin")
    done = await ended(own, begun)
    assert (done["state"], done["result"]) == ("done", {"file": "events.jsonl", "bytes": len(direct.content)})
    assert done["done"] == len(direct.content.splitlines()) >= 3
    file = await own.admin.get(f"{SITE}/jobs/{done['id']}/file")
    assert file.content == direct.content and 'filename="events.jsonl"' in file.headers["content-disposition"]
    packed = await ended(own, await ask(own, "export", what="members", segment="rich", gzip=True))
    assert (await own.admin.get(f"{SITE}/jobs/{packed['id']}/file")).headers["content-type"] == "application/gzip"
    assert not list((own.site.stores.folder / "exports").glob("*.part"))


@pytest.mark.parametrize(
    ("kind", "arguments", "codes"),
    [
        ("exports", {}, ["job.kind"]),
        ("publish", {}, ["job.by-hand"]),
        ("pull", {}, ["job.by-hand"]),
        ("purge", {}, ["purge.site"]),
        ("retention", {"days": 3}, ["job.arguments"]),
        ("segment-sizes", {"segments": ["nothing"]}, ["segment.unknown"]),
        ("segment-sizes", {"segment": "rich"}, ["segment-sizes.arguments"]),
        ("segment-sizes", {"segments": [["rich"]]}, ["segment-sizes.arguments"]),
        ("segment-sizes", {"segments": "rich"}, ["segment-sizes.arguments"]),
        ("export", {"what": "people", "segment": "x" * 100_000}, ["job.arguments"]),
        ("export", {"what": "everything"}, ["export.arguments"]),
        ("export", {"what": "events", "form": "csv"}, ["export.arguments"]),
        ("export", {"what": "events", "from": "soon"}, ["at"]),
        ("export", {"what": "events", "format": "parquet", "gzip": True}, ["export.gzip"]),
    ],
)
async def test_what_can_not_be_asked_for(own: Shop, kind: str, arguments: Any, codes: list[str]) -> None:
    answer = await own.admin.post(f"{SITE}/jobs", json={"kind": kind, "arguments": arguments})
    assert told(answer, 404 if codes == ["segment.unknown"] else 422) == codes


async def test_what_is_of_the_installation(own: Shop) -> None:
    begun = answered(await own.admin.post("/api/jobs", json={"kind": "purge"}), 200)
    async with asyncio.timeout(60):
        while begun["ended"] is None:
            await asyncio.sleep(0.01)
            begun = answered(await own.admin.get(f"/api/jobs/{begun['id']}"), 200)
    assert (begun["state"], begun["site"]) == ("done", "")
    for kind in ("retention", "segment-sizes", "export"):
        assert (await own.admin.post("/api/jobs", json={"kind": kind})).status_code == 422
    hidden = await own.admin.get(f"{SITE}/jobs/{begun['id']}")
    assert told(hidden, 404) == ["job.unknown"], "a site's list is that site's"
    listed = answered(await own.admin.get("/api/jobs", params={"site": ""}), 200)
    assert {one["site"] for one in listed["jobs"]} == {""}


async def test_a_list_has_pages_and_filters(own: Shop) -> None:
    for _ in range(3):
        await ended(own, await ask(own, "segment-sizes"))
        own.now += 1
    whole = answered(await own.admin.get(f"{SITE}/jobs"), 200)
    ids = [one["id"] for one in whole["jobs"]]
    assert ids == sorted(ids, reverse=True) and whole["next"] is None
    found, before = list[int](), None
    while True:
        asked = {"limit": 2, **({"before": before} if before else {})}
        page = answered(await own.admin.get(f"{SITE}/jobs", params=asked), 200)
        found += [one["id"] for one in page["jobs"]]
        before = page["next"]
        if before is None:
            break
    assert found == ids
    sizes = answered(await own.admin.get(f"{SITE}/jobs", params={"kind": "segment-sizes", "in": "done"}), 200)
    assert len(sizes["jobs"]) == 3 and {one["kind"] for one in sizes["jobs"]} == {"segment-sizes"}
    assert answered(await own.admin.get(f"{SITE}/jobs", params={"in": "failed"}), 200)["jobs"] == []
    assert (await own.admin.get(f"{SITE}/jobs", params={"in": "odd"})).status_code == 400
    everything = answered(await own.admin.get("/api/jobs", params={"site": "shop", "limit": 1000}), 200)
    assert {one["id"] for one in everything["jobs"]} == set(ids)


async def test_cancelled_failed_said_and_run_again(own: Shop) -> None:
    jobs, odd = own.installation.jobs, Odd()
    jobs.kinds["odd"] = odd
    first = await jobs.ask(Job("odd", "shop"))
    async with asyncio.timeout(60):
        while (await jobs.job(first.id)).state != "running":
            await asyncio.sleep(0.01)
    where = f"{SITE}/jobs/{first.id}"
    assert told(await own.admin.post(f"{where}/retry"), 409) == ["job.state"]
    cancelled = answered(await own.admin.post(f"{where}/cancel"), 200)
    assert (cancelled["state"], cancelled["ended"]) == ("cancelled", own.now)
    assert told(await own.admin.post(f"{where}/cancel"), 409) == ["job.ended"]
    before = await measured(own)
    odd.go_on.set()
    again = answered(await own.admin.post(f"{where}/retry"), 200)
    failed = await ended(own, again)
    assert failed["reason"] == {"code": "odd", "message": "It is odd.", "place": "here", "hint": "Make it even."}
    assert told(await own.admin.get(f"{where}/file"), 404) == ["job-file.unknown"]
    async with asyncio.timeout(60):
        while not jobs.failed:
            await asyncio.sleep(0.05)
    health = (await own.visitor.get("/health/ready")).json()
    assert health["jobs"] == {"failed": 1}
    metrics = await measured(own)
    assert metrics["lenticular_jobs", "odd", "shop", "failed"] == 1 and metrics["lenticular_failed_jobs",] == 1
    tries = "lenticular_job_failures_total", "odd", "shop"
    assert metrics[tries] == before.get(tries, 0) + 1
    found = [one for one in answered(await own.admin.get("/api/doctor"), 200) if one["code"] == "job.failed"]
    assert [one["site"] for one in found] == ["shop"] and f"jobs retry {first.id}" in found[0]["hint"]
    odd.fails = False
    await ended(own, answered(await own.admin.post(f"{where}/retry"), 200))
    codes = [one["code"] for one in answered(await own.admin.get("/api/doctor"), 200)]
    assert "jobs" in codes and "job.failed" not in codes
    del jobs.kinds["odd"]


async def test_jobs_of_another_site_are_not_there(own: Shop) -> None:
    answered(await own.admin.put("/api/sites/other", json={}), 200)
    mine = await ended(own, await ask(own, "segment-sizes"))
    await user(own, "other@example.com", other="admin")
    browser = Browser(own)
    await browser.sign_in("other@example.com")
    for method, path in (
        ("GET", f"/api/sites/other/jobs/{mine['id']}"),
        ("GET", f"/api/sites/other/jobs/{mine['id']}/file"),
        ("POST", f"/api/sites/other/jobs/{mine['id']}/cancel"),
        ("POST", f"/api/sites/other/jobs/{mine['id']}/retry"),
    ):
        assert told(await browser.ask(method, path), 404) == ["job.unknown"], path
    assert (await browser.ask("GET", "/api/sites/other/jobs")).json()["jobs"] == []


async def test_an_import_is_shown_and_can_be_cancelled(own: Shop) -> None:
    columns = {"userId": "id", "event": "", "traits": ["plan"]}
    begin = {"what": "people", "name": "people.csv", "size": 1_000, "head": "x", "columns": columns}
    answer = await own.admin.post(f"{SITE}/imports", json=begin)
    note = answered(answer, 200)
    [shown] = answered(await own.admin.get(f"{SITE}/jobs", params={"kind": "import"}), 200)["jobs"]
    assert (shown["state"], shown["key"], shown["total"]) == ("running", note["id"], 1_000)
    assert shown["arguments"] == {"what": "people", "name": "people.csv", "size": 1_000}
    answered(await own.admin.post(f"{SITE}/imports", json=begin), 200)
    answered(await own.admin.post(f"{SITE}/jobs/{shown['id']}/cancel"), 200)
    assert answered(await own.admin.get(f"{SITE}/imports"), 200) == []
    answered(await own.admin.post(f"{SITE}/imports", json=begin), 200)
    listed = answered(await own.admin.get(f"{SITE}/jobs", params={"kind": "import"}), 200)["jobs"]
    assert [one["state"] for one in listed] == ["running", "cancelled"]
    answered(await own.admin.delete(f"{SITE}/imports/{note['id']}"), 200)
    listed = answered(await own.admin.get(f"{SITE}/jobs", params={"kind": "import"}), 200)["jobs"]
    assert [one["state"] for one in listed] == ["cancelled", "cancelled"]


async def test_a_segment_has_a_history(own: Shop) -> None:
    own.now = NOON + 10 * DAY
    for who, price in (("h1", 20), ("h1", 30), ("h2", 20), ("h2", 40)):
        await own.track(who, "Bought", properties={"price": price})
    await own.settled()
    assert (await ended(own, await ask(own, "segment-sizes")))["state"] == "done"
    own.now += DAY
    for _ in range(2):
        await own.track("h3", "Bought", properties={"price": 99})
    await ended(own, await ask(own, "segment-sizes", segments=["buyers"]))
    found = answered(await own.admin.get(f"{SITE}/segments/buyers/history"), 200)
    *_, first, last = found["days"]
    assert (last["day"], last["since"], last["joined"], last["left"]) == ("2026-12-04", first["day"], 1, 0)
    assert last["size"] == first["size"] + 1
    hours = answered(await own.admin.get(f"{SITE}/segments/buyers/history", params={"by": "hour"}), 200)["hours"]
    assert hours[-1]["size"] == last["size"] and hours[-1]["joined"] == 1
    joined = answered(await own.admin.get(f"{SITE}/segments/buyers/joined", params={"day": last["day"]}), 200)
    assert [one["anonymousIds"] for one in joined["members"]] == [["h3"]] and joined["since"] == first["day"]
    asked = {"day": last["day"], "field": ["user.balance"]}
    left = answered(await own.admin.get(f"{SITE}/segments/buyers/left", params=asked), 200)
    assert left["members"] == [] and left["next"] is None
    listed = answered(await own.admin.get(f"{SITE}/segments"), 200)["segments"]
    assert {one["key"]: one["size"] for one in listed}["buyers"] == {"people": last["size"], "at": last["at"]}
    for query, codes in (({"day": "soon"}, ["history.day"]), ({"day": "2020-01-01"}, ["history.day"])):
        assert told(await own.admin.get(f"{SITE}/segments/buyers/joined", params=query), 422) == codes
    assert told(await own.admin.get(f"{SITE}/segments/nothing/history"), 404) == ["segment.unknown"]
    asked = {"segments": ["buyers", "rich"]}
    both = answered(await own.admin.post(f"{SITE}/overlap", json=asked), 200)
    assert both["combinations"] == [{"segments": ["buyers"], "people": last["size"]}]
    assert told(await own.admin.post(f"{SITE}/overlap", json={"segments": []}), 422) == ["overlap"]
