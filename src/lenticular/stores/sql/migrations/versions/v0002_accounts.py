"""Users, roles, sessions, tokens, links, the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the tables of accounts."""
    texts = ("id", "email", "email_key", "name", "password", "state")
    op.create_table("users", *_texts(*texts), _time("created"), sa.PrimaryKeyConstraint("id", name="pk_users"))
    op.create_index("uq_users_email_key", "users", ["email_key"], unique=True)
    op.create_table(
        "roles",
        *_texts("user", "site", "role"),
        sa.PrimaryKeyConstraint("user", "site", name="pk_roles"),
        _of_user("roles"),
    )
    op.create_table(
        "sessions",
        *_texts("id", "user"),
        *(_time(name) for name in ("created", "seen", "expires")),
        *_texts("agent"),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        _of_user("sessions"),
    )
    op.create_index("ix_sessions_user", "sessions", ["user"])
    _tokens()
    _links()
    op.create_table(
        "audit",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        _time("at"),
        *_texts("who", "who_id", "what", "site", "target", "sentence", "address"),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_at", "audit", ["at"])


def _tokens() -> None:
    op.create_table(
        "tokens",
        *_texts("id", "hash", "name", "role", "site"),
        sa.Column("user", sa.Text),
        *_texts("author"),
        _time("created"),
        sa.Column("used", sa.BigInteger),
        sa.Column("expires", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        _of_user("tokens"),
    )
    op.create_index("uq_tokens_hash", "tokens", ["hash"], unique=True)
    op.create_index("ix_tokens_user", "tokens", ["user"])


def _links() -> None:
    op.create_table(
        "links",
        *_texts("id", "hash", "purpose", "email", "roles"),
        sa.Column("user", sa.Text),
        *_texts("author"),
        _time("created"),
        _time("expires"),
        sa.PrimaryKeyConstraint("id", name="pk_links"),
        _of_user("links"),
    )
    op.create_index("uq_links_hash", "links", ["hash"], unique=True)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _time(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _of_user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["user"], ["users.id"], ondelete="CASCADE", name=f"fk_{table}_user")
