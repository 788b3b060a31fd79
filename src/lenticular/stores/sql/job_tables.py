"""The table of jobs. Times are milliseconds since 1970, objects are JSON."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, text

from lenticular.stores.sql.account_tables import METADATA as METADATA

_NUMBER = BigInteger().with_variant(Integer, "sqlite")
_OPEN = text("state IN ('waiting', 'running')")

JOBS = Table(
    "jobs",
    METADATA,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("site", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("slot", BigInteger),
    Column("arguments", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("author_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("began", BigInteger),
    Column("ended", BigInteger),
    Column("attempt", Integer, nullable=False),
    Column("reason", Text),
    Column("owner", Text, nullable=False),
    Column("lease", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)
# Of one site, kind and key one is open; and each slot of a schedule is there once, whoever asks for it.
Index("uq_jobs_open", JOBS.c.site, JOBS.c.kind, JOBS.c.key, unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index("uq_jobs_slot", JOBS.c.site, JOBS.c.kind, JOBS.c.key, JOBS.c.slot, unique=True)
Index("ix_jobs_due", JOBS.c.state, JOBS.c.due)
