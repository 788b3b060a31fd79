"""One server for the tests of all clients that run in this process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clients.home import Home


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    home = Home(tmp_path_factory.mktemp("clients") / "data")
    yield home
    assert home.server.stop() == 0
