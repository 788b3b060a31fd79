"""The whole server over a folder, in the test's event loop, with a clock of the test's own."""

from __future__ import annotations

import math
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from lenticular.app.open import Installation, installation
from lenticular.ports import Clock
from lenticular.web.server import server
from tests.web.serving import serving

TOKEN = "the-admin-token"
MONDAY = 1_795_444_200_000
"""Monday 23 November 2026, 9:30 in New York."""


@asynccontextmanager
async def running(folder: Path, clock: Clock = lambda: MONDAY) -> AsyncIterator[tuple[Installation, str]]:
    """Yield an open installation and the address where it answers."""
    new_installation = installation(folder, clock, lambda: uuid.uuid4().hex, create=True)
    async with new_installation as opened, serving(server(opened, TOKEN)) as url:
        opened.jobs.calm = math.inf  # upkeep comes when a test asks for it
        yield opened, url
