"""The tables of webhooks, of what waits for them, and of how tries went. Times are milliseconds since 1970.

The secrets of webhooks are here as they are: to sign with them, they must be known.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text

from lenticular.stores.sql.job_tables import METADATA as METADATA

_NUMBER = BigInteger().with_variant(Integer, "sqlite")

WEBHOOKS = Table(
    "webhooks",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("site", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("events", Text, nullable=False),
    Column("segments", Text, nullable=False),
    Column("traits", Text, nullable=False),
    Column("on", Boolean, nullable=False),
    Column("secret", Text, nullable=False),
    Column("old_secret", Text, nullable=False),
    Column("old_until", BigInteger, nullable=False),
    Column("author", Text, nullable=False),
    Column("author_id", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("failing", BigInteger),
    Column("reason", Text, nullable=False),
    Column("place", BigInteger, nullable=False),
    Column("ended", BigInteger, nullable=False),
)
Index("ix_webhooks_site", WEBHOOKS.c.site)

DELIVERIES = Table(
    "deliveries",
    METADATA,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False),
    Column("webhook", Text, ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("event", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    sqlite_autoincrement=True,
)
Index("uq_deliveries_id", DELIVERIES.c.id, unique=True)
Index("ix_deliveries_webhook", DELIVERIES.c.webhook, DELIVERIES.c.state, DELIVERIES.c.number)

ATTEMPTS = Table(
    "attempts",
    METADATA,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("webhook", Text, ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("delivery", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("status", Integer),
    Column("ms", BigInteger, nullable=False),
    Column("error", Text, nullable=False),
    Column("answer", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index("ix_attempts_webhook", ATTEMPTS.c.webhook, ATTEMPTS.c.id)

# Up to which move of a person (`profiles.db` of the site) deliveries have been made.
MOVED = Table(
    "moved",
    METADATA,
    Column("site", Text, primary_key=True),
    Column("upto", BigInteger, nullable=False),
)
