"""Torn write-ahead logs: what a power cut leaves of a file that was being written, at every 4 KB of it.

SQLite's WAL is a list of frames; the last commit whose frames are whole is what the database holds. What was answered
was synced, so a tear lies behind it; a tear before it (a disk that lied) loses a tail, and nothing but a tail.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from lenticular.app.open import installation
from lenticular.catalog.catalog import Catalog
from lenticular.stores.sql.catalog import SqlCatalogs
from lenticular.stores.sql.database import SqlDatabase
from lenticular.stores.sqlite.journal import SqliteJournal
from lenticular.stores.sqlite.profiles import SqliteProfiles
from lenticular.web.now import new_id, now
from tests.faults.test_crash import CATALOG, KEY
from tests.process import start

PAGE = 4096
BATCHES, BATCH = 12, 20


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose server died after some answered batches; its WALs hold all of it."""
    data = tmp_path_factory.mktemp("torn") / "data"
    running = start(data)
    try:
        running.api("PUT", f"/api/sites/{KEY}/catalog", msgspec.to_builtins(CATALOG))
        for number in range(BATCHES):
            batch = [
                {"type": "track", "event": "Ping", "anonymousId": f"a{at}", "messageId": f"m{number}-{at}"}
                for at in range(BATCH)
            ]
            assert running.post("/v1/batch", {"batch": batch}, "w").status_code == 200
    finally:
        running.kill()
    assert (data / "sites" / KEY / "journal.db-wal").stat().st_size > 10 * PAGE
    return data / "sites" / KEY


def cuts(size: int) -> Iterator[int]:
    """Yield where a file is torn: at each 4 KB and in the middle of the next ones."""
    for at in range(0, size, PAGE):
        yield at
        yield at + PAGE // 2 if at + PAGE // 2 < size else size


def torn(site: Path, name: str, at: int, folder: Path, garbage: bytes = b"") -> Path:
    """Return a copy of a site's folder whose WAL ends at a byte, and goes on with garbage."""
    copy = folder / f"{name} {at} {len(garbage)}"
    copy.mkdir()
    for path in site.iterdir():
        if path.name.startswith(name) and not path.name.endswith("-shm"):
            shutil.copy(path, copy)
    wal = copy / f"{name}-wal"
    wal.write_bytes(wal.read_bytes()[:at] + garbage)
    return copy


@pytest.mark.parametrize("garbage", [b"", b"\xff" * PAGE * 2], ids=["cut off", "and garbage"])
def test_the_journal_opens_with_whole_batches_up_to_the_tear(killed: Path, tmp_path: Path, garbage: bytes) -> None:
    size = (killed / "journal.db-wal").stat().st_size
    kept = []
    for at in cuts(size):
        journal = SqliteJournal(torn(killed, "journal.db", at, tmp_path, garbage))
        found = [event.message_id for _, event in journal.read(0, 10**6)]
        pings = [each for each in found if each.startswith("m")]
        assert pings == [f"m{number}-{at}" for number in range(BATCHES) for at in range(BATCH)][: len(pings)]
        assert len(pings) % BATCH == 0, "half a batch"
        assert journal.last() == len(found)
        assert journal.append([]) == range(len(found) + 1, len(found) + 1)
        kept.append(len(pings))
        journal.close()
    assert kept == sorted(kept), "a later tear loses less"
    assert kept[0] == 0
    assert kept[-1] == BATCHES * BATCH, "all that was answered is there if the log is whole"


def test_the_profiles_open_as_well(killed: Path, tmp_path: Path) -> None:
    for at in cuts((killed / "profiles.db-wal").stat().st_size):
        profiles = SqliteProfiles(torn(killed, "profiles.db", at, tmp_path))
        assert profiles.folded() >= 0
        assert len(list(profiles.everyone())) <= BATCH
        profiles.close()


def test_the_catalog_opens_with_whole_publications(killed: Path, tmp_path: Path) -> None:
    home, found = killed.parents[1], set()
    for at in cuts((home / "catalog.db-wal").stat().st_size):
        database = SqlDatabase(torn(home, "catalog.db", at, tmp_path) / "catalog.db")
        live = SqlCatalogs(database).live(KEY)
        found.add(live.catalog.revision if live else "")
        database.close()
    site = msgspec.structs.replace(CATALOG.site, secret_key="")  # kept elsewhere, as a hash
    assert found == {"", Catalog(site).revision, msgspec.structs.replace(CATALOG, site=site).revision}


def test_torn_profiles_are_folded_again_from_the_journal(killed: Path) -> None:
    """The profiles fall back, the journal does not: the server counts what is missing. The last test of the folder."""
    wal = killed / "profiles.db-wal"
    wal.write_bytes(wal.read_bytes()[: wal.stat().st_size // 2 // PAGE * PAGE])
    asyncio.run(whole(killed.parents[1]))


async def whole(data: Path) -> None:
    """Everyone has what they did, in the profiles and in the log."""
    async with installation(data, now, new_id) as opened:
        site = opened.site(KEY)
        await site.settle()
        [(found,)] = await site.stores.events.query("SELECT countDistinct(message_id) FROM events", {})
        assert found == BATCHES * BATCH
        assert len(list(site.stores.profiles.everyone())) == BATCH
