"""One real child for all tests of this folder: starting it is what costs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from clickhouse_connect.driver.asyncclient import AsyncClient

from lenticular.stores.clickhouse.backoff import Backoff
from lenticular.stores.clickhouse.connection import Connection
from lenticular.stores.clickhouse.events import ClickHouseEvents
from lenticular.stores.clickhouse.supervisor import ClickHouseChild

MEMORY = 1024**3


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def child(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ClickHouseChild]:
    made = ClickHouseChild(
        tmp_path_factory.mktemp("clickhouse"),
        threads=2,
        memory=MEMORY,
        body_limit=64 * 1024**2,
        backoff=Backoff(0.02, 0.1),
    )
    await made.start()
    yield made
    await made.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def client(child: ClickHouseChild) -> AsyncIterator[AsyncClient]:
    connection = Connection(child, "default")
    yield await connection.client()
    await connection.close()


@pytest_asyncio.fixture(loop_scope="session")
async def events(child: ClickHouseChild, request: pytest.FixtureRequest) -> AsyncIterator[ClickHouseEvents]:
    """Tables of their own for each test."""
    made = ClickHouseEvents(child, f"site_{request.node.name}")
    await made.open()
    yield made
    await made.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "clickhouse"
