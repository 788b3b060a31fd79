"""Sites, definitions, drafts, revisions, publications, tags."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the tables of the catalog."""
    op.create_table(
        "sites",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("publication", sa.BigInteger),
        sa.PrimaryKeyConstraint("key", name="pk_sites"),
    )
    _definitions()
    _drafts()
    _publications()
    _revisions()
    op.create_table(
        "tags",
        sa.Column("definition", sa.Text, nullable=False),
        sa.Column("tag", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("definition", "tag", name="pk_tags"),
        sa.ForeignKeyConstraint(["definition"], ["definitions.id"], ondelete="CASCADE", name="fk_tags_definition"),
    )
    op.create_index("ix_tags_tag", "tags", ["tag"])


def _definitions() -> None:
    texts = ("id", "site", "kind", "key", "name", "state")
    numbers = ("revision", "draft", "version")
    op.create_table(
        "definitions",
        *(sa.Column(name, sa.Text, nullable=False) for name in texts),
        *(sa.Column(name, sa.Integer, nullable=False) for name in numbers),
        sa.Column("search", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        *_author(),
        sa.PrimaryKeyConstraint("id", name="pk_definitions"),
        sa.ForeignKeyConstraint(["site"], ["sites.key"], name="fk_definitions_site"),
    )
    there = sa.text("state != 'deleted'")
    op.create_index(
        "uq_definitions_key",
        "definitions",
        ["site", "kind", "key"],
        unique=True,
        sqlite_where=there,
        postgresql_where=there,
    )


def _drafts() -> None:
    op.create_table(
        "drafts",
        sa.Column("definition", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("base", sa.Integer, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        *_author(),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("definition", "version", name="pk_drafts"),
        sa.ForeignKeyConstraint(["definition"], ["definitions.id"], ondelete="CASCADE", name="fk_drafts_definition"),
    )


def _publications() -> None:
    op.create_table(
        "publications",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("place", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        *_author(),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("note", "kind", "state", "revision", "tallies")),
        sa.Column("due", sa.BigInteger),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("undoes", sa.BigInteger),
        sa.Column("changes", sa.Text, nullable=False),
        sa.Column("drafts", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_publications"),
        sa.ForeignKeyConstraint(["site"], ["sites.key"], name="fk_publications_site"),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_publications_place", "publications", ["site", "place"], unique=True)
    op.create_index("ix_publications_due", "publications", ["state", "due"])


def _revisions() -> None:
    op.create_table(
        "revisions",
        sa.Column("definition", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("body", sa.Text),
        *_author(),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("sentences", sa.Text, nullable=False),
        sa.Column("publication", _NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("definition", "number", name="pk_revisions"),
        sa.ForeignKeyConstraint(["definition"], ["definitions.id"], name="fk_revisions_definition"),
        sa.ForeignKeyConstraint(["publication"], ["publications.id"], name="fk_revisions_publication"),
    )
    op.create_index("ix_revisions_publication", "revisions", ["publication"])


def _author() -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in ("author", "author_id")]
