"""The same random segments in four languages: ours, flagsmith's, growthbook's and plain Python's; and people for them.

Each segment has five conditions in groups; each person has 8 short texts, 8 numbers, 2 long texts and 2 lists. Segments
share conditions as those of one site do: a thousand have about 900 different ones.
"""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec

from lenticular.criteria.tables import Type, stored_key
from lenticular.criteria.tree import And, Compare, Field, Node, Or
from lenticular.criteria.types import Schema

WORDS = [f"value{number}" for number in range(12)]
PROPERTIES: dict[str, Type] = {
    **{f"text{at}": "text" for at in range(8)},
    **{f"number{at}": "number" for at in range(8)},
    **{f"long{at}": "text" for at in range(2)},
    **{f"list{at}": "list" for at in range(2)},
}
SCHEMA = Schema(types={("user", name): kind for name, kind in PROPERTIES.items()})


class Rule(msgspec.Struct, frozen=True):
    """One segment: five conditions (property, operator, right) in groups, each of which is *any* of its members."""

    groups: tuple[tuple[tuple[str, str, Any], ...], ...]
    every: bool
    """Whether all groups must hold (each group: any), or any of them (each group: all)."""


def rules(count: int, seed: int = 1) -> list[Rule]:
    """Draw segments."""
    random = Random(seed)
    drawn = []
    for _ in range(count):
        five = [_condition(random) for _ in range(5)]
        shape = random.choice([(1, 1, 1, 2), (2, 3), (1, 2, 2), (1, 1, 3)])
        parts = iter(five)
        groups = tuple(tuple(next(parts) for _ in range(size)) for size in shape)
        drawn.append(Rule(groups, every=random.random() < 0.7))
    return drawn


def _condition(random: Random) -> tuple[str, str, Any]:
    name = random.choice(list(PROPERTIES))
    if name.startswith("number"):
        return name, random.choice([">=", "<"]), random.randrange(0, 100, 5)
    if name.startswith("long"):
        return name, "contains", random.choice(WORDS)
    if name.startswith("list"):
        return name, "has", random.choice(WORDS)
    if random.random() < 0.5:
        return name, "==", random.choice(WORDS)
    start, size = random.randrange(len(WORDS)), random.randrange(2, 6)
    return name, "in", tuple((WORDS * 2)[start : start + size])


def people(count: int, seed: int = 2) -> list[dict[str, Any]]:
    """Draw people: plain values by property."""
    random = Random(seed)
    return [
        {
            **{f"text{at}": random.choice(WORDS) for at in range(8)},
            **{f"number{at}": float(random.randrange(100)) for at in range(8)},
            **{f"long{at}": " ".join(random.sample(WORDS, 4)) + " ." for at in range(2)},
            **{f"list{at}": random.sample(WORDS, 4) for at in range(2)},
        }
        for _ in range(count)
    ]


def tree(rule: Rule) -> Node:
    """Return a rule as our tree."""
    inner, outer = (Or, And) if rule.every else (And, Or)
    groups = [
        tuple(Compare(Field("user", name), operator, right) for name, operator, right in group) for group in rule.groups
    ]
    return outer(tuple(group[0] if len(group) == 1 else inner(group) for group in groups))


def stored(person: dict[str, Any]) -> dict[str, Any]:
    """Return a person's values as a profile keeps them."""
    return {stored_key(name, PROPERTIES[name]): value for name, value in person.items()}


def holds(rule: Rule, person: dict[str, Any]) -> bool:
    """Decide a rule with no engine at all: what every engine's verdict is compared with."""
    inner, outer = (any, all) if rule.every else (all, any)
    return outer(
        inner(_holds(person[name], operator, right) for name, operator, right in group) for group in rule.groups
    )


def _holds(left: Any, operator: str, right: Any) -> bool:
    match operator:
        case ">=":
            return bool(left >= right)
        case "<":
            return bool(left < right)
        case "==":
            return bool(left == right)
        case "in":
            return left in right
    return right in left


_FLAGSMITH = {">=": "GREATER_THAN_INCLUSIVE", "<": "LESS_THAN", "==": "EQUAL", "in": "IN", "contains": "CONTAINS"}


def flagsmith_segment(key: str, rule: Rule) -> dict[str, Any]:
    """Return a rule as flagsmith-flag-engine takes it. It has no lists: they are joined texts."""
    inner, outer = ("ANY", "ALL") if rule.every else ("ALL", "ANY")
    groups = [
        {"type": inner, "conditions": [_flagsmith_condition(*condition) for condition in group]}
        for group in rule.groups
    ]
    return {"key": key, "name": key, "rules": [{"type": outer, "rules": groups}]}


def _flagsmith_condition(name: str, operator: str, right: Any) -> dict[str, Any]:
    if operator == "has":
        return {"property": name, "operator": "CONTAINS", "value": f",{right},"}
    value = list(right) if operator == "in" else str(right)
    return {"property": name, "operator": _FLAGSMITH[operator], "value": value}


def flagsmith_context(person: dict[str, Any]) -> dict[str, Any]:
    """Return a person as flagsmith-flag-engine takes one."""
    traits = {name: f",{','.join(value)}," if isinstance(value, list) else value for name, value in person.items()}
    return {
        "environment": {"key": "site", "name": "site"},
        "identity": {"identifier": "a", "key": "a", "traits": traits},
    }


_GROWTHBOOK = {">=": "$gte", "<": "$lt", "==": "$eq", "in": "$in", "contains": "$regex"}


def growthbook_condition(rule: Rule) -> dict[str, Any]:
    """Return a rule as growthbook takes it."""
    inner, outer = ("$or", "$and") if rule.every else ("$and", "$or")
    return {outer: [{inner: [_growthbook(*condition) for condition in group]} for group in rule.groups]}


def _growthbook(name: str, operator: str, right: Any) -> dict[str, Any]:
    if operator == "has":
        return {name: {"$elemMatch": {"$eq": right}}}
    return {name: {_GROWTHBOOK[operator]: list(right) if operator == "in" else right}}
