"""The table of preview links. Times are milliseconds since 1970.

It says what each shows; the link itself is signed and is nowhere kept.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Table, Text

from lenticular.stores.sql.webhook_tables import METADATA as METADATA

PREVIEW_LINKS = Table(
    "preview_links",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("site", Text, nullable=False),
    Column("page", Text, nullable=False),
    Column("shows", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("author_id", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("ended", BigInteger),
    Column("used", BigInteger),
)
Index("ix_preview_links_site", PREVIEW_LINKS.c.site)
