"""Lists by query: what is in them, and their order, against what a slow sort says."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from lenticular.catalog.catalog import Catalog
from lenticular.catalog.query import Sort
from lenticular.catalog.site import Holdout
from lenticular.criteria.calendar import calendar_of
from lenticular.decide.decide import decide
from lenticular.decide.popular import Popular
from lenticular.decide.ranking import ranking
from lenticular.decide.request import Request, Visitor
from lenticular.decide.snapshot import Snapshot, compile_snapshot, recounted
from lenticular.decide.taste import LOTS, Taste, chance_of, interests_of, lot_of
from tests.decide.world import catalog_of

NOON = 1_795_453_200_000
"""23 November 2026, noon in New York."""
DAY = 86_400_000
TODAY = 20_780
"""That day's number."""
TAGS = ["travel", "shoes", "loans", "news"]
SORTS = [
    Sort("priority"), Sort("priority", order="up"), Sort("newest"), Sort("name"), Sort("field", "price"),
    Sort("field", "price", "down"), Sort("field", "title"), Sort("viewed"), Sort("clicked", days=7), Sort("interests"),
    Sort("random"),
]  # fmt: skip


def _content(random: Random, count: int) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for at in range(count):
        fields: dict[str, Any] = {"price": random.randrange(4)} if random.random() < 0.8 else {}
        if random.random() < 0.8:
            fields["title"] = random.choice(["Ab", "aB", "c", "D"])
        item: dict[str, Any] = {"type": "offer", "name": random.choice("abC"), "fields": fields}
        item |= {"tags": random.sample(TAGS, random.randrange(3)), "priority": random.randrange(-1, 2)}
        item |= {"date": f"2026-11-0{random.randrange(1, 4)}"} if random.random() < 0.7 else {}
        content[f"i{at:02}"] = item
    return content


def _slow(content: dict[str, Any], sorts: list[Sort], popular: Popular, taste: Taste) -> list[str]:
    """Sort by each of the sorts, the last one first: a stable sort keeps what the others said."""
    order = sorted(content)
    for sort in (Sort("priority"), *reversed(sorts)):

        def value(key: str, sort: Sort = sort) -> Any:
            item = content[key]
            found: Any = {"priority": item["priority"], "newest": item.get("date"), "name": item["name"].lower()}.get(
                sort.by, item["fields"].get(sort.field or "")
            )
            if sort.by == "interests":
                return sum(dict(taste.interests).get(tag, 0) for tag in item["tags"])
            if sort.by == "random":
                return chance_of(taste, key)
            if sort.counted:
                return popular.get(sort.counted, {}).get(key, 0)
            return found.lower() if isinstance(found, str) else found

        turned = sort.down and sort.by != "random"
        known = sorted((key for key in order if value(key) is not None), key=value, reverse=turned)
        order = known + [key for key in order if value(key) is None]
    return order


@pytest.mark.parametrize("seed", range(60))
def test_it_is_the_order_of_a_slow_sort(seed: int) -> None:
    random = Random(seed)
    catalog = catalog_of(content=_content(random, 30))
    plain = {key: {"name": one.name, "fields": one.fields, "tags": one.tags, "priority": one.priority,
                   **({"date": one.date} if one.date else {})} for key, one in catalog.content.items()}  # fmt: skip
    sorts = random.sample(SORTS, random.randrange(4))
    popular = {counted: {key: random.randrange(3) for key in random.sample(sorted(plain), 12)}
               for counted in (("viewed", 30), ("clicked", 7))}  # fmt: skip
    ranked = ranking(dict(catalog.content), str, sorts, calendar_of("America/New_York"), popular)
    for _ in range(4):
        interests = tuple(sorted((tag, random.randrange(1, 9)) for tag in random.sample([*TAGS, "x"], 2)))
        taste = Taste(interests, random.randrange(2), random.randrange(3))
        assert list(ranked.ordered(taste)) == _slow(plain, sorts, popular, taste), sorts
    assert sorted(ranked.members) == sorted(plain)


