"""Who is this person? 100 and 1,000 segments of five conditions, beside two libraries that do the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

from flag_engine.segments.evaluator import is_context_in_segment
from growthbook.core import evalCondition

from benchmarks import rules
from benchmarks._closures import closure
from benchmarks.clock import seconds_per_call
from benchmarks.table import show
from lenticular.criteria.calendar import calendar_of
from lenticular.criteria.person import Person
from lenticular.criteria.segments import Segments

BUDGET = {100: 8.0, 1_000: 60.0}
RATIO = 50
NOW = 1_767_225_600_000
Verdicts = list[list[bool]]


def main() -> None:
    """Measure, check that all agree, print."""
    persons = rules.people(50)
    met = []
    for count in BUDGET:
        drawn = rules.rules(count)
        expected = [[rules.holds(rule, person) for rule in drawn] for person in persons]
        ours, keyed, compiled = _ours(drawn, persons, expected)
        theirs = {
            "flagsmith-flag-engine": _flagsmith(drawn, persons, expected),
            "growthbook": _growthbook(drawn, persons, expected),
            "closures": _closures(drawn, persons, expected),
        }
        met += _print(count, {"lenticular": ours, "lenticular, keys": keyed, **theirs}, compiled)
    print("\n".join(met))


def _ours(drawn: Sequence[rules.Rule], persons: Sequence[Any], expected: Verdicts) -> tuple[float, float, float]:
    """Return seconds per profile to a bit mask, to a set of keys, and seconds to compile."""
    trees = {f"s{at}": rules.tree(rule) for at, rule in enumerate(drawn)}
    start = perf_counter()
    segments = Segments(trees, rules.SCHEMA, calendar_of("UTC"))
    order, matching = segments.function(frozenset(trees))
    compiled = perf_counter() - start
    bits = {key: bit for bit, key in enumerate(order)}
    everyone = [Person(rules.stored(person)) for person in persons]
    keys = frozenset(trees)
    for person, verdicts in zip(everyone, expected, strict=True):
        mask = matching(person, NOW)
        _agree("ours", [bool(mask >> bits[key] & 1) for key in trees], verdicts)
        found = segments.matching(keys, person, NOW)
        _agree("ours", [key in found for key in trees], verdicts)

    def all_of_them() -> None:
        for person in everyone:
            matching(person, NOW)

    def all_their_keys() -> None:
        for person in everyone:
            segments.matching(keys, person, NOW)

    return seconds_per_call(all_of_them) / len(persons), seconds_per_call(all_their_keys) / len(persons), compiled


def _flagsmith(drawn: Sequence[rules.Rule], persons: Sequence[Any], expected: Verdicts) -> float:
    segments: list[Any] = [rules.flagsmith_segment(f"s{at}", rule) for at, rule in enumerate(drawn)]
    contexts: list[Any] = [rules.flagsmith_context(person) for person in persons]
    return _each("flagsmith-flag-engine", is_context_in_segment, segments, contexts, expected)


def _growthbook(drawn: Sequence[rules.Rule], persons: Sequence[Any], expected: Verdicts) -> float:
    conditions = [rules.growthbook_condition(rule) for rule in drawn]
    return _each("growthbook", evalCondition, conditions, persons, expected)


def _closures(drawn: Sequence[rules.Rule], persons: Sequence[Any], expected: Verdicts) -> float:
    tests = [closure(rule) for rule in drawn]
    return _each("closures", lambda person, test: test(person), tests, persons, expected)


def _each(
    name: str, decide: Callable[[Any, Any], bool], segments: Sequence[Any], persons: Sequence[Any], expected: Verdicts
) -> float:
    for person, verdicts in zip(persons, expected, strict=True):
        _agree(name, [decide(person, segment) for segment in segments], verdicts)

    def all_of_them() -> None:
        for person in persons:
            for segment in segments:
                decide(person, segment)

    return seconds_per_call(all_of_them, rounds=5) / len(persons)


def _agree(name: str, found: list[bool], expected: list[bool]) -> None:
    if found != expected:
        raise SystemExit(f"{name} gives other verdicts than plain Python: the figures would mean nothing.")


def _print(count: int, taken: dict[str, float], compiled: float) -> list[str]:
    ours = taken["lenticular"]
    print(
        f"\n{count:,} segments of five conditions, 50 profiles, verdicts equal (compiled in {compiled * 1e3:,.0f} ms)"
    )
    rows = [
        [name, f"{one * 1e6:,.1f}", f"{one * 1e9 / count:,.0f}", f"{one / ours:,.1f}"] for name, one in taken.items()
    ]
    show(["engine", "µs per profile", "ns per segment", "times ours"], rows)
    budget = BUDGET[count]
    least = min(taken["flagsmith-flag-engine"], taken["growthbook"]) / ours
    return [
        f"{_met(ours * 1e6 <= budget)} {count:,} segments in {ours * 1e6:.1f} µs per profile (budget {budget:.0f})",
        f"{_met(least >= RATIO)} {least:.0f} times as fast as the faster of the others (budget {RATIO})",
    ]


def _met(good: bool) -> str:
    return "met   " if good else "MISSED"
