"""Webhooks, what waits for them, how tries went."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the tables of webhooks."""
    op.create_table(
        "webhooks",
        *_texts("id", "site", "name", "url", "events", "segments", "traits"),
        sa.Column("on", sa.Boolean, nullable=False),
        *_texts("secret", "old_secret"),
        *_times("old_until"),
        *_texts("author", "author_id"),
        *_times("created"),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("failing", sa.BigInteger),
        *_texts("reason"),
        *_times("place", "ended"),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )
    op.create_index("ix_webhooks_site", "webhooks", ["site"])
    _deliveries()
    _attempts()
    op.create_table("moved", *_texts("site"), *_times("upto"), sa.PrimaryKeyConstraint("site", name="pk_moved"))


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("number", _NUMBER, autoincrement=True, nullable=False),
        *_texts("id", "webhook", "event", "subject", "body"),
        *_times("created", "due"),
        *_texts("state"),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_deliveries"),
        _of_webhook("deliveries"),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_deliveries_id", "deliveries", ["id"], unique=True)
    op.create_index("ix_deliveries_webhook", "deliveries", ["webhook", "state", "number"])


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        *_times("at"),
        *_texts("webhook", "delivery", "event"),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("status", sa.Integer),
        *_times("ms"),
        *_texts("error", "answer"),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
        _of_webhook("attempts"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_attempts_webhook", "attempts", ["webhook", "id"])


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _times(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger, nullable=False) for name in names]


def _of_webhook(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["webhook"], ["webhooks.id"], ondelete="CASCADE", name=f"fk_{table}_webhook")
