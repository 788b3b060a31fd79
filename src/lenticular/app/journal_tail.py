"""What the journal of another folder has beyond a backup: taken over event by event, under the same numbers."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import msgspec

from lenticular.errors import LenticularError, Problem, StoreError
from lenticular.stores.sqlite.journal import SqliteJournal

_PAGE = 5_000


class Tail(msgspec.Struct, frozen=True):
    """What was taken over for one site: how many events, and up to which number.

    `lost` are the first and the last number that neither the backup nor the journal has, None if there is no such gap;
    `trouble` says why there is nothing, or not all.
    """

    site: str
    taken: int
    upto: int
    lost: tuple[int, int] | None = None
    trouble: str = ""


def take_tail(site: str, old: Path, new: Path) -> Tail:
    """Add to the journal in the folder `new` what the one in `old` has beyond it; `old` is left as it is.

    Raises LenticularError if the two are not of one history.
    """
    if not (old / "journal.db").is_file():
        return Tail(site, 0, 0, trouble="There is no journal of this site.")
    with tempfile.TemporaryDirectory(dir=new) as folder:
        for each in ("journal.db", "journal.db-wal"):
            if (old / each).exists():
                shutil.copyfile(old / each, Path(folder) / each)
        target = SqliteJournal(new)
        try:
            return _take(site, Path(folder), target)
        finally:
            target.close()


def _take(site: str, folder: Path, target: SqliteJournal) -> Tail:
    before = target.last()
    taken, lost = 0, None
    try:
        source = SqliteJournal(folder)
    except StoreError as error:
        return Tail(site, 0, before, trouble=error.problems[0].message)
    try:
        _refuse_other(site, source, target)
        while page := source.read(target.last(), _PAGE):
            if lost is None and page[0][0] > target.last() + 1:
                lost = (target.last() + 1, page[0][0] - 1)
            target.take(page)
            taken += len(page)
    except StoreError as error:
        return Tail(site, taken, target.last(), lost, f"It can be read up to here: {error.problems[0].message}")
    finally:
        source.close()
    return Tail(site, taken, target.last(), lost)


def _refuse_other(site: str, source: SqliteJournal, target: SqliteJournal) -> None:
    """Refuse a journal that has another event under the last number of the backup."""
    last = target.last()
    ours, theirs = target.read(last - 1, 1), source.read(last - 1, 1)
    if ours and theirs and ours[0][0] == theirs[0][0] and ours[0][1] != theirs[0][1]:
        message = f"The journal of {site} has another event under number {last:,} than the backup."
        hint = "It belongs to another history: restore without it, or name the folder that the backup was taken of."
        raise LenticularError(Problem("journal.other", message, site, hint))
