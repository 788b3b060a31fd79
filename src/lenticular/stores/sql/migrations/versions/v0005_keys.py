"""Keys of sites in a table of their own, the secret ones as hashes; identities of OpenID; proposals."""

import hashlib
import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_AUTHOR = "an earlier version"


def upgrade() -> None:
    """Create the tables, and take the keys of all sites over."""
    op.create_table(
        "site_keys",
        *_texts("id", "site", "use", "hash", "text", "tail"),
        sa.Column("created", sa.BigInteger, nullable=False),
        *_texts("author", "author_id"),
        sa.Column("ends", sa.BigInteger),
        sa.Column("used", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_site_keys"),
    )
    op.create_index("uq_site_keys_hash", "site_keys", ["hash"], unique=True)
    op.create_table(
        "identities",
        *_texts("issuer", "subject"),
        sa.Column("user", sa.Text),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_identities"),
        sa.ForeignKeyConstraint(["user"], ["users.id"], ondelete="SET NULL", name="fk_identities_user"),
    )
    op.create_index("ix_identities_user", "identities", ["user"])
    _proposals()
    connection = op.get_bind()
    _take_over(connection)
    _forget_secrets(connection)


def _proposals() -> None:
    op.create_table(
        "proposals",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        *_texts("site"),
        sa.Column("at", sa.BigInteger, nullable=False),
        *_texts("author", "author_id", "note"),
        sa.Column("due", sa.BigInteger),
        *_texts("drafts", "state", "comment"),
        sa.Column("settled", sa.BigInteger),
        *_texts("by", "by_id"),
        sa.Column("publication", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_proposals"),
        sa.ForeignKeyConstraint(["site"], ["sites.key"], name="fk_proposals_site"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_proposals_site", "proposals", ["site", "state"])


def _take_over(connection: sa.Connection) -> None:
    """Keep the keys of what is live. Where two sites have one key, the first one has had it alone until now."""
    query = sa.text(
        "SELECT d.site, d.at, r.body FROM definitions d JOIN revisions r ON r.definition = d.id"
        " AND r.number = d.revision WHERE d.kind = 'site' AND d.state = 'live' AND r.body IS NOT NULL ORDER BY d.site"
    )
    seen = set()
    for site, at, body in connection.execute(query).all():
        for use, name in (("public", "writeKey"), ("secret", "secretKey")):
            key = json.loads(body).get(name) or ""
            hashed = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
            if not key or hashed in seen:
                continue
            seen.add(hashed)
            values = {
                "id": f"{use}-{hashed[:24]}",
                "site": site,
                "use": use,
                "hash": hashed,
                "text": key if use == "public" else "",
                "tail": key[-4:] if len(key) >= 16 else "",
                "created": at,
                "author": _AUTHOR,
                "author_id": "",
            }
            connection.execute(sa.text(_INSERT), values)


_INSERT = (
    "INSERT INTO site_keys (id, site, use, hash, text, tail, created, author, author_id)"
    " VALUES (:id, :site, :use, :hash, :text, :tail, :created, :author, :author_id)"
)


def _forget_secrets(connection: sa.Connection) -> None:
    """Take secret keys out of whatever was published, drafted or planned."""
    for table, number in (("revisions", "number"), ("drafts", "version")):
        query = sa.text(
            f"SELECT t.definition, t.{number}, t.body FROM {table} t JOIN definitions d ON d.id = t.definition"
            " WHERE d.kind = 'site' AND t.body IS NOT NULL"
        )
        change = sa.text(f"UPDATE {table} SET body = :body WHERE definition = :definition AND {number} = :number")
        for definition, at, body in connection.execute(query).all():
            plain = json.loads(body)
            if plain.pop("secretKey", ""):
                connection.execute(change, {"body": _json(plain), "definition": definition, "number": at})
    planned = sa.text("SELECT id, changes FROM publications WHERE changes <> '[]'")
    for identity, changes in connection.execute(planned).all():
        plain = json.loads(changes)
        found = [one["body"].pop("secretKey", "") for one in plain if one.get("kind") == "site" and one.get("body")]
        if any(found):
            change = sa.text("UPDATE publications SET changes = :changes WHERE id = :id")
            connection.execute(change, {"changes": _json(plain), "id": identity})


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]
