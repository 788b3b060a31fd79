"""What every store of preview links does."""

from __future__ import annotations

from typing import Any

import pytest

from lenticular.accounts.shared_preview import SharedPreview
from lenticular.catalog.author import Author
from lenticular.ports import PreviewStore
from lenticular.stores.sql.database import SqlDatabase
from lenticular.stores.sql.previews import SqlPreviews

EVE = Author("Eve", "u1")
MANY = 10


def link(name: str, site: str = "shop", **more: Any) -> SharedPreview:
    fields: dict[str, Any] = {"page": "/", "shows": {"segments": ["é"]}, "author": EVE, "created": 5, "expires": 100}
    return SharedPreview(name, site, **{**fields, **more})


@pytest.fixture
def store(database: SqlDatabase) -> PreviewStore:
    return SqlPreviews(database)


def test_links_are_kept_the_newest_first(store: PreviewStore) -> None:
    first, second, other = link("a"), link("b", created=6), link("c", "other")
    assert [store.add(one, MANY) for one in (first, second, other)] == [True] * 3
    assert store.of("shop") == [second, first] and store.of("other") == [other] and store.of("none") == []


def test_a_link_is_taken_back_once(store: PreviewStore) -> None:
    for name in "ab":
        store.add(link(name), MANY)
    store.end("a", 20)
    store.end("a", 30)
    store.end("nobody", 30)
    assert {one.id: one.ended for one in store.of("shop")} == {"a": 20, "b": None}
    assert store.ended(99) == {"a": 100} and store.ended(100) == {}


def test_only_so_many_links_are_good_at_once(store: PreviewStore) -> None:
    assert [store.add(link(name), 2) for name in "abc"] == [True, True, False]
    assert store.add(link("d", "other"), 2)
    store.end("a", 6)
    assert store.add(link("e"), 2) and not store.add(link("f"), 2)
    assert store.add(link("g", created=100, expires=200), 2), "those before are over"
    assert sorted(one.id for one in store.of("shop")) == ["a", "b", "e", "g"]


def test_what_is_over_goes(store: PreviewStore) -> None:
    for at, name in enumerate("abc"):
        store.add(link(name, expires=100 + at), MANY)
    assert (store.forget(101), [one.id for one in store.of("shop")]) == (2, ["c"])


def test_days_are_noted(store: PreviewStore) -> None:
    store.add(link("a"), MANY)
    store.used({"a": 86_400_000, "gone": 0})
    assert store.of("shop") == [link("a", used=86_400_000)]
