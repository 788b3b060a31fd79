"""What is known of pictures: kept once for each site, found by name, on SQLite and PostgreSQL."""

from __future__ import annotations

import msgspec
import pytest

from lenticular.catalog.picture import KeptPicture, Point
from lenticular.ports.pictures import PictureSearch
from lenticular.stores.sql.database import SqlDatabase
from lenticular.stores.sql.pictures import SqlPictures
from tests.stores.sql.kept import EVE


def picture(letter: str, site: str = "shop", **more: object) -> KeptPicture:
    first = KeptPicture(site, letter * 32, f"Beach {letter}", "jpeg", "jpg", 600, 400, 9, ("It moves.",), EVE, 5)
    return msgspec.structs.replace(first, **more)


@pytest.fixture
def pictures(database: SqlDatabase) -> SqlPictures:
    return SqlPictures(database)


def test_a_picture_is_kept_whole_and_once(pictures: SqlPictures) -> None:
    given = picture("a", alt={"en": "A", "es": "B\0"}, focus=Point(0.25, 1), width=None, height=None)
    kept = pictures.put(given)
    assert kept == msgspec.structs.replace(given, number=kept.number) and kept.number > 0
    assert pictures.put(picture("a", name="Another")) == kept == pictures.find("shop", "a" * 32)
    other = pictures.put(picture("a", site="other"))
    assert other.number > kept.number and pictures.every() == [kept, other]
    assert pictures.find("shop", "b" * 32) is None is pictures.find("sh\0op", "a" * 32)


def test_what_is_said_changes_and_nothing_else(pictures: SqlPictures) -> None:
    kept = pictures.put(picture("a"))
    changed = msgspec.structs.replace(kept, name="Sea", alt="The sea", focus=Point(0, 0.5))
    assert pictures.change(msgspec.structs.replace(changed, bytes=1, kind="png", made=9))
    assert pictures.find("shop", kept.hash) == changed
    assert not pictures.change(picture("b"))


def test_the_newest_first_by_name(pictures: SqlPictures) -> None:
    for name in "abcdef":
        pictures.put(picture(name, name=f"Beach 100% {name}" if name < "d" else f"Hill_{name}"))
    pictures.put(picture("a", site="other", name="Beach"))

    def found(*words: str, before: int | None = None, limit: int = 10) -> str:
        rows = pictures.search("shop", PictureSearch(words, before, limit))
        return "".join(row.hash[0] for row in rows)

    assert (found(), found("BEACH"), found("beach", "b"), found("%"), found("_")) == (
        "fedcba",
        "cba",
        "cba",
        "cba",
        "fed",
    )
    [second] = [row for row in pictures.search("shop", PictureSearch()) if row.hash[0] == "e"]
    assert (found(limit=2), found(before=second.number, limit=2), found("none\0")) == ("fe", "dc", "")


def test_variants_that_are_not_made(pictures: SqlPictures) -> None:
    for name in "abc":
        pictures.put(picture(name))
    pictures.made("shop", "b" * 32, 2)
    assert [row.hash[0] for row in pictures.unmade("shop", 2, 10)] == ["a", "c"]
    assert [row.hash[0] for row in pictures.unmade("shop", 3, 2)] == ["a", "b"] and not pictures.unmade("other", 2, 10)


def test_the_last_site_takes_it_along(pictures: SqlPictures) -> None:
    pictures.put(picture("a"))
    pictures.put(picture("a", site="other"))
    assert pictures.remove("shop", "a" * 32) is False and pictures.find("shop", "a" * 32) is None
    assert pictures.remove("other", "a" * 32) is True and pictures.every() == []
    assert pictures.remove("other", "a" * 32) is True
