"""The catalog that earlier versions kept in a file of each site, to be taken over."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec

from lenticular.catalog.catalog import Catalog
from lenticular.errors import Problem, StoreError


class Published(msgspec.Struct, frozen=True):
    """What is live: since when (ms), the catalog, and the keys of the tallies that its segments ask for."""

    at: int
    catalog: Catalog
    tallies: frozenset[str]


def read_published(path: Path) -> Published | None:
    """Return the newest catalog of a file. Raises StoreError."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            query = "SELECT at, catalog, tallies FROM published ORDER BY id DESC LIMIT 1"
            row = connection.execute(query).fetchone()
        if row is None:
            return None
        return Published(row[0], msgspec.json.decode(row[1], type=Catalog), frozenset(msgspec.json.decode(row[2])))
    except (sqlite3.Error, msgspec.DecodeError) as error:
        message = f"The catalog of an earlier version can't be read: {error}."
        raise StoreError(Problem("catalog.earlier", message, str(path), "Restore it from a backup.")) from error
