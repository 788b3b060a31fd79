"""The profiles on SQLite: one msgpack value per profile, identities, what was seen, and the outbox."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from lenticular.ids import hash_many, hasher
from lenticular.ports import Batch, Counted, FoldResult
from lenticular.profiles.fold import LookUps
from lenticular.profiles.kept import Kept
from lenticular.profiles.organization import Organization
from lenticular.profiles.profile import Profile
from lenticular.stores.sqlite import check, kept, outbox, seen, tallies, told
from lenticular.stores.sqlite.database import Database, put_rows
from lenticular.stores.sqlite.remembered import Remembered

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Profile).decode
_decode_organization = msgspec.msgpack.Decoder(Organization).decode
_PAGE = 500
_AT_HAND = 1 << 15
"""Hashes of message ids: each is asked for three times on its way in."""

_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT OR IGNORE INTO meta VALUES ('folded', 0), ('next_id', 1);
CREATE TABLE IF NOT EXISTS profiles (id INTEGER PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS identities (
    kind TEXT NOT NULL, value TEXT NOT NULL, profile_id INTEGER NOT NULL, PRIMARY KEY (kind, value)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS organizations (id TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS properties (
    scope TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, PRIMARY KEY (scope, name)
) WITHOUT ROWID;
{outbox.SCHEMA}
{tallies.SCHEMA}
{seen.SCHEMA}
{kept.SCHEMA}
{told.SCHEMA}
"""


