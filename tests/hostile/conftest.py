"""One shop for all hostile tests of a process, and what must be true of it after each group of them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.hostile.undisturbed import Undisturbed
from tests.web.shop import NOON, Shop, open_shop


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def _open_for_all(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path_factory.mktemp("hostile")) as shop:
        yield shop


@pytest_asyncio.fixture(loop_scope="session")
async def shop(_open_for_all: Shop) -> AsyncIterator[Shop]:
    """The shop, at noon; when the test is over, nobody may have been disturbed by it."""
    _open_for_all.now = NOON
    watching = Undisturbed(_open_for_all)
    yield _open_for_all
    await watching.look()
