"""Whatever fails, the log has nothing of what people sent."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import get

from lenticular import logs
from lenticular.profiles.event import Event
from lenticular.profiles.fold import FoldResult
from lenticular.stores.clickhouse.backoff import Backoff
from lenticular.web.server import server
from tests.app.saved_world import KEY, opened_shop

SECRET = "maria.rivera@example.com"


class Written:
    """Standard error so far."""

    def __init__(self, captured: pytest.CaptureFixture[str]) -> None:
        self._captured, self._text = captured, ""

    def getvalue(self) -> str:
        self._text += self._captured.readouterr().err
        return self._text


@pytest.fixture
def log(capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest) -> Iterator[Written]:
    """What goes to standard error, with our handler on the root logger; the form is the test's parameter."""
    root, level = logging.getLogger(), logging.getLogger("lenticular").level
    before = list(root.handlers)
    logs.configure(getattr(request, "param", "json"))
    yield Written(capsys)
    root.handlers[:] = before
    logging.getLogger("lenticular").setLevel(level)


async def until(written: Written, words: str) -> None:
    async with asyncio.timeout(30):
        while words not in written.getvalue():
            await asyncio.sleep(0.02)


@get("/boom")
async def boom() -> None:
    """A defect."""
    raise ValueError(SECRET)


async def test_no_failure_writes_what_people_sent(tmp_path: Path, log: Written) -> None:
    logs.watch(asyncio.get_running_loop())
    async with opened_shop(tmp_path / "data") as (opened, site):
        opened.child._backoff = Backoff(0.01, 0.05)
        transport = httpx.ASGITransport(server(opened, "t", [boom]), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as http:
            # A row that its table refuses: ClickHouse's own words quote it.
            row = json.dumps({"seq": 1, "profile_id": 1, "time": SECRET}).encode()
            site.stores.profiles.commit(FoldResult(0, [], {}, [], {"events": [row]}, {}, []))
            await until(log, "set aside: row-refused")
            assert SECRET in site.stores.profiles.quarantined()[0][2], "nothing to hide: this says nothing"
            # An event that can't be folded: the error quotes a key.
            await site.collector.accept(
                [
                    Event(
                        "track",
                        SECRET,
                        site.clock(),
                        site.clock(),
                        SECRET,
                        name=SECRET,
                        properties={f"{SECRET}_x": SECRET},
                    )
                ]
            )
            await site.collector.drain()
            await until(log, "can't be folded")
            # What can't be read.
            for body in (SECRET.encode(), b"{" + SECRET.encode(), json.dumps({"userId": {SECRET: 1}}).encode()):
                for path in ("/v1/track", "/v1/batch", "/v1/decide"):
                    assert (await http.post(path, content=body)).status_code >= 400
            # The events store dies with rows on their way.
            assert opened.child.pid
            os.kill(opened.child.pid, signal.SIGKILL)
            await until(log, "it is started again")
            # A journal that can't be written.
            with sqlite3.connect(site.stores.folder / "journal.db") as connection:
                [(day,)] = connection.execute("SELECT name FROM sqlite_schema WHERE name GLOB 'day_*'").fetchall()
                connection.execute(f"DROP TABLE {day}")
            message: dict[str, Any] = {
                "userId": SECRET,
                "event": SECRET,
                "writeKey": "w",
                "properties": {"mail": SECRET},
            }
            assert (await http.post("/v1/track", json=message)).status_code == 503
            await until(log, "could not be written")
            # A defect behind a route, and one that nobody waits for.
            answer = await http.get("/boom")
            assert answer.status_code == 500 and SECRET not in answer.text
            await until(log, "could not be answered")

            async def fail() -> None:
                raise ValueError(SECRET)

            lost = asyncio.ensure_future(fail())
            await asyncio.wait([lost])
            del lost
            await until(log, "nobody waited for")
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)
    assert {line.get("site") for line in lines if line["logger"] == "lenticular.app.flush"} == {KEY}
    assert "maria" not in log.getvalue().lower()
    assert "maria" not in (tmp_path / "data" / "clickhouse" / "child.log").read_text().lower()


@pytest.mark.parametrize("log", ["text", "json"], indirect=True)
def test_a_message_is_one_line(log: Written) -> None:
    logging.getLogger("library").warning("first\nsecond %s", 3)
    try:
        raise ValueError(f"not\n{SECRET}")
    except ValueError:
        logging.getLogger("lenticular.x").exception("It failed.", extra={"site": "shop"})
    logging.getLogger("lenticular.x").info("said")
    logging.getLogger("other").info("not said")
    lines = log.getvalue().splitlines()
    assert len(lines) == 3
    if lines[0].startswith("{"):
        fields = [json.loads(line) for line in lines]
        assert fields[0]["message"] == "first | second 3"
        assert fields[1]["exception"].startswith("ValueError test_logs.py:")
        assert (fields[1]["site"], fields[1]["level"]) == ("shop", "ERROR")
    else:
        assert lines[0].endswith("Z WARNING library first | second 3")
        assert " ERROR lenticular.x [shop] It failed. (ValueError test_logs.py:" in lines[1]
    assert SECRET not in log.getvalue()
