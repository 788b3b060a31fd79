"""One real child for all tests of this folder: starting it is what costs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

from lenticular.stores.clickhouse.supervisor import ClickHouseChild

Run = Callable[[Coroutine[Any, Any, Any]], Any]
Store = tuple[Run, ClickHouseChild]


@pytest.fixture(scope="package")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """What runs a coroutine in the loop that the child lives in, and the child."""
    with asyncio.Runner() as runner:
        child = ClickHouseChild(tmp_path_factory.mktemp("criteria"))
        runner.run(child.start())
        yield runner.run, child
        runner.run(child.stop())
