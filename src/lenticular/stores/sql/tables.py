"""The tables of an installation's database. A change of them needs a migration in `migrations/versions`.

Times are milliseconds since 1970. Bodies are the JSON of the definitions' Structs, as text: what was written is read.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, Table, Text

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
METADATA = MetaData(naming_convention=_NAMES)
_NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself for this type alone."""

SITES = Table(
    "sites",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("created", BigInteger, nullable=False),
    Column("publication", BigInteger),
)

DEFINITIONS = Table(
    "definitions",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("site", Text, ForeignKey("sites.key"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("draft", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("search", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("author", Text, nullable=False),
    Column("author_id", Text, nullable=False),
)
_NOT_DELETED = DEFINITIONS.c.state != "deleted"
Index(
    "uq_definitions_key",
    DEFINITIONS.c.site,
    DEFINITIONS.c.kind,
    DEFINITIONS.c.key,
    unique=True,
    sqlite_where=_NOT_DELETED,
    postgresql_where=_NOT_DELETED,
)

DRAFTS = Table(
    "drafts",
    METADATA,
    Column("definition", Text, ForeignKey("definitions.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("key", Text, nullable=False),
    Column("base", Integer, nullable=False),
    Column("action", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("author_id", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)

# `place` is a publication's place among those of its site: clocks may go back, and what is planned comes about later.
PUBLICATIONS = Table(
    "publications",
    METADATA,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("site", Text, ForeignKey("sites.key"), nullable=False),
    Column("place", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("author", Text, nullable=False),
    Column("author_id", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("revision", Text, nullable=False),
    Column("tallies", Text, nullable=False),
    Column("due", BigInteger),
    Column("reason", Text, nullable=False),
    Column("undoes", BigInteger),
    Column("changes", Text, nullable=False),
    Column("drafts", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index("uq_publications_place", PUBLICATIONS.c.site, PUBLICATIONS.c.place, unique=True)
Index("ix_publications_due", PUBLICATIONS.c.state, PUBLICATIONS.c.due)

REVISIONS = Table(
    "revisions",
    METADATA,
    Column("definition", Text, ForeignKey("definitions.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("key", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("body", Text),
    Column("author", Text, nullable=False),
    Column("author_id", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("sentences", Text, nullable=False),
    Column("publication", _NUMBER, ForeignKey("publications.id"), nullable=False),
)
Index("ix_revisions_publication", REVISIONS.c.publication)

TAGS = Table(
    "tags",
    METADATA,
    Column("definition", Text, ForeignKey("definitions.id", ondelete="CASCADE"), primary_key=True),
    Column("tag", Text, primary_key=True),
)
Index("ix_tags_tag", TAGS.c.tag)

# Drafts that somebody asks a publisher to publish; `drafts` are ids and versions.
PROPOSALS = Table(
    "proposals",
    METADATA,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("site", Text, ForeignKey("sites.key"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("author", Text, nullable=False),
    Column("author_id", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("due", BigInteger),
    Column("drafts", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("settled", BigInteger),
    Column("by", Text, nullable=False),
    Column("by_id", Text, nullable=False),
    Column("publication", BigInteger),
    sqlite_autoincrement=True,
)
Index("ix_proposals_site", PROPOSALS.c.site, PROPOSALS.c.state)
