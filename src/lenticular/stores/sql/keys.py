"""The keys of all sites in a relational database: `ports.KeyStore`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, bindparam, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from lenticular.accounts.site_key import SiteKey
from lenticular.catalog.author import Author
from lenticular.errors import ConflictError, Problem
from lenticular.stores.sql import rows
from lenticular.stores.sql.account_tables import SITE_KEYS
from lenticular.stores.sql.database import SqlDatabase

_OF = SITE_KEYS.c


class SqlKeys:
    """Each call is one transaction, of the thread that calls."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def every(self) -> list[SiteKey]:
        """Return all keys, the oldest first."""
        with self._database.read() as connection:
            query = select(SITE_KEYS).order_by(_OF.created, _OF.id)
            return [_key(row) for row in connection.execute(query)]

    def add(self, new: SiteKey, replaced: int | None = None) -> None:
        """Keep a new key, and have others end. Raises ConflictError."""
        values = {**msgspec.structs.asdict(new), **rows.author_columns(new.author)}
        with self._database.write() as connection:
            try:
                with connection.begin_nested():
                    connection.execute(insert(SITE_KEYS).values(values))
            except IntegrityError:
                raise ConflictError(taken()) from None
            if replaced is not None:
                others = (_OF.site == new.site) & (_OF.use == new.use) & (_OF.id != new.id)
                _end(connection, others, replaced)

    def replace(self, identity: str, at: int) -> None:
        """Have the other keys of a key's site and use end, those that would last longer."""
        with self._database.write() as connection:
            own = connection.execute(select(_OF.site, _OF.use).where(_OF.id == identity)).first()
            if own is not None:
                _end(connection, (_OF.site == own.site) & (_OF.use == own.use) & (_OF.id != identity), at)

    def end(self, identity: str, at: int) -> None:
        """Have a key end at a moment, unless it ends before."""
        with self._database.write() as connection:
            _end(connection, _OF.id == identity, at)

    def used(self, days: Mapping[str, int]) -> None:
        """Note when keys were used last."""
        note = update(SITE_KEYS).where(_OF.id == bindparam("own")).values(used=bindparam("day"))
        with self._database.write() as connection:
            connection.execute(note, [{"own": identity, "day": day} for identity, day in days.items()])


def taken() -> Problem:
    """Say that a key is one already."""
    hint = "Leave it out: Lenticular makes keys that are nobody else's."
    return Problem("key.taken", "This key is used already, by this or by another site.", hint=hint)


def _end(connection: Connection, which: ColumnElement[bool], at: int) -> None:
    longer = or_(_OF.ends.is_(None), _OF.ends > at)
    connection.execute(update(SITE_KEYS).where(which, longer).values(ends=at))


def _key(row: Row[Any]) -> SiteKey:
    values = dict(row._mapping)
    author = Author(values.pop("author"), values.pop("author_id"))
    return SiteKey(**values, author=author)
