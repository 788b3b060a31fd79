"""Pictures."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the table of pictures."""
    op.create_table(
        "pictures",
        sa.Column("number", _NUMBER, autoincrement=True, nullable=False),
        *_texts("site", "hash", "name", "kind", "extension"),
        sa.Column("width", sa.Integer),
        sa.Column("height", sa.Integer),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        *_texts("notes", "author", "author_id"),
        sa.Column("created", sa.BigInteger, nullable=False),
        *_texts("alt", "focus"),
        sa.Column("made", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_pictures"),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_pictures_hash", "pictures", ["site", "hash"], unique=True)
    op.create_index("ix_pictures_hash", "pictures", ["hash"])


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]
