"""What was published, in the order of publishing; the newest is live."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from lenticular.catalog.catalog import Catalog
from lenticular.stores.sqlite.database import Database

_SCHEMA = """
CREATE TABLE IF NOT EXISTS published (
    id INTEGER PRIMARY KEY, at INTEGER NOT NULL, revision TEXT NOT NULL, catalog BLOB NOT NULL, tallies BLOB NOT NULL
);
"""


class Published(msgspec.Struct, frozen=True):
    """One publish: when (ms), what, and the keys of the tallies that its segments ask for."""

    at: int
    catalog: Catalog
    tallies: frozenset[str]


class SqliteCatalogs:
    """The published catalogs of one site, in the file `catalog.db` of its folder."""

    def __init__(self, folder: Path) -> None:
        self._database = Database(folder / "catalog.db", _SCHEMA)

    def publish(self, catalog: Catalog, at: int, tallies: Sequence[str]) -> None:
        """Make a catalog the live one, in one durable transaction. Raises StoreError."""
        body = msgspec.json.encode(catalog)
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO published (at, revision, catalog, tallies) VALUES (?, ?, ?, ?)",
                (at, catalog.revision, body, msgspec.json.encode(sorted(tallies))),
            )

    def live(self) -> Published | None:
        """Return the newest publish. Raises StoreError."""
        with self._database.problems():
            row = self._database.reader.execute(
                "SELECT at, catalog, tallies FROM published ORDER BY id DESC LIMIT 1"
            ).fetchone()
        if row is None:
            return None
        return Published(row[0], msgspec.json.decode(row[1], type=Catalog), frozenset(msgspec.json.decode(row[2])))

    def close(self) -> None:
        """Close the file."""
        self._database.close()
