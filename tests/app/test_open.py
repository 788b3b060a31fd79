"""Opening a data folder: its catalog's database, and what earlier versions left."""

from __future__ import annotations

import itertools
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from lenticular.accounts.secret import hash_of
from lenticular.app.open import installation
from lenticular.app.publish import publish
from lenticular.app.takeover import TAKEN, take_over
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.stored import Search
from lenticular.errors import StoreError
from lenticular.settings import Settings
from lenticular.stores.sql.catalog import SqlCatalogs
from lenticular.stores.sql.database import SqlDatabase
from lenticular.stores.sql.keys import SqlKeys
from tests.decide.world import SITE, catalog_of

OLD = """
CREATE TABLE published (
    id INTEGER PRIMARY KEY, at INTEGER NOT NULL, revision TEXT NOT NULL, catalog BLOB NOT NULL, tallies BLOB NOT NULL
)"""


def earlier(folder: Path, *catalogs: Catalog) -> Path:
    """Write what an earlier version had published."""
    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / "catalog.db")) as connection, connection:
        connection.execute(OLD)
        for catalog in catalogs:
            row = (7, catalog.revision, msgspec.json.encode(catalog), b'["t"]')
            connection.execute("INSERT INTO published (at, revision, catalog, tallies) VALUES (?, ?, ?, ?)", row)
    return folder / "catalog.db"


def segment(rule: str) -> Catalog:
    age = {"user.age": {"scope": "user", "name": "age", "type": "number"}}
    return catalog_of(properties=age, segments={"students": {"rule": rule}}, slots={"promo": {"block": {"kind": "ad"}}})


def plain(catalog: Catalog) -> Catalog:
    """A catalog as it is kept: without its secret key."""
    return msgspec.structs.replace(catalog, site=msgspec.structs.replace(catalog.site, secret_key=""))


def test_what_an_earlier_version_published_is_taken_over_once(tmp_path: Path) -> None:
    wanted = segment("user.age < 30")
    path = earlier(tmp_path / "sites" / "shop", segment("user.age < 26"), wanted)
    database = SqlDatabase(f"sqlite:///{tmp_path / 'new.db'}")
    catalogs, keys, ids = SqlCatalogs(database), SqlKeys(database), itertools.count()
    take_over(tmp_path / "sites", catalogs, keys, lambda: f"id{next(ids)}")
    live = catalogs.live("shop")
    assert live is not None
    assert (live.catalog.revision, live.at, sorted(live.tallies)) == (plain(wanted).revision, 7, ["t"])
    assert [(one.use, one.text, one.hash) for one in keys.every()] == [("secret", "", hash_of(SITE.secret_key))]
    assert not path.exists() and path.with_name(TAKEN).exists()
    [publication] = catalogs.publications("shop", None, 9)
    assert publication.author.name == "an earlier version"
    told = {one.sentences["en"] for one in catalogs.brought(publication.id)}
    assert "students (segment) was added." in told and len(told) == 4
    path.with_name(TAKEN).rename(path)  # as if it had been interrupted
    take_over(tmp_path / "sites", catalogs, keys, lambda: f"id{next(ids)}")
    assert catalogs.live("shop") == live and len(keys.every()) == 1 and not path.exists()
    assert len(catalogs.definitions("shop", Search())) == 4
    database.close()


def test_a_file_that_is_no_catalog_is_left_and_told(tmp_path: Path) -> None:
    path = earlier(tmp_path / "sites" / "shop")
    path.write_bytes(b"no database" * 1000)
    database = SqlDatabase(f"sqlite:///{tmp_path / 'new.db'}")
    earlier(tmp_path / "sites" / "bank", segment("user.age < 26"))
    ids, catalogs = itertools.count(), SqlCatalogs(database)
    unread = take_over(tmp_path / "sites", catalogs, SqlKeys(database), lambda: f"id{next(ids)}")
    assert list(unread) == ["shop"] and str(path) in str(unread["shop"]) and path.exists()
    assert catalogs.sites() == ["bank"], "one that can't be read stops no other"
    database.close()


async def test_a_site_is_as_it_was_after_a_restart(tmp_path: Path) -> None:
    earlier(tmp_path / "sites" / "shop", segment("user.age < 26"))
    ids = itertools.count()
    async with installation(tmp_path, lambda: 1_000, lambda: f"id{next(ids)}", create=True) as opened:
        site = opened.site("shop")
        assert site.engine.catalog.segments["students"].rule == "user.age < 26"
        await publish(site, segment("user.age < 30"))
        publication = site.publication
        other = await opened.ensure(msgspec.structs.replace(site.engine.catalog.site, key="bank", write_key="b"))
        assert other.engine.catalog.segments == {}
    async with installation(tmp_path, lambda: 1_000, lambda: f"id{next(ids)}") as opened:
        assert sorted(opened.sites) == ["bank", "shop"]
        site = opened.site("shop")
        assert site.publication == publication
        assert site.engine.catalog.segments["students"].rule == "user.age < 30"
        assert site.engine.snapshot.revision == plain(segment("user.age < 30")).revision
    elsewhere = Settings(database=f"sqlite:///{tmp_path / 'elsewhere.db'}")
    with pytest.raises(StoreError) as error:
        async with installation(tmp_path, lambda: 1_000, lambda: "id", settings=elsewhere):
            pass
    assert "LENTICULAR_DATABASE" in str(error.value)