class SqliteProfiles:
    """`ports.ProfileStore` in the file `profiles.db` of a folder. One process owns it; reads come from any thread.

    `new_key` makes the random key by which a new store hashes message ids, at most 64 bytes.
    """

    def __init__(self, folder: Path, new_key: Callable[[], bytes] = bytes, to_read: bool = False) -> None:
        self._database = Database(folder / "profiles.db", _SCHEMA, to_read)
        self.told = told.SqliteTold(self._database)
        """Whom somebody outside was told of."""
        with self._database.problems():
            reader = self._database.reader
            meta: dict[str, int] = dict(reader.execute("SELECT key, value FROM meta").fetchall())
            self._remembered = Remembered(reader)
            with contextlib.nullcontext(reader) if to_read else self._database.transaction() as connection:
                self._key = seen.key_of(connection, new_key)
            self._gone = int(reader.execute("SELECT count(*) FROM merged").fetchone()[0])
            self._waiting = int(reader.execute("SELECT coalesce(sum(count), 0) FROM outbox").fetchone()[0])
        self._hash = hasher(self._key)
        self._marks: dict[str, int] = {}
        self._registered: set[tuple[str, str]] = set()
        self._counting = threading.Lock()
        self._folded, self._next_id = meta["folded"], meta["next_id"]

    def mark(self, message_id: str) -> int:
        """Return the hash under which a message id is remembered; those of the last events are at hand."""
        found = self._marks.get(message_id)
        if found is None:
            if len(self._marks) >= _AT_HAND:
                self._marks.clear()
            found = self._marks[message_id] = self._hash(message_id)
        return found

    def marks(self, message_ids: Iterable[str]) -> list[int]:
        """Return the hashes under which many message ids are remembered."""
        return hash_many(self._key, message_ids)

    def find(self, kind: str, value: str) -> int | None:
        """Return the id of the profile that owns an identity (`kind` is `user` or `anonymous`)."""
        with self._database.problems():
            row = self._database.reader.execute(
                "SELECT profile_id FROM identities WHERE kind = ? AND value = ?", (kind, value)
            ).fetchone()
        return None if row is None else int(row[0])

    def get(self, profile_id: int) -> Profile | None:
        """Return a profile, fresh each time."""
        with self._database.problems():
            row = self._database.reader.execute("SELECT value FROM profiles WHERE id = ?", (profile_id,)).fetchone()
        return None if row is None else _decode(row[0])

    def organization(self, organization_id: str) -> Organization | None:
        """Return an organization, fresh each time."""
        with self._database.problems():
            row = self._database.reader.execute(
                "SELECT value FROM organizations WHERE id = ?", (organization_id,)
            ).fetchone()
        return None if row is None else _decode_organization(row[0])

    def tally(self, profile_id: int, key: str) -> Any:
        """Return the state of a tally in a row of its own, fresh each time; None if there is none."""
        with self._database.problems():
            return tallies.get(self._database.reader, profile_id, key)

    def kept(self, profile_id: int) -> Kept | None:
        """Return what is kept of the merge in which a profile went, None if nothing is, or not any more."""
        with self._database.problems():
            return kept.get(self._database.reader, profile_id)

    def count(self, keys: Collection[str]) -> None:
        """Count these tallies and no others from the position that is folded on. Raises StoreError."""
        if self._database.to_read and set(keys) <= {one.key for one in self.counted()[1]}:
            return  # what is counted beyond them does no harm
        with self._database.transaction() as connection:
            tallies.count(connection, keys, self._folded, self._next_id - 1)

    def counted(self) -> tuple[int, list[Counted]]:
        """Return the generation of the newest tallies, and all that are counted."""
        with self._database.problems():
            return tallies.counted(self._database.reader)

    def survivors(self, profile_ids: Iterable[int]) -> dict[int, int]:
        """Return into which profiles those of some that are gone were merged."""
        with self._database.problems():
            return tallies.survivors(self._database.reader, profile_ids)

    def next_id(self) -> int:
        """Return the id that the next new profile gets."""
        return self._next_id

    def folded(self) -> int:
        """Return the sequence number up to which the journal has been folded."""
        return self._folded

    def commit(self, result: FoldResult) -> None:
        """Write a fold's result in one durable transaction. Raises StoreError."""
        ids = [*(profile.id for profile in result.profiles), *result.gone]
        next_id = max([self._next_id, *(each + 1 for each in ids)])
        together = [(one.day, one.folded_marks()) for one in result.laid]
        with self._database.transaction() as connection:
            _put(connection, result)
            tallies.put(connection, result.tallies)
            tallies.merge(connection, result.merged)
            if result.prepared is not None:
                tallies.prepared(connection, result.prepared)
            newest = self._remembered.put(connection, result.seen, together)
            kept.put(connection, result.kept, newest)
            if result.told is not None:
                told.put(connection, result.told)
            added = outbox.put(connection, self._folded + 1, result.upto, result.rows, result.text)
            connection.executemany(
                "INSERT OR REPLACE INTO meta VALUES (?, ?)", [("folded", result.upto), ("next_id", next_id)]
            )
        marks = chain((mark for _, mark in result.seen), *(marks for _, marks in together))
        self._remembered.committed(marks, newest)
        self._count(added)
        self._folded, self._next_id = result.upto, next_id
        self._gone += len(result.gone)

    def has_seen(self, message_hashes: Iterable[int]) -> set[int]:
        """Return those of the hashed message ids that were accepted in the last 30 days."""
        with self._database.problems():
            return self._remembered.has(self._database.reader, set(message_hashes))

    def ahead(self, identities: Iterable[tuple[str, str]], message_hashes: Iterable[int]) -> LookUps:
        """Return look-ups that have these identities, their profiles and these hashes at hand."""
        asked, marks = set(identities), set(message_hashes)
        reader = self._database.reader
        if len(asked) == 1 and not marks:
            [identity] = asked
            with self._database.problems():
                row = reader.execute(_ONE, identity).fetchone()
            if row is None:
                return _Ahead(self, (asked, {}), {}, (marks, set()))
            return _Ahead(self, (asked, {identity: row[0]}), {row[0]: row[1]}, (marks, set()))
        with self._database.problems():
            reader.execute("BEGIN")
            try:
                found = _identities(reader, asked)
                values = _values(reader, set(found.values()))
                known = self._remembered.ahead(reader, marks)
            finally:
                reader.execute("COMMIT")
        return _Ahead(self, (asked, found), values, (marks, known))

    def properties(self) -> dict[tuple[str, str], str]:
        """Return the registered properties: (scope, name) to type."""
        with self._database.problems():
            rows = self._database.reader.execute("SELECT scope, name, type FROM properties").fetchall()
        return {(scope, name): kind for scope, name, kind in rows}

    def register(self, properties: Mapping[tuple[str, str], str]) -> None:
        """Register properties, (scope, name) to type; one that is registered keeps its type. Raises StoreError."""
        if properties.keys() <= self._registered:
            return  # whoever calls again and again waits for no other writer
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO properties VALUES (?, ?, ?)",
                [(scope, name, kind) for (scope, name), kind in properties.items()],
            )
        self._registered |= properties.keys()

    def cut(self, max_rows: int) -> list[Batch]:
        """Return the batches to send next, one per table at most; the same ones until they are done."""
        with self._database.transaction() as connection:
            outbox.cut(connection, max_rows)
            return outbox.batches(connection)

    def done(self, batch: Batch) -> None:
        """Forget a batch that the events store has."""
        with self._database.transaction() as connection:
            sent = outbox.forget(connection, batch)
        self._count(-sent)

    def quarantine(self, batch: Batch, reason: str) -> None:
        """Keep a row (a batch of one) that the events store refuses, and why."""
        with self._database.transaction() as connection:
            outbox.quarantine(connection, batch, reason)

    def quarantined(self) -> list[tuple[str, bytes, str]]:
        """Return the rows that were refused: table, line, reason."""
        return [(row.table, row.line, row.reason) for row in self.set_aside()]

    def set_aside(self) -> list[outbox.SetAside]:
        """Return the rows that were refused, with their tokens."""
        with self._database.problems():
            return outbox.set_aside(self._database.reader)

    def still_refused(self, token: str, reason: str) -> None:
        """Note why a row was refused again. Raises StoreError."""
        with self._database.transaction() as connection:
            outbox.still_refused(connection, token, reason)

    def release(self, tokens: Sequence[str]) -> None:
        """Forget rows that were refused. Raises StoreError."""
        with self._database.transaction() as connection:
            outbox.release(connection, tokens)

    def quarantined_count(self) -> int:
        """Return how many rows were refused."""
        with self._database.problems():
            return int(self._database.reader.execute("SELECT count(*) FROM quarantine").fetchone()[0])

    def count_people(self) -> int:
        """Return how many profiles there are: all that were made but those that became part of another."""
        return self._next_id - 1 - self._gone

    def everyone(self) -> Iterator[Profile]:
        """Yield every profile, in the order of their ids, page by page: no reader holds up the write-ahead log."""
        after = 0
        while page := self.some(after, _PAGE):
            yield from page
            after = page[-1].id

    def some(self, after: int, limit: int) -> list[Profile]:
        """Return the profiles that follow an id, in the order of their ids."""
        with self._database.problems():
            rows = self._database.reader.execute(
                "SELECT value FROM profiles WHERE id > ? ORDER BY id LIMIT ?", (after, limit)
            ).fetchall()
        return [_decode(value) for (value,) in rows]

    def merged(self) -> dict[int, int]:
        """Return into which profile each one that is gone was merged."""
        with self._database.problems():
            return dict(self._database.reader.execute("SELECT id, survivor FROM merged").fetchall())

    def organizations(self) -> Iterator[Organization]:
        """Yield every organization."""
        with self._database.problems():
            rows = self._database.reader.execute("SELECT value FROM organizations ORDER BY id").fetchall()
        for (value,) in rows:
            yield _decode_organization(value)

    def mend(self, rest: Callable[[], None]) -> int:
        """Make the identities again from the profiles; return how many were changed. Raises StoreError.

        `rest` is called after every few profiles, to let others go on.
        """
        with self._database.transaction() as connection:
            changed = check.mend(connection, rest)
        with self._database.problems():
            (self._next_id,) = self._database.reader.execute("SELECT value FROM meta WHERE key = 'next_id'").fetchone()
        return changed

    def unsent(self) -> int | None:
        """Return the sequence number at which the oldest slice that waits to be sent begins; None if nothing waits."""
        with self._database.problems():
            row = self._database.reader.execute("SELECT first FROM outbox ORDER BY id LIMIT 1").fetchone()
        return None if row is None else int(row[0])

    def waiting(self) -> int:
        """Return how many rows wait to be sent."""
        return self._waiting

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _count(self, rows: int) -> None:
        with self._counting:
            self._waiting += rows


