"""The sizes of real segments through the whole system: command line, HTTP, and the engine as time goes by."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from lenticular.app.columns import Columns
from lenticular.app.engine import person_of
from lenticular.app.import_ import Rows, import_rows
from lenticular.app.publish import publish
from lenticular.app.rows import read_rows
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.property import Property
from lenticular.catalog.segment import Segment
from lenticular.catalog.site import Site
from tests.ecom import oracle
from tests.process import ServerProcess, good, start
from tests.running import running

ZONES = ("UTC", "America/New_York")
MOMENTS = oracle.MOMENTS[::4]
"""All five are asked of the engine and of ClickHouse in test_engine.py."""
COLUMNS = Columns(user_id="user_id", traits=oracle.TRAITS)
IMPORT = ("--user-id", "user_id", *(word for name in oracle.TRAITS for word in ("--trait", name)))


@pytest.fixture(scope="module", params=ZONES)
def shop(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, ServerProcess]]:
    """The file imported on the command line, its segments published from files, and a server over it."""
    zone: str = request.param
    folder = tmp_path_factory.mktemp("ecom")
    file = oracle.write(oracle.rows(), folder / "ecom.csv.gz")
    report = good("import", "events", file, *IMPORT, "--tz", zone, data=folder / "data")
    assert report == "31,106 accepted, 0 duplicate, 0 refused"
    _write_catalog(folder / "catalog", zone)
    server = start(folder / "data")
    assert f"{len(oracle.SEGMENTS)} segments" in good("catalog", "import", folder / "catalog", data=folder / "data")
    yield zone, server
    server.stop()


def _write_catalog(folder: Path, zone: str) -> None:
    (folder / "segments").mkdir(parents=True)
    (folder / "site.yaml").write_text(f"key: default\ntimezone: {zone}\nwriteKey: shop\n")
    for name, rule, _ in oracle.SEGMENTS:
        (folder / "segments" / f"{name}.yaml").write_text(f"rule: >-\n  {rule}\n")


@pytest.mark.parametrize("at", MOMENTS, ids=lambda at: f"{at:%Y-%m-%d}")
def test_counts_members_and_reasons(shop: tuple[str, ServerProcess], at: datetime) -> None:
    zone, server = shop
    expected = oracle.members(at, zone)
    counted = {name: server.api("POST", *_ask("count", name, at))["people"] for name in expected}
    assert counted == {name: len(users) for name, users in expected.items()}
    for name in ("deep-visit", "won-or-troubled", "left-carts", "average-basket", "last-on-a-phone"):
        page = server.api("POST", *_ask("members", name, at, limit=1_000))
        assert {member["userId"] for member in page["members"]} == expected[name]
    for user_id in sorted(expected["everyone"])[::150]:
        for name in ("carts-in-a-month", "quiet-visit", "won-or-troubled", "early-by-mail", *_EXPLAINED):
            explained = server.api("POST", *_ask("explain", name, at, userId=user_id))
            assert explained["member"] == (user_id in expected[name]), (name, user_id)


_EXPLAINED = ("some-spending", "gone-quiet", "regulars", "searched-viewed-added", "trouble-left-alone", "switched")


def _ask(what: str, rule: str, at: datetime, **more: Any) -> tuple[str, dict[str, Any]]:
    return f"/api/sites/default/{what}", {"rule": rule, "at": at.isoformat(), **more}


def test_the_command_line_asks_the_server(shop: tuple[str, ServerProcess]) -> None:
    zone, server = shop
    at = MOMENTS[1]
    sizes = oracle.sizes(at, zone)
    rules = {name: rule for name, rule, _ in oracle.SEGMENTS}
    for asked in ("deep-visit", rules["abandoned-cart"]):
        name = next(key for key, rule in rules.items() if asked in (key, rule))
        said = good("segment", "count", asked, "--at", f"{at:%Y-%m-%dT%H:%M:%SZ}", data=server.data)
        assert said == str(sizes[name])


@pytest.mark.parametrize("zone", ZONES)
async def test_the_engine_as_time_goes_by(zone: str, tmp_path: Path) -> None:
    """What a decision would say at each moment, if the events had come in up to it and no further."""
    clock = [0]
    whole = oracle.write(oracle.rows(), tmp_path / "ecom.csv.gz")
    file = [(line, cells) for line, cells in read_rows(whole) if isinstance(cells, dict)]
    async with running(tmp_path / "data", lambda: clock[0]) as (installation, _):
        site = await installation.ensure(Site(key="shop", timezone=zone, write_key="shop"))
        await publish(site, _catalog(zone))
        for at in MOMENTS:
            clock[0] = int(at.timestamp() * 1_000)
            rows = [(line, cells) for line, cells in file if cells["timestamp"] <= f"{at:%Y-%m-%d %H:%M:%S}"]
            # Rows that were imported before count once.
            await import_rows(site, Rows("ecom.csv.gz", COLUMNS, {}, rows))
            await site.collector.drain()
            everyone = oracle.visitors(oracle.write((cells for _, cells in rows), tmp_path / "part.csv.gz"))
            found: dict[str, set[str]] = {name: set() for name, _, _ in oracle.SEGMENTS}
            for visitor in everyone:
                person = person_of(site.collector.current("", visitor.user_id))
                for name in site.engine.segments.matching(found, person, clock[0]):
                    found[name].add(visitor.user_id)
            assert found == oracle.members(at, zone, everyone), at


def _catalog(zone: str) -> Catalog:
    segments = [Segment(key=name, rule=rule) for name, rule, _ in oracle.SEGMENTS]
    traits = [Property(scope="user", name=name, type="text") for name in oracle.TRAITS]
    fields = [Property(scope="event", name=name, type=kind) for name, kind in oracle.FIELDS.items()]
    return Catalog.of(Site(key="shop", timezone=zone, write_key="shop"), *segments, *traits, *fields)
