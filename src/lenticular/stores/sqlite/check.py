"""Whether SQLite files are whole, and what is in them agrees; nothing is changed but by `mend`."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from lenticular.errors import StoreError
from lenticular.profiles.profile import Profile
from lenticular.stores.sqlite.database import frozen, problems_of, refuses
from lenticular.stores.sqlite.journal import stored_days, stored_last

_decode = msgspec.msgpack.Decoder(Profile).decode
_MOST = 20
_PAGE = 50
_ASTRAY = "SELECT count(*) FROM identities WHERE profile_id NOT IN (SELECT id FROM profiles)"
_PROFILES = "SELECT id, value FROM profiles WHERE id > ? ORDER BY id LIMIT ?"


class Numbers(msgspec.Struct, frozen=True):
    """A journal's numbers: first and last, and the ranges that are missing between (at most twenty)."""

    first: int
    last: int
    missing: list[tuple[int, int]]


class Agreement(msgspec.Struct, frozen=True):
    """How the profiles agree: how many there are, and how many of what should not be.

    `astray`: identities that lead to no profile. `unnamed`: profiles that have no identity. `unled`: identities that a
    profile has and that lead elsewhere or nowhere. `unreadable`: profiles that can't be read. `next_id`: whether the
    next new profile would get the id of one that is there.
    """

    profiles: int
    astray: int
    unnamed: int
    unled: int
    unreadable: int
    next_id: bool


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection that writes nothing; one state for as long as it is open. Raises StoreError."""
    with problems_of(path), closing(_opened(path)) as connection:
        connection.execute("BEGIN")
        yield connection


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
    try:
        connection.execute("SELECT 1 FROM sqlite_schema").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        if error.sqlite_errorname != "SQLITE_CANTOPEN" or not path.is_file() or not refuses(path.parent):
            raise
        connection = sqlite3.connect(frozen(path), uri=True, isolation_level=None)
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    except BaseException:
        connection.close()
        raise
    return connection


def damage(path: Path) -> str:
    """Return what is wrong with a file, "" for nothing (sqlite.org/pragma.html#pragma_quick_check)."""
    try:
        with reading(path) as connection:
            (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            return "" if said == "ok" else "Its pages do not fit together."
    except StoreError as error:
        [problem] = error.problems
        return "" if problem.code == "data_in_use" else problem.message  # whoever has it open knows better


def numbers(path: Path) -> Numbers:
    """Return the numbers of a journal's file. Raises StoreError."""
    with reading(path) as connection:
        missing: list[tuple[int, int]] = []
        first = before = 0
        for day in stored_days(connection):
            for begin, end in connection.execute(f"SELECT first, last FROM day_{day} ORDER BY first"):
                first = first or begin
                if before and begin != before + 1 and len(missing) < _MOST:
                    missing.append((before + 1, begin - 1))
                before = end
        return Numbers(first, stored_last(connection), missing)


def agreement(path: Path, rest: Callable[[], None]) -> Agreement:
    """Return how the profiles of a file agree with each other. Raises StoreError.

    Page by page, each a state of its own, so that no reader holds up the write-ahead log; `rest` is called after every
    few profiles, to let others go on.
    """
    unled = unnamed = unreadable = count = newest = 0
    with reading(path) as connection:
        (astray,) = connection.execute(_ASTRAY).fetchone()
        while page := list(_named(connection, newest)):
            for each, names in page:
                unreadable += names is None
                unnamed += names == ()
                unled += sum(_owner(connection, name) != each for name in names or ())
            count, newest = count + len(page), page[-1][0]
            connection.execute("ROLLBACK")
            rest()
            connection.execute("BEGIN")
        (next_id,) = connection.execute("SELECT value FROM meta WHERE key = 'next_id'").fetchone()
        return Agreement(count, astray, unnamed, unled, unreadable, next_id <= newest)


def mend(connection: sqlite3.Connection, rest: Callable[[], None]) -> int:
    """Make the identities again from the profiles, within a transaction; return how many were changed.

    An identity that two profiles have stays where it leads. `rest` is called as `agreement` does.
    """
    changed = connection.execute("DELETE FROM identities WHERE profile_id NOT IN (SELECT id FROM profiles)").rowcount
    newest = 0
    while page := list(_named(connection, newest)):
        for each, names in page:
            for name in names or ():
                if _owner(connection, name) is None:
                    connection.execute("INSERT INTO identities VALUES (?, ?, ?)", (*name, each))
                    changed += 1
        newest = page[-1][0]
        rest()
    connection.execute("UPDATE meta SET value = max(value, ?) WHERE key = 'next_id'", (newest + 1,))
    return changed


def _named(connection: sqlite3.Connection, after: int) -> Iterator[tuple[int, tuple[tuple[str, str], ...] | None]]:
    """Yield the ids of the next profiles and the identities that each says it has, None for one that can't be read."""
    for each, value in connection.execute(_PROFILES, (after, _PAGE)).fetchall():
        try:
            yield each, tuple(_decode(value).names)
        except (msgspec.DecodeError, ValueError):
            yield each, None


def _owner(connection: sqlite3.Connection, name: tuple[str, str]) -> int | None:
    row = connection.execute("SELECT profile_id FROM identities WHERE kind = ? AND value = ?", name).fetchone()
    return None if row is None else int(row[0])