def _put(connection: sqlite3.Connection, result: FoldResult) -> None:
    """Write profiles, identities, organizations and properties."""
    put_rows(
        connection,
        "INSERT OR REPLACE INTO profiles",
        [(profile.id, _encode(profile)) for profile in result.profiles],
    )
    connection.executemany("DELETE FROM profiles WHERE id = ?", [(each,) for each in result.gone])
    put_rows(
        connection,
        "INSERT OR REPLACE INTO identities",
        [(kind, value, each) for (kind, value), each in result.identities.items()],
    )
    put_rows(
        connection,
        "INSERT OR REPLACE INTO organizations",
        [(each.id, _encode(each)) for each in result.organizations],
    )
    put_rows(
        connection,
        "INSERT OR IGNORE INTO properties",
        [(scope, name, kind) for (scope, name), kind in result.properties.items()],
    )


class _Ahead:
    """Look-ups of which a part was read ahead, in one go."""

    def __init__(
        self,
        store: SqliteProfiles,
        identities: tuple[set[tuple[str, str]], dict[tuple[str, str], int]],
        values: dict[int, bytes],
        marks: tuple[set[int], set[int]],
    ) -> None:
        self._store, self._values = store, values
        self._asked, self._found = identities
        self._marks, self._known = marks
        self.next_id, self.organization, self.tally = store.next_id, store.organization, store.tally
        self.mark, self.kept = store.mark, store.kept

    def find(self, kind: str, value: str) -> int | None:
        identity = (kind, value)
        return self._found.get(identity) if identity in self._asked else self._store.find(kind, value)

    def get(self, profile_id: int) -> Profile | None:
        value = self._values.get(profile_id)
        return self._store.get(profile_id) if value is None else _decode(value)

    def has_seen(self, message_hashes: Iterable[int]) -> set[int]:
        asked = set(message_hashes)
        here = asked & self._known
        return here if asked <= self._marks else here | self._store.has_seen(asked - self._marks)


