"""What is known of pictures, in a relational database: `ports.PictureStore`."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from lenticular.catalog.author import Author
from lenticular.catalog.picture import KeptPicture, Point, Text
from lenticular.ports.pictures import PictureSearch
from lenticular.stores.sql.database import SqlDatabase
from lenticular.stores.sql.picture_tables import PICTURES
from lenticular.stores.sql.rows import clean

_OF = PICTURES.c
_json = msgspec.json.encode


class SqlPictures:
    """Each call is one transaction, of the thread that calls."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def put(self, picture: KeptPicture) -> KeptPicture:
        """Keep a new picture, or return the one that the site has."""
        with self._database.write() as connection:
            made = _insert(connection).values(_columns(picture)).on_conflict_do_nothing()
            connection.execute(made)
            row = connection.execute(_one(picture.site, picture.hash)).one()
        return _picture(row)

    def change(self, picture: KeptPicture) -> bool:
        """Write what an editor says of a picture."""
        told = {name: value for name, value in _columns(picture).items() if name in ("name", "alt", "focus")}
        of = (_OF.site == picture.site, _OF.hash == picture.hash)
        with self._database.write() as connection:
            return connection.execute(update(PICTURES).where(*of).values(told)).rowcount == 1

    def made(self, site: str, name: str, recipe: int) -> None:
        """Note which recipe a picture's variants are of."""
        with self._database.write() as connection:
            of = (_OF.site == site, _OF.hash == name)
            connection.execute(update(PICTURES).where(*of).values(made=recipe))

    def find(self, site: str, name: str) -> KeptPicture | None:
        """Return a picture by its hash."""
        with self._database.read() as connection:
            row = connection.execute(_one(clean(site), clean(name))).first()
        return None if row is None else _picture(row)

    def search(self, site: str, search: PictureSearch) -> list[KeptPicture]:
        """Return pictures of a site, the newest first."""
        query = select(PICTURES).where(_OF.site == site).order_by(_OF.number.desc()).limit(search.limit)
        for word in search.words:
            query = query.where(func.lower(_OF.name).contains(clean(word).lower(), autoescape=True))
        if search.before is not None:
            query = query.where(_OF.number < search.before)
        return self._all(query)

    def every(self) -> list[KeptPicture]:
        """Return all pictures of all sites, the oldest first."""
        return self._all(select(PICTURES).order_by(_OF.number))

    def unmade(self, site: str, recipe: int, limit: int) -> list[KeptPicture]:
        """Return pictures of a site whose variants are not of a recipe, the oldest first."""
        query = select(PICTURES).where(_OF.site == site, _OF.made != recipe)
        return self._all(query.order_by(_OF.number).limit(limit))

    def remove(self, site: str, name: str) -> bool:
        """Forget a picture of a site; True if no site has it any more."""
        with self._database.write() as connection:
            connection.execute(delete(PICTURES).where(_OF.site == site, _OF.hash == name))
            left = connection.execute(select(func.count()).select_from(PICTURES).where(_OF.hash == name))
            return not left.scalar_one()

    def _all(self, query: Select[Any]) -> list[KeptPicture]:
        with self._database.read() as connection:
            return [_picture(row) for row in connection.execute(query)]


def _insert(connection: Connection) -> Any:
    return (postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert)(PICTURES)


def _one(site: str, name: str) -> Select[Any]:
    return select(PICTURES).where(_OF.site == site, _OF.hash == name)


def _columns(picture: KeptPicture) -> dict[str, Any]:
    """Return a picture as a row; the number is the database's to give."""
    found = msgspec.structs.asdict(picture)
    del found["number"]
    author: Author = found.pop("author")
    encoded = {name: _json(found[name]).decode() for name in ("notes", "alt", "focus")}
    return {**found, **encoded, "name": clean(picture.name), "author": author.name, "author_id": author.id}


def _picture(row: Row[Any]) -> KeptPicture:
    found = dict(row._mapping)
    author = Author(found.pop("author"), found.pop("author_id"))
    found["notes"] = msgspec.json.decode(found["notes"], type=tuple[str, ...])
    found["alt"] = msgspec.json.decode(found["alt"], type=Text)
    found["focus"] = msgspec.json.decode(found["focus"], type=Point | None)
    return KeptPicture(author=author, **found)