CASES = [
    ({"types": ["offer"]}, ["a", "b", "c"]),
    ({}, ["a", "b", "c", "n"]),
    ({"all": ["x", "y"]}, ["b"]),
    ({"any": ["x", "z"]}, ["a", "b", "n"]),
    ({"any": ["x", "z"], "none": ["y"]}, ["a", "n"]),
    ({"where": "price > 5"}, ["b", "n"]),
    ({"types": ["offer"], "where": 'price is None or title.lower().contains("two")'}, ["b", "c"]),
    ({"types": ["offer"], "where": 'until >= date("2026-12-01")'}, ["a"]),
    ({"types": ["offer"], "where": "on == True"}, ["c"]),
    ({"types": ["offer"], "where": 'colours.has_any(["red"])'}, ["a"]),
    ({"types": ["offer"], "where": 'picture.ends_with(".png") and not (price == 9)'}, ["a"]),
    ({"where": "text == 'seen of a note alone'"}, ["n"]),
]


@pytest.mark.parametrize(("query", "expected"), CASES)
def test_what_a_query_finds(query: dict[str, Any], expected: list[str]) -> None:
    fields = [
        {"key": "title", "type": "text", "localized": True}, {"key": "price", "type": "number"},
        {"key": "until", "type": "date"}, {"key": "on", "type": "boolean"}, {"key": "picture", "type": "image"},
        {"key": "colours", "type": "list", "of": "text"},
    ]  # fmt: skip
    offers: dict[str, dict[str, Any]] = {
        "a": {"fields": {"title": {"en": "One"}, "price": 5, "until": "2026-12-24", "picture": "/a.png",
                         "colours": ["red", "blue"]}, "tags": ["x"]},
        "b": {"fields": {"title": {"es": "TWO"}, "price": 9, "picture": {"src": "/b.png", "alt": "B"}},
              "tags": ["x", "y"]},
        "c": {"fields": {"on": True, "colours": []}, "tags": ["y"]},
    }  # fmt: skip
    content: dict[str, Any] = {key: {"type": "offer", **one} for key, one in offers.items()}
    content["n"] = {"type": "note", "fields": {"price": 6.5, "text": "seen of a note alone"}, "tags": ["z"]}
    catalog = catalog_of(types={"offer": {"fields": fields}}, content=content, collections={"c": {"query": query}})
    found = compile_snapshot(catalog).collections["c"].lists[-1].found
    assert found is not None and [one.item.key for one in found.members] == expected


def _world(query: dict[str, Any], items: int = 6, **more: Any) -> Catalog:
    tags = {0: ["travel"], 1: ["shoes"], 2: ["travel", "shoes"]}
    content = {f"i{at}": {"type": "offer", "tags": tags.get(at % 4, [])} for at in range(items)}
    collection = {"query": query, **more}
    slots = {"s": {"block": {"kind": "list", "collection": "c"}}}
    return catalog_of(content=content, collections={"c": collection}, slots=slots)


def _shown(snapshot: Snapshot, visitor: Visitor, now: int = NOON) -> list[str]:
    outcome = decide(snapshot, Request(None, ("s",)), frozenset(), visitor, now, "d")
    assert not outcome.failures
    return [item.key for item in outcome.decision.slots["s"].items]


def test_interests_put_a_list_in_order_and_what_is_named_stands_in_front() -> None:
    catalog = _world({"sort": [{"by": "interests"}]})
    snapshot = compile_snapshot(catalog)
    assert _shown(snapshot, Visitor()) == ["i0", "i1", "i2", "i3", "i4", "i5"]
    views = {"travel": {TODAY: 2}, "shoes": {TODAY: 1}, "news": {TODAY: 90}}
    assert _shown(snapshot, Visitor(interests=views)) == ["i2", "i0", "i4", "i1", "i5", "i3"]
    collection = replace(catalog.collections["c"], items=("i3", "i1"))
    pinned = replace(catalog, collections={"c": collection})
    assert _shown(compile_snapshot(pinned), Visitor(interests=views)) == ["i3", "i1", "i2", "i0", "i4", "i5"]


def test_levels_stay_as_time_passes() -> None:
    views = {
        "travel": {TODAY - 40: 3, TODAY - 2: 1},
        "shoes": {TODAY - 10: 1},
        "x": {TODAY: 99},
        "old": {TODAY - 301: 9},
    }
    tags = frozenset({"travel", "shoes", "old"})
    levels = interests_of(views, tags, TODAY)
    assert levels == (("shoes", 3), ("travel", 8))
    assert all(interests_of(views, tags, TODAY + days) == levels for days in range(0, 200, 7))
    assert interests_of({}, tags, TODAY) == () == interests_of(views, frozenset(), TODAY)
    many = {f"t{at:02}": {TODAY: at} for at in range(40)}
    assert [topic for topic, _ in interests_of(many, frozenset(many), TODAY)] == [f"t{at}" for at in range(32, 40)]


