"""What every store of keys does, and what becomes of keys that lay in definitions."""

from __future__ import annotations

import json

import msgspec
import pytest
from sqlalchemy import text

from lenticular.accounts.secret import hash_of
from lenticular.accounts.site_key import SiteKey, key_from
from lenticular.catalog.author import Author
from lenticular.errors import ConflictError
from lenticular.ports import KeyStore
from lenticular.stores.sql.catalog import SqlCatalogs
from lenticular.stores.sql.database import SqlDatabase
from lenticular.stores.sql.keys import SqlKeys
from lenticular.stores.sql.migrate import upgrade
from lenticular.stores.sql.tables import METADATA

EVE = Author("Eve", "u1")


def key(name: str, use: str = "public", site: str = "shop", at: int = 1) -> SiteKey:
    return key_from(f"the {use} key {name}", "secret" if use == "secret" else "public", site, name, (at, EVE))


@pytest.fixture
def keys(database: SqlDatabase) -> KeyStore:
    return SqlKeys(database)


def ends(keys: KeyStore) -> dict[str, int | None]:
    return {one.id: one.ends for one in keys.every()}


def test_a_secret_key_is_kept_as_a_hash_alone() -> None:
    secret, public = key("a", "secret"), key("b")
    assert secret.text == "" and secret.hash == hash_of("the secret key a") and secret.tail == "ey a"
    assert public.text == "the public key b"
    assert key_from("short", "secret", "shop", "c", (1, EVE)).tail == "", "the tail of a short one would be half of it"


def test_keys_are_kept_and_end(keys: KeyStore) -> None:
    assert keys.every() == []
    first, second, other = key("a"), key("b", at=2), key("c", site="other", at=3)
    secret = key("d", "secret", at=4)
    for one in (first, second, other, secret):
        keys.add(one)
    assert keys.every() == [first, second, other, secret]
    keys.replace("b", 100)
    assert ends(keys) == {"a": 100, "b": None, "c": None, "d": None}
    keys.add(key("e", at=5), replaced=50)
    assert ends(keys) == {"a": 50, "b": 50, "c": None, "d": None, "e": None}
    keys.add(key("f", at=6), replaced=200)
    assert ends(keys)["a"] == 50 and ends(keys)["e"] == 200, "nothing lives longer for it"
    keys.end("e", 7)
    keys.end("e", 9)
    assert ends(keys)["e"] == 7
    keys.replace("nobody", 1)
    keys.used({"a": 86_400_000, "d": 0})
    assert [one.used for one in keys.every()] == [86_400_000, None, None, 0, None, None]


def test_a_key_is_of_one_site_and_one_use(keys: KeyStore) -> None:
    keys.add(key("a"))
    same = msgspec.structs.replace(key("a"), id="z", site="other", use="secret")
    with pytest.raises(ConflictError):
        keys.add(same, replaced=1)
    assert keys.every() == [key("a")]


SITE = {"key": "shop", "timezone": "UTC", "writeKey": "public", "secretKey": "sécret key of the shop"}
_DEFINITION = (
    "INSERT INTO definitions (id, site, kind, key, name, state, revision, draft, version, search, at, author,"
    " author_id) VALUES ('s', 'shop', 'site', 'shop', '', 'live', 2, 1, 1, '', 7, '', '')"
)
_REVISION = (
    "INSERT INTO revisions (definition, number, key, state, body, author, author_id, at, sentences, publication)"
    " VALUES ('s', :number, 'shop', 'live', :body, '', '', 1, '{}', 1)"
)
_DRAFT = "INSERT INTO drafts VALUES ('s', 1, 'shop', 2, 'change', :body, '', '', 1)"
_PUBLICATION = (
    "INSERT INTO publications (id, site, place, at, author, author_id, note, kind, state, revision, tallies, reason,"
    " changes, drafts) VALUES (1, 'shop', 1, 1, '', '', '', 'publish', 'done', '', '[]', '', :changes, '[]')"
)


def test_keys_that_lay_in_definitions_keep_working_and_secrets_go(url: str) -> None:
    made = SqlDatabase(url)
    with made.write() as connection:
        METADATA.drop_all(connection)
        connection.execute(text("DELETE FROM alembic_version"))
        upgrade(connection, "0002")
        connection.execute(text("INSERT INTO sites VALUES ('shop', 1, 1)"))
        planned = [{"definition": "s", "kind": "site", "key": "shop", "base": 2, "state": "live", "body": SITE}]
        connection.execute(text(_PUBLICATION), {"changes": json.dumps(planned)})
        connection.execute(text(_DEFINITION))
        for number, body in enumerate((SITE | {"secretKey": "an older secret"}, SITE), 1):
            connection.execute(text(_REVISION), {"number": number, "body": json.dumps(body)})
        connection.execute(text(_DRAFT), {"body": json.dumps(SITE)})
        upgrade(connection)
        everything = [
            str(row)
            for name in ("revisions", "drafts", "publications", "site_keys", "definitions")
            for row in connection.execute(text(f"SELECT * FROM {name}"))
        ]
    assert not [row for row in everything if "secret key" in row or "older secret" in row or "cret key" in row]
    public, secret = sorted(SqlKeys(made).every(), key=lambda one: one.use)
    assert (public.site, public.use, public.text, public.ends) == ("shop", "public", "public", None)
    assert (secret.use, secret.text, secret.hash) == ("secret", "", hash_of("sécret key of the shop"))
    live = SqlCatalogs(made).live("shop")
    assert live is not None and live.catalog.site.write_key == "public" and live.catalog.site.secret_key == ""
    planned_site = SqlCatalogs(made).publication("shop", 1)
    assert planned_site is not None and planned_site.changes[0].body is not None
    assert planned_site.changes[0].body["writeKey"] == "public"
    made.close()
