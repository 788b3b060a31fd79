"""Preview links in a relational database: `ports.PreviewStore`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Row, bindparam, delete, func, insert, select, update

from lenticular.accounts.shared_preview import SharedPreview
from lenticular.catalog.author import Author
from lenticular.stores.sql import rows
from lenticular.stores.sql.database import SqlDatabase
from lenticular.stores.sql.preview_tables import PREVIEW_LINKS

_OF = PREVIEW_LINKS.c


class SqlPreviews:
    """Each call is one transaction, of the thread that calls."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def ended(self, now: int) -> dict[str, int]:
        """Return the ids of all links that were taken back and are not over, and when they are (ms)."""
        query = select(_OF.id, _OF.expires).where(_OF.ended.is_not(None), _OF.expires > now)
        with self._database.read() as connection:
            return {row.id: row.expires for row in connection.execute(query)}

    def of(self, site: str) -> list[SharedPreview]:
        """Return the links of a site, the newest first."""
        query = select(PREVIEW_LINKS).where(_OF.site == site).order_by(_OF.created.desc(), _OF.id)
        with self._database.read() as connection:
            return [_shared(row) for row in connection.execute(query)]

    def add(self, new: SharedPreview, most: int) -> bool:
        """Keep a new link, unless its site has so many that are neither over nor taken back."""
        values = msgspec.structs.asdict(new) | rows.author_columns(new.author)
        values["shows"] = msgspec.json.encode(new.shows).decode()
        good = select(func.count()).where(_OF.site == new.site, _OF.ended.is_(None), _OF.expires > new.created)
        with self._database.write() as connection:
            if connection.execute(good).scalar_one() >= most:
                return False
            connection.execute(insert(PREVIEW_LINKS).values(values))
        return True

    def end(self, identity: str, at: int) -> None:
        """Take a link back, unless it was before."""
        query = update(PREVIEW_LINKS).where(_OF.id == identity, _OF.ended.is_(None)).values(ended=at)
        with self._database.write() as connection:
            connection.execute(query)

    def used(self, days: Mapping[str, int]) -> None:
        """Note when links were looked at last."""
        note = update(PREVIEW_LINKS).where(_OF.id == bindparam("own")).values(used=bindparam("day"))
        with self._database.write() as connection:
            connection.execute(note, [{"own": identity, "day": day} for identity, day in days.items()])

    def forget(self, now: int) -> int:
        """Delete the links that are over; return how many."""
        with self._database.write() as connection:
            return int(connection.execute(delete(PREVIEW_LINKS).where(_OF.expires <= now)).rowcount)


def _shared(row: Row[Any]) -> SharedPreview:
    values = dict(row._mapping)
    author = Author(values.pop("author"), values.pop("author_id"))
    return SharedPreview(**{**values, "shows": msgspec.json.decode(row.shows)}, author=author)
