"""Preview links have a table, so that one of them can be taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the table. Links that were made before are not in it, and last until they are over."""
    op.create_table(
        "preview_links",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("id", "site", "page", "shows", "author", "author_id")),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
        sa.Column("ended", sa.BigInteger),
        sa.Column("used", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_preview_links"),
    )
    op.create_index("ix_preview_links_site", "preview_links", ["site"])
