"""Jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_OPEN = sa.text("state IN ('waiting', 'running')")


def upgrade() -> None:
    """Create the table of jobs."""
    op.create_table(
        "jobs",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        *_texts("site", "kind", "key"),
        sa.Column("slot", sa.BigInteger),
        *_texts("arguments", "author", "author_id", "state"),
        *_numbers("done", "total"),
        *_texts("note", "result"),
        *_numbers("created", "due"),
        sa.Column("began", sa.BigInteger),
        sa.Column("ended", sa.BigInteger),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text),
        *_texts("owner"),
        *_numbers("lease"),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sqlite_autoincrement=True,
    )
    which = ["site", "kind", "key"]
    op.create_index("uq_jobs_open", "jobs", which, unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_index("uq_jobs_slot", "jobs", [*which, "slot"], unique=True)
    op.create_index("ix_jobs_due", "jobs", ["state", "due"])


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _numbers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger, nullable=False) for name in names]
