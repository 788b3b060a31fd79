"""Items that items refer to: in the answer, one level deep, and nothing of those that are not shown."""

from __future__ import annotations

from typing import Any

import pytest

from lenticular.app.localized import localized
from lenticular.blocks.items import item_view
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.check import check
from lenticular.decide.decide import decide
from lenticular.decide.decision import Item, Outcome
from lenticular.decide.remembering import Decider
from lenticular.decide.request import Request, Visitor
from lenticular.decide.snapshot import compile_snapshot
from tests.decide.world import catalog_of

DAY = 86_400_000
NOW = 1_795_453_200_000  # 23 November 2026, 12:00 in New York
NOBODY: frozenset[str] = frozenset()
TYPES: dict[str, Any] = {
    "article": {
        "fields": [
            {"key": "title", "type": "text"},
            {"key": "author", "type": "reference", "to": "person"},
            {"key": "more", "type": "list", "of": "reference"},
            {"key": "image", "type": "reference", "localized": True},
        ]
    },
    "person": {"fields": [{"key": "name", "type": "text", "localized": True}, {"key": "friend", "type": "reference"}]},
}
CONTENT: dict[str, Any] = {
    "a": {
        "type": "article",
        "fields": {"title": "A", "author": "eve", "more": ["b", "old", "soon"], "image": {"en": "eve", "es": "old"}},
    },
    "b": {"type": "article", "fields": {"title": "B", "author": "old"}},
    "eve": {"type": "person", "fields": {"name": {"en": "Eve", "es": "Eva"}, "friend": "ada"}},
    "ada": {"type": "person", "fields": {"name": {"en": "Ada"}, "friend": "eve"}},
    "old": {"type": "person", "fields": {"name": {"en": "Old"}}, "end": "2026-11-01"},
    "soon": {"type": "person", "fields": {"name": {"en": "Soon"}}, "start": "2026-11-24", "end": "2026-11-26"},
}
EVE = {"key": "eve", "type": "person", "fields": CONTENT["eve"]["fields"]}


def catalog(**content: Any) -> Catalog:
    return catalog_of(
        types=TYPES,
        content={**CONTENT, **content},
        collections={"c": {"items": ["a", "b"]}},
        pages={"home": {"path": "/", "blocks": {"l": {"kind": "list", "position": "a", "collection": "c"}}}},
        slots={"s": {"block": {"kind": "list", "collection": "c"}}},
    )


def outcome(now: int = NOW, slots: tuple[str, ...] = (), **content: Any) -> Outcome:
    return decide(compile_snapshot(catalog(**content)), Request("/", slots), NOBODY, Visitor(), now, "d")


def items(found: Outcome) -> list[Item]:
    assert found.decision.page is not None
    return list(found.decision.page.blocks[0].items)


def test_what_is_referred_to_stands_in_the_answer() -> None:
    first, second = items(outcome())
    assert first.fields["author"] == EVE, "one level deep: who her friend is stays a key"
    assert [one["key"] for one in first.fields["more"]] == ["b"]
    assert first.fields["more"][0]["fields"]["author"] == "old"
    assert first.fields["image"] == {"en": EVE}
    assert second.fields == {"title": "B"}, "its author is not shown any more"


def test_it_comes_and_goes_with_its_own_time() -> None:
    decider = Decider(compile_snapshot(catalog()))
    seen = {}
    for days in (0, 1, 2, 3, 0):
        now = NOW + days * DAY
        remembered = decider.decide(Request("/"), NOBODY, Visitor(), now, "d")
        assert remembered == decide(compile_snapshot(catalog()), Request("/"), NOBODY, Visitor(), now, "d")
        seen[days] = [one["key"] for one in items(remembered)[0].fields["more"]], remembered.decision.cache_key
    assert [keys for keys, _ in seen.values()] == [["b"], ["b", "soon"], ["b", "soon"], ["b"]]
    assert seen[0][1] == seen[3][1] != seen[1][1], "two answers that show the same have the same key"


def test_a_change_of_it_is_another_answer() -> None:
    other = {**CONTENT["eve"], "fields": {"name": {"en": "Eve Adams"}}}
    assert outcome().decision.cache_key != outcome(eve=other).decision.cache_key
    unseen = {**CONTENT["old"], "fields": {"name": {"en": "Older"}}}
    assert outcome().decision.cache_key == outcome(old=unseen).decision.cache_key


@pytest.mark.parametrize("value", ["nobody", 5, None, {"en": "nobody"}, ["eve"], {"x": 1}])
def test_what_leads_nowhere_is_left_out(value: Any) -> None:
    wrong = {"type": "article", "fields": {"title": "A", "author": value}}
    author = items(outcome(a=wrong))[0].fields.get("author")
    assert author == ([EVE] if value == ["eve"] else None)


def test_in_one_language() -> None:
    found = localized(outcome(slots=("s",)), catalog(), "es")
    first = items(found)[0]
    assert first.fields["author"]["fields"]["name"] == "Eva" and first.fields["author"]["fields"]["friend"] == "ada"
    assert first.fields["image"]["fields"]["name"] == "Eva", "where that language has none, another one's"
    assert first.fields["more"][0]["fields"] == CONTENT["b"]["fields"]


def test_for_a_template_it_is_an_item() -> None:
    types = catalog().types
    first, second = items(outcome())
    seen = item_view(first, types, ("es", "en"))
    assert (seen.fields.author.key, seen.fields.author.title, seen.fields.author.fields.name) == ("eve", "Eva", "Eva")
    assert [one.title for one in seen.fields.more] == ["B"] and seen.title == "A"
    assert seen.fields.author.fields.friend is None and seen.image is None, "an item is no picture"
    seen = item_view(second, types, ("en",))
    assert seen.fields.author is None and seen.fields.more == [] and seen.fields.image is None


def test_the_check_knows_what_is_there_and_of_which_type() -> None:
    def found(**content: Any) -> list[tuple[str, str]]:
        return [(one.code, one.place) for one in check(catalog(**content))]

    assert found() == []
    assert found(b={"type": "article", "fields": {"author": "evee"}}) == [
        ("catalog.unknown-content-item", "content/b/fields/author")
    ]
    assert found(b={"type": "article", "fields": {"author": "a"}}) == [("catalog.value", "content/b/fields/author")]
    assert found(b={"type": "article", "fields": {"more": ["eve", "x"]}}) == [
        ("catalog.unknown-content-item", "content/b/fields/more/1")
    ]
    assert found(eve={**CONTENT["eve"], "fields": {"friend": "eve"}}) == [], "circles do no harm"
