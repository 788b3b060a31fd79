"""What most programs do instead of generating code: a closure for each part of a rule, called by the one above it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.rules import Rule

Test = Callable[[Mapping[str, Any]], bool]


def closure(rule: Rule) -> Test:
    """Return a rule as a tree of closures over plain values."""
    inner, outer = (_any, _all) if rule.every else (_all, _any)
    return outer([inner([_condition(*condition) for condition in group]) for group in rule.groups])


def _condition(name: str, operator: str, right: Any) -> Test:
    match operator:
        case ">=":
            return lambda person: (value := person.get(name)) is not None and value >= right
        case "<":
            return lambda person: (value := person.get(name)) is not None and value < right
        case "==":
            return lambda person: bool(person.get(name) == right)
        case "in":
            members = frozenset(right)
            return lambda person: person.get(name) in members
    return lambda person: (value := person.get(name)) is not None and right in value


def _all(tests: list[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]

    def test(person: Mapping[str, Any]) -> bool:
        for one in tests:  # noqa: SIM110 - faster than all() over a generator
            if not one(person):
                return False
        return True

    return test


def _any(tests: list[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]

    def test(person: Mapping[str, Any]) -> bool:
        for one in tests:  # noqa: SIM110
            if one(person):
                return True
        return False

    return test
