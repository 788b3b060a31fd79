"""One shop for all tests of this folder: starting its events store is what costs."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.web.shop import NOON, Shop, open_shop


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def open_for_all(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@pytest.fixture
def shop(open_for_all: Shop) -> Shop:
    """The shop, at noon."""
    open_for_all.now = NOON
    return open_for_all
