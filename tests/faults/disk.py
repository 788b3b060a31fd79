"""A disk that fails in the ways that disks do: full, torn, deleted, changed; each can be done while a server runs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from lenticular.stores.sqlite.database import Database


@contextmanager
def full(*databases: Database) -> Iterator[None]:
    """Let SQLite meet a full disk: no file may get another page, and what was free is taken (`SQLITE_FULL`)."""
    before = [database._writer.execute("PRAGMA max_page_count").fetchone()[0] for database in databases]
    for database in databases:
        (pages,) = database._writer.execute("PRAGMA page_count").fetchone()
        database._writer.execute(f"PRAGMA max_page_count = {pages}")
    try:
        yield
    finally:
        for database, pages in zip(databases, before, strict=True):
            database._writer.execute(f"PRAGMA max_page_count = {pages}")


def tear(path: Path, share: float = 0.5) -> None:
    """Leave the beginning of a file, as a write that was cut off does."""
    body = path.read_bytes()
    path.write_bytes(body[: int(len(body) * share)])


def spoil(path: Path) -> None:
    """Overwrite a file with what means nothing."""
    path.write_bytes(b"\x5a" * max(path.stat().st_size, 8192))


def flip(path: Path) -> None:
    """Change one byte in the middle of a file, as a failing disk does."""
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 0xFF
    path.write_bytes(body)


def delete(folder: Path) -> None:
    """Delete a folder under whoever uses it: it is gone at once, and emptied afterwards."""
    gone = folder.with_name(f"{folder.name}.gone")
    folder.rename(gone)
    shutil.rmtree(gone)


def largest_part(store: Path) -> Path:
    """Return the data file of the largest part that lies in an events store's folder."""
    return max(store.glob("store/store/*/*/*/data.bin"), key=lambda path: path.stat().st_size)


def torn_wal(path: Path, extra: bytes = b"\0" * 3000) -> None:
    """Leave half a frame at the end of a file's write-ahead log, as a crash in the middle of a write does."""
    wal = path.with_name(f"{path.name}-wal")
    assert wal.stat().st_size, "the log is empty: nothing would be torn"
    with closing(wal.open("ab")) as end:
        end.write(extra)