_ONE = (
    "SELECT i.profile_id, p.value FROM identities AS i JOIN profiles AS p ON p.id = i.profile_id"
    " WHERE i.kind = ? AND i.value = ?"
)

# One row with everything in it, for the reason that `put_rows` gives.
_FIND = (
    "SELECT json_group_array(json_array(i.value, i.profile_id)) FROM json_each(?) AS j"
    " CROSS JOIN identities AS i ON i.kind = ? AND i.value = j.value"
)
_GET = (
    "SELECT json_group_array(json_array(p.id, hex(p.value))) FROM json_each(?) AS j"
    " CROSS JOIN profiles AS p ON p.id = j.value"
)


def _identities(reader: sqlite3.Connection, asked: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for kind in ("anonymous", "user"):
        values = sorted(value for each, value in asked if each == kind)
        if values:
            (answer,) = reader.execute(_FIND, (msgspec.json.encode(values).decode(), kind)).fetchone()
            found.update({(kind, value): each for value, each in msgspec.json.decode(answer)})
    return found


def _values(reader: sqlite3.Connection, ids: set[int]) -> dict[int, bytes]:
    (answer,) = reader.execute(_GET, (msgspec.json.encode(sorted(ids)).decode(),)).fetchone()
    return {each: bytes.fromhex(value) for each, value in msgspec.json.decode(answer)}
