"""The events store of a folder is filled with the parts of a backup."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path

from lenticular.app.manifest import SavedSite, copied
from lenticular.app.open import events_child
from lenticular.criteria.tables import EVENTS
from lenticular.errors import LenticularError, Problem
from lenticular.settings import Settings
from lenticular.stores.clickhouse.migrate import steps
from lenticular.stores.clickhouse.parts import ClickHouseParts


async def attach(backup: Path, sites: Sequence[SavedSite], data: Path, settings: Settings) -> None:
    """Fill the events store of a data folder, which has none of these sites yet. Raises LenticularError."""
    newest = steps()[-1].number
    if any(site.step > newest for site in sites):
        hint = "Restore it with the version that made it, or a newer one."
        raise LenticularError(Problem("backup.newer", "A newer version made this backup.", str(backup), hint))
    child = events_child(data, settings)
    await child.start()
    try:
        for site in sites:
            parts = ClickHouseParts(child, site.database)
            try:
                await fill(parts, backup / "sites" / site.key / "events", site)
            finally:
                await parts.close()
    finally:
        await child.stop()


async def fill(parts: ClickHouseParts, saved: Path, site: SavedSite, newest: bool = False) -> None:
    """Make a database's tables, as they were or as they are in this version, and attach the parts of a backup.

    Raises LenticularError.
    """
    await parts.create(None if newest else site.step)
    for table, rows in site.rows.items():
        detached = await parts.detached(table)
        for part in await asyncio.to_thread(_bring, saved / table, detached):
            await parts.attach(table, part)
        found = await parts.rows(table)
        # Rows of the other tables replace each other whenever ClickHouse likes.
        if found != rows if table == EVENTS else found > rows:
            message = f"The table {table} of {site.key} has {found:,} rows, and {rows:,} were saved."
            raise LenticularError(Problem("restore.rows", message, str(saved), "Take another backup."))


def _bring(saved: Path, detached: Path) -> list[str]:
    """Copy a table's parts to where they can be attached; return their names."""
    detached.mkdir(parents=True, exist_ok=True)
    names = sorted(part.name for part in saved.iterdir()) if saved.is_dir() else []
    for name in names:
        shutil.rmtree(detached / name, ignore_errors=True)
        for source in sorted((saved / name).rglob("*")):
            if source.is_file():
                copied(source, detached / name / source.relative_to(saved / name), "")
    return names