def test_chance_is_the_same_all_day_and_another_one_tomorrow() -> None:
    snapshot = compile_snapshot(_world({"sort": [{"by": "random"}]}, items=40))
    orders = {}
    for at in range(60):
        visitor = Visitor(bucketing_id=f"v{at}")
        orders[at] = _shown(snapshot, visitor)
        assert orders[at] == _shown(snapshot, visitor, NOON + 11 * 3_600_000)
        assert orders[at] == _shown(compile_snapshot(_world({"sort": [{"by": "random"}]}, items=40)), visitor)
        assert orders[at] != _shown(snapshot, visitor, NOON + DAY)
        assert sorted(orders[at]) == sorted(orders[0])
    assert len({tuple(order) for order in orders.values()}) > 40


def test_chance_is_fair() -> None:
    """χ²: which of eight items is first, and which lot is drawn, over many visitors."""
    keys = [f"item {at}" for at in range(8)]
    firsts = [0] * 8
    for day in range(60):
        for lot in range(LOTS):
            firsts[min(range(8), key=lambda at: chance_of(Taste((), day, lot), keys[at]))] += 1
    expected = sum(firsts) / 8
    assert sum((found - expected) ** 2 / expected for found in firsts) < 24.3  # p = 0.001, 7 degrees of freedom
    lots = [0] * LOTS
    for at in range(50_000):
        lots[lot_of("shop", f"visitor {at}", TODAY)] += 1
    expected = 50_000 / LOTS
    assert sum((found - expected) ** 2 / expected for found in lots) < 331  # p = 0.001, 255 degrees of freedom


def test_counts_come_later() -> None:
    catalog = _world({"sort": [{"by": "viewed"}, {"by": "clicked", "days": 7}]})
    before = compile_snapshot(catalog)
    assert _shown(before, Visitor()) == ["i0", "i1", "i2", "i3", "i4", "i5"]
    counts: Popular = {("viewed", 30): {"i4": 5, "i1": 2, "i2": 2, "gone": 9}, ("clicked", 7): {"i2": 1, "i5": 1}}
    after = recounted(before, catalog, counts)
    assert _shown(after, Visitor()) == ["i4", "i2", "i1", "i5", "i0", "i3"]
    assert _shown(compile_snapshot(catalog, popular=counts), Visitor()) == _shown(after, Visitor())
    plain = compile_snapshot(_world({}))
    assert recounted(plain, _world({}), counts) is plain


def test_who_is_held_out_sees_the_order_of_a_stranger() -> None:
    catalog = _world({"sort": [{"by": "interests"}]})
    held = replace(catalog, site=replace(catalog.site, holdout=Holdout(1)))
    views = {"shoes": {TODAY: 2}}
    for interests, reason in (({}, "STATIC"), ({"news": {TODAY: 1}}, "STATIC"), (views, "HOLDOUT")):
        visitor = Visitor(bucketing_id="v", interests=interests)
        slot = decide(compile_snapshot(held), Request(None, ("s",)), frozenset(), visitor, NOON, "d").decision.slots[
            "s"
        ]
        assert (slot.items[0].key, slot.reason) == ("i0", reason)
    assert _shown(compile_snapshot(catalog), Visitor(bucketing_id="v", interests=views))[0] == "i1"


def test_ten_thousand_items_are_sorted_once() -> None:
    """No item is looked at that is not shown, whatever the order; what is sorted is sorted for all who share it."""
    sorts = [{"by": "interests"}, {"by": "random"}]
    snapshot = compile_snapshot(_world({"sort": sorts}, items=10_000, limit=5))
    found = snapshot.collections["c"].lists[-1].found
    assert found is not None and len(found.members) == 10_000
    for _ in range(3):
        for at in range(3):
            assert len(_shown(snapshot, Visitor(bucketing_id=f"v{at}", interests={"shoes": {TODAY: 1}}))) == 5
    assert len(found._orders) == 3
    assert len(_shown(compile_snapshot(_world({}, items=10_000)), Visitor())) == 100
