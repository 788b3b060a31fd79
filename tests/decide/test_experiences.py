"""First match wins, whatever the list; the cache key and `cache` say what they promise."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from lenticular.decide.decide import decide
from lenticular.decide.decision import Decision, Item
from lenticular.decide.request import Request, Visitor
from lenticular.decide.snapshot import Snapshot, compile_snapshot
from tests.decide.world import catalog_of

SEGMENTS = ["a", "b", "c"]
SPAN = st.none() | st.tuples(st.none() | st.integers(1, 5), st.none() | st.integers(1, 5))
ROWS = st.lists(st.tuples(st.none() | st.sampled_from(SEGMENTS), SPAN), max_size=6)
MATCHING = st.frozensets(st.sampled_from(SEGMENTS))
DAY = 86_400_000
FIRST = 1_793_404_800_000  # 31 October 2026, 00:00 UTC


def experiences(rows: list[Any]) -> list[dict[str, Any]]:
    """Return experiences e0, e1 … for a segment or anyone, each with a block of its own; spans are days of November."""
    found = []
    for at, (segment, span) in enumerate(rows):
        added = {"x": {"kind": f"k{at}", "position": "a"}}
        one: dict[str, Any] = {"key": f"e{at}", "segment": segment, "overrides": added}
        if span:
            ends = [None if day is None else f"2026-11-0{day}T00:00Z" for day in span]
            one["schedule"] = {"start": ends[0], "end": ends[1]}
        found.append(one)
    return found


def decided(snapshot: Snapshot, matching: frozenset[str], now: int = FIRST, *slots: str) -> Decision:
    return decide(snapshot, Request("/", slots, explain=True), matching, Visitor(), now, "d").decision


@settings(deadline=None)
@given(ROWS, MATCHING, st.integers(0, 6))
def test_the_first_that_is_on_and_matches_wins(rows: list[Any], matching: frozenset[str], day: int) -> None:
    snapshot = compile_snapshot(catalog_of(pages={"home": {"path": "/", "experiences": experiences(rows)}}))
    won = None
    for at, (segment, span) in enumerate(rows):
        start, end = span or (None, None)
        is_on = (start is None or start <= day) and (end is None or day < end)
        if is_on and (segment is None or segment in matching):
            won = f"e{at}"
            break
    decision = decided(snapshot, matching, FIRST + day * DAY)
    assert decision.page is not None
    assert decision.page.experience == won
    assert decision.page.reason == ("TARGETING_MATCH" if won else "DEFAULT" if rows else "STATIC")
    explained = decision.explain.page if isinstance(decision.explain, msgspec.Struct) else None
    assert explained is not None
    states = {one.key: one.state for one in explained.experiences}
    assert [key for key, state in states.items() if state == "won"] == ([won] if won else [])
    assert explained.default == (won is None)


@settings(deadline=None)
@given(ROWS, MATCHING, MATCHING, st.integers(0, 6))
def test_only_the_segments_that_it_needs_change_an_answer(
    rows: list[Any], matching: frozenset[str], other: frozenset[str], day: int
) -> None:
    snapshot = compile_snapshot(catalog_of(pages={"home": {"path": "/", "experiences": experiences(rows)}}))
    needed = snapshot.needs("/", ())
    same = (matching & needed) | (other - needed)
    now = FIRST + day * DAY
    assert decided(snapshot, matching, now) == decided(snapshot, same, now)


@settings(deadline=None)
@given(ROWS, MATCHING, MATCHING, MATCHING, st.integers(0, 6))
def test_a_shared_answer_is_the_same_for_everyone_with_the_same_context(
    rows: list[Any], private: frozenset[str], one: frozenset[str], other: frozenset[str], day: int
) -> None:
    page = {"home": {"path": "/", "experiences": experiences(rows)}}
    snapshot = compile_snapshot(catalog_of(pages=page), private)
    now = FIRST + day * DAY
    first, second = decided(snapshot, one, now), decided(snapshot, (one - private) | (other & private), now)
    if first.cache == "shared":
        assert (second.cache, second.cache_key) == ("shared", first.cache_key)


TITLES = st.sampled_from(["x", "y"])
OVERRIDES = st.dictionaries(
    st.sampled_from(["h", "l"]),
    st.fixed_dictionaries(
        {},
        optional={
            "settings": st.fixed_dictionaries({"t": TITLES}),
            "hidden": st.booleans(),
            "position": st.sampled_from(["a", "c"]),
        },
    ),
)


def visible(decision: Decision) -> Any:
    """Return what can be seen of an answer, and nothing else."""
    page, slots = decision.page, decision.slots

    def items(some: tuple[Item, ...]) -> list[Any]:
        return [(one.key, one.type, one.fields) for one in some]

    return (
        page and [(one.id, one.kind, one.settings, one.parent, items(one.items)) for one in page.blocks],
        {
            key: (slot.block and (slot.block.id, slot.block.kind, slot.block.settings), items(slot.items))
            for key, slot in slots.items()
        },
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(OVERRIDES, min_size=1, max_size=3), st.lists(st.lists(st.sampled_from("xy")), max_size=2))
def test_cache_keys_are_equal_iff_what_is_visible_is_equal(patches: list[Any], lists: list[list[str]]) -> None:
    keys = SEGMENTS[: len(patches)]
    variations = [
        {"segment": segment, "items": list(dict.fromkeys(items))} for segment, items in zip("ab", lists, strict=False)
    ]
    catalog = catalog_of(
        content={"x": {"type": "ad"}, "y": {"type": "ad"}},
        collections={"c": {"items": ["x"], "variations": variations, "limit": 1}},
        pages={
            "home": {
                "path": "/",
                "blocks": {
                    "h": {"kind": "hero", "position": "b", "settings": {"t": "x"}},
                    "l": {"kind": "list", "position": "d", "collection": "c"},
                },
                "experiences": [
                    {"key": key, "segment": key, "overrides": patch} for key, patch in zip(keys, patches, strict=True)
                ],
            }
        },
        slots={"s": {"block": {"kind": "ad", "collection": "c"}}},
    )
    snapshot = compile_snapshot(catalog)
    worlds = [frozenset(some) for size in range(4) for some in itertools.combinations(SEGMENTS, size)]
    answers = [decided(snapshot, world, FIRST, *slots) for world in worlds for slots in ((), ("s",))]
    for one, other in itertools.combinations(answers, 2):
        assert (visible(one) == visible(other)) == (one.cache_key == other.cache_key)
