"""One shop for all tests of this folder: starting its events store is what costs."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from lenticular.settings import Settings
from tests.web.hooking import HOOKS
from tests.web.shop import NOON, Shop, open_shop
from tests.web.visitors import Browser, answered
from tests.webhooks.receiver import Receiver, receiving


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def open_for_all(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@pytest.fixture
def shop(open_for_all: Shop) -> Shop:
    """The shop, at noon."""
    open_for_all.now = NOON
    return open_for_all


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def hooked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    """A shop whose webhooks may ask this machine."""
    settings = Settings(webhook_networks="127.0.0.0/8")
    async with open_shop(tmp_path_factory.mktemp("hooked"), settings) as shop:
        yield shop
        await Browser.close_all()


@pytest_asyncio.fixture(loop_scope="session")
async def receiver(hooked: Shop) -> AsyncIterator[Receiver]:
    """A receiver; what is told to it is forgotten with the test."""
    async with receiving() as found:
        yield found
    for one in answered(await hooked.admin.get(HOOKS), 200)["webhooks"]:
        answered(await hooked.admin.delete(f"{HOOKS}/{one['id']}"), 204)
