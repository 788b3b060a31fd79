"""One bank for all tests of this folder."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.web.pages.bank import Bank, open_bank
from tests.web.shop import NOON


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def open_for_all_pages(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bank]:
    async with open_bank(tmp_path_factory.mktemp("bank")) as bank:
        yield bank


@pytest.fixture
def bank(open_for_all_pages: Bank) -> Bank:
    """The bank, at noon."""
    open_for_all_pages.shop.now = NOON
    return open_for_all_pages
