"""Replay: the log of a site is made again from the last backup and the journal, while everything goes on (ADR 0020)."""

from __future__ import annotations

import asyncio
import shutil
from itertools import islice
from pathlib import Path

import msgspec

from lenticular.app.archive import is_archive, unpack
from lenticular.app.attach import fill
from lenticular.app.flush import Flusher
from lenticular.app.manifest import SavedSite, copied, read_manifest
from lenticular.app.open import Installation
from lenticular.app.refold import Refold, known_rows
from lenticular.app.site import LiveSite
from lenticular.errors import LenticularError, Problem
from lenticular.ports import Batch
from lenticular.stores.clickhouse.events import ClickHouseEvents
from lenticular.stores.clickhouse.parts import ClickHouseParts
from lenticular.stores.sqlite.journal import SqliteJournal
from lenticular.stores.sqlite.profiles import SqliteProfiles

_ROWS = 20_000


class Lost(msgspec.Struct, frozen=True, rename="camel"):
    """What can't be made again: the numbers first to last, accepted after `since` (ms, None: the beginning)."""

    first: int
    last: int
    since: int | None
    until: int | None


class Replayed(msgspec.Struct, frozen=True, rename="camel"):
    """What the log of a site got: events from the backup, events from the journal, and what is lost.

    `exact`: every row is as it was. Otherwise those from the journal belong to whom their ids lead to now.
    """

    site: str
    from_backup: int
    from_journal: int
    exact: bool
    lost: Lost | None


async def replay_all(installation: Installation, backup: Path | None) -> list[Replayed]:
    """Give the log of every site what it lacks, one after the other. Raises LenticularError."""
    async with installation.caring:
        home = installation.folder.path
        return [await replay(site, backup, home / f"replay-{key}") for key, site in sorted(installation.sites.items())]


async def replay(site: LiveSite, backup: Path | None, scratch: Path) -> Replayed:
    """Give the log what it lacks. It may be cut off and begun again: nothing counts twice. Raises LenticularError.

    `backup` is a finished one, a folder or one file, `scratch` a folder that may be made and removed.
    """
    async with site.reading:
        return await _replay(site, backup, scratch)


async def _replay(site: LiveSite, backup: Path | None, scratch: Path) -> Replayed:
    manifest = await asyncio.to_thread(read_manifest, backup) if backup else None
    saved = next((each for each in manifest.sites if each.key == site.key), None) if manifest else None
    await asyncio.to_thread(shutil.rmtree, scratch, True)
    await asyncio.to_thread(scratch.mkdir, parents=True)
    own: SqliteProfiles | None = None
    try:
        from_backup = 0
        if saved is not None and backup is not None:
            home = await asyncio.to_thread(_home, backup, f"sites/{site.key}", scratch)
            await asyncio.to_thread(_refuse_other, site, home, scratch)
            from_backup = await _from_backup(site, home / "events", saved)
            await asyncio.to_thread(copied, home / "profiles.db", scratch / "profiles.db", "")
        own = await asyncio.to_thread(SqliteProfiles, scratch)
        lost = await asyncio.to_thread(_gap, site, own.folded(), manifest.at if saved and manifest else None)
        from_journal = await _from_journal(site, own, lost is None)
        if lost is not None:
            await _from_profiles(site)
        return Replayed(site.key, from_backup, from_journal, lost is None, lost)
    finally:
        if own is not None:
            own.close()
        await asyncio.to_thread(shutil.rmtree, scratch, True)


def _home(backup: Path, name: str, scratch: Path) -> Path:
    """Return the folder of a site in a backup; from an archive it is unpacked. Raises LenticularError."""
    if not is_archive(backup):
        return backup / name
    unpack(backup, scratch, only=name)
    return scratch / name


def _refuse_other(site: LiveSite, home: Path, scratch: Path) -> None:
    """Refuse a backup of another history: it has another event under its last number than the site."""
    copied(home / "journal.db", scratch / "journal.db", "")
    saved = SqliteJournal(scratch)
    try:
        last = saved.last()
        theirs, ours = saved.read(last - 1, 1), site.stores.journal.read(last - 1, 1)
        other = theirs and ours and theirs[0][0] == ours[0][0] and theirs[0][1] != ours[0][1]
        if other or last > site.stores.journal.last():
            message = f"The backup is of another history: its number {last:,} is another event."
            raise LenticularError(Problem("journal.other", message, str(home), "Name a backup of this data folder."))
    finally:
        saved.close()


def _gap(site: LiveSite, after: int, since: int | None) -> Lost | None:
    """Return the numbers that neither profiles that stand at `after` nor the journal know, None if it goes on there."""
    journal, upto = site.stores.journal, site.stores.profiles.folded()
    first = journal.first()
    if after >= upto or 0 < first <= after + 1:
        return None
    last = min(first - 1, upto) if first else upto
    until = journal.read(last, 1)
    return Lost(after + 1, last, since, until[0][1].received if until else None)


async def _from_backup(site: LiveSite, events: Path, saved: SavedSite) -> int:
    """Bring the parts of a backup into a database beside the site's, and copy from there what the site's lacks."""
    parts = site.stores.parts
    await site.stores.events.open()
    beside = ClickHouseParts(parts.child, f"replay_{parts.database}")
    try:
        await beside.drop()
        await fill(beside, events, saved, newest=True)
        return await parts.take_missing(beside.database)
    finally:
        await beside.drop()
        await beside.close()


async def _from_journal(site: LiveSite, own: SqliteProfiles, exact: bool) -> int:
    """Fold the journal as far as rows were sent; what waits in the live outbox is sent from there."""
    live = site.stores.profiles
    unsent = live.unsent()
    upto = live.folded() if unsent is None else unsent - 1
    refold = Refold(site.stores.journal, own, live, site.engine.snapshot.calendar, exact)
    flusher = Flusher(own, _Doubtful(site.stores.events))
    try:
        while await asyncio.to_thread(refold.page, upto):
            if own.waiting() >= _ROWS:
                await flusher.drain()
        await flusher.drain()
    finally:
        await flusher.close()
    return refold.events


async def _from_profiles(site: LiveSite) -> None:
    """Send what the live profiles know; a row that is there is replaced by the same one."""
    rows = iter(known_rows(site.stores.profiles))
    while piece := await asyncio.to_thread(lambda: list(islice(rows, _ROWS))):
        for table in sorted({table for table, _ in piece}):
            lines = [row for each, row in piece if each == table]
            await site.stores.events.insert_missing(Batch(table, 0, 0, len(lines), b"\n".join(lines)))


class _Doubtful:
    """The events store as a flusher sees it that sends what may be there already."""

    def __init__(self, events: ClickHouseEvents) -> None:
        self.open, self.query, self.insert = events.open, events.query, events.insert_missing
