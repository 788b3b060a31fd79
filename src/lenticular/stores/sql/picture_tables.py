"""The table of pictures: what is known of them; their bytes are files. Times are milliseconds since 1970."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from lenticular.stores.sql.preview_tables import METADATA as METADATA

_NUMBER = BigInteger().with_variant(Integer, "sqlite")

PICTURES = Table(
    "pictures",
    METADATA,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    Column("site", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("extension", Text, nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    Column("bytes", BigInteger, nullable=False),
    Column("notes", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("author_id", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("alt", Text, nullable=False),
    Column("focus", Text, nullable=False),
    Column("made", Integer, nullable=False),
    sqlite_autoincrement=True,
)
Index("uq_pictures_hash", PICTURES.c.site, PICTURES.c.hash, unique=True)
Index("ix_pictures_hash", PICTURES.c.hash)
