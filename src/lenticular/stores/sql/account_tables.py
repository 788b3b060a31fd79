"""The tables of users, and of what they and programs sign in with; and the audit log.

Nothing here is a secret: passwords, sessions, tokens, links and the secret keys of sites are kept as hashes. Times are
milliseconds since 1970.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text

from lenticular.stores.sql.tables import METADATA as METADATA

_NUMBER = BigInteger().with_variant(Integer, "sqlite")

USERS = Table(
    "users",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("email", Text, nullable=False),
    Column("email_key", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("password", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
)
Index("uq_users_email_key", USERS.c.email_key, unique=True)

ROLES = Table(
    "roles",
    METADATA,
    Column("user", Text, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("site", Text, primary_key=True),
    Column("role", Text, nullable=False),
)

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("user", Text, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("agent", Text, nullable=False),
)
Index("ix_sessions_user", SESSIONS.c.user)

TOKENS = Table(
    "tokens",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("hash", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("site", Text, nullable=False),
    Column("user", Text, ForeignKey("users.id", ondelete="CASCADE")),
    Column("author", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("used", BigInteger),
    Column("expires", BigInteger),
)
Index("uq_tokens_hash", TOKENS.c.hash, unique=True)
Index("ix_tokens_user", TOKENS.c.user)

LINKS = Table(
    "links",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("hash", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("user", Text, ForeignKey("users.id", ondelete="CASCADE")),
    Column("author", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
)
Index("uq_links_hash", LINKS.c.hash, unique=True)

# `text` is there for public keys alone.
SITE_KEYS = Table(
    "site_keys",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("site", Text, nullable=False),
    Column("use", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("tail", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("author", Text, nullable=False),
    Column("author_id", Text, nullable=False),
    Column("ends", BigInteger),
    Column("used", BigInteger),
)
Index("uq_site_keys_hash", SITE_KEYS.c.hash, unique=True)

# Who a user is to an OpenID provider; without a user: someone who was removed.
IDENTITIES = Table(
    "identities",
    METADATA,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("user", Text, ForeignKey("users.id", ondelete="SET NULL")),
    Column("created", BigInteger, nullable=False),
)
Index("ix_identities_user", IDENTITIES.c.user)

# It refers to nothing: what it says of someone stays when they are gone.
AUDIT = Table(
    "audit",
    METADATA,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("who_id", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("site", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("sentence", Text, nullable=False),
    Column("address", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index("ix_audit_at", AUDIT.c.at)
