"""Pages whose path names an item: the collection's one item, or no page at all."""

from __future__ import annotations

from typing import Any

import pytest

from lenticular.catalog.paths import named_parts
from lenticular.decide.decision import Decision
from lenticular.decide.remembering import Decider
from lenticular.decide.request import Request, Visitor
from lenticular.decide.snapshot import Snapshot, compile_snapshot
from tests.decide.world import catalog_of

NOW = 1_795_453_200_000
BLOCKS: dict[str, Any] = {
    "one": {"kind": "article", "position": "a", "collection": "one"},
    "all": {"kind": "list", "position": "b", "collection": "all"},
}


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return compile_snapshot(
        catalog_of(
            content={key: {"type": "t"} for key in "abc"} | {"later": {"type": "t", "start": "2027-01-01"}},
            segments={"s": {"rule": "True"}},
            collections={
                "one": {
                    "items": ["a", "b", "later"],
                    "parameter": "slug",
                    "variations": [{"segment": "s", "items": ["b", "c"]}],
                },
                "all": {"query": {"types": ["t"], "sort": [{"by": "name"}]}},
            },
            pages={
                "article": {"path": "/:year/:slug", "blocks": BLOCKS},
                "deep": {"path": "/deep/*/:slug", "blocks": BLOCKS},
                "home": {"path": "/", "blocks": {"all": BLOCKS["all"]}},
            },
            slots={"side": {"block": {"kind": "list", "collection": "all"}}},
        )
    )


def decided(snapshot: Snapshot, path: str, *segments: str, decider: Decider | None = None) -> Decision:
    decider = decider or Decider(snapshot)
    return decider.decide(Request(path, ("side",)), frozenset(segments), Visitor(), NOW, "d").decision


def items(decision: Decision) -> list[list[str]]:
    return [[item.key for item in block.items] for block in decision.page.blocks] if decision.page else []


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/2026/a", [["a"], ["b", "c"]]),
        ("/2026/b/?x=1", [["b"], ["a", "c"]]),
        ("/deep/x/y/b", [["b"], ["a", "c"]]),
        ("/", [["a", "b", "c"]]),
        # In no list that is for them, though the page is there for others.
        ("/2026/c", [[], ["a", "b", "c"]]),
        ("/2026/nothing", []),
        ("/2026/later", []),
    ],
)
def test_a_path_names_one_item(snapshot: Snapshot, path: str, shown: list[list[str]]) -> None:
    assert items(decided(snapshot, path)) == shown


def test_a_variation_has_others(snapshot: Snapshot) -> None:
    assert items(decided(snapshot, "/2026/c", "s"))[0] == ["c"]
    # `a` is not in the variation: the default list goes on, as it does where a variation yields nothing.
    assert items(decided(snapshot, "/2026/a", "s"))[0] == ["a"]


def test_a_page_that_is_not_there_is_said_and_the_slots_are_answered(snapshot: Snapshot) -> None:
    decision = decided(snapshot, "/2026/nothing")
    assert isinstance(decision.problems, list) and [one.code for one in decision.problems] == ["decide.unknown-page"]
    assert [item.key for item in decision.slots["side"].items] == ["a", "b", "c"]


def test_what_is_remembered_of_one_item_is_not_shown_for_another(snapshot: Snapshot) -> None:
    decider = Decider(snapshot)
    paths = ["/2026/a", "/2026/b", "/1999/a", "/2026/nothing", "/2026/a", "/", "/2026/b"]
    for path in paths:
        assert items(decided(snapshot, path, decider=decider)) == items(decided(snapshot, path)), path
    a, b = (decided(snapshot, path, decider=decider).cache_key for path in ("/2026/a", "/2026/b"))
    assert a != b and a == decided(snapshot, "/1999/a", decider=decider).cache_key


@pytest.mark.parametrize(
    ("pattern", "path", "parts"),
    [
        ("/news/:slug", "/news/a", {"slug": "a"}),
        ("/:a/x/:b", "/1/x/2", {"a": "1", "b": "2"}),
        ("/*/:b", "/1/2/3", {"b": "3"}),
        ("/news/:slug", "/news/a/b", {}),
        ("/news.x/:slug", "/newsyx/a", {}),
        ("/news", "/news", {}),
    ],
)
def test_the_parts_of_a_path(pattern: str, path: str, parts: dict[str, str]) -> None:
    assert named_parts(pattern, path) == parts
