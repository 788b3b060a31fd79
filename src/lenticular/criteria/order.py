"""The order in which segments are evaluated: those that others name come first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lenticular.criteria.tree import Node, segments_in
from lenticular.errors import Problem, RuleError


def in_order(trees: Mapping[str, Node], keys: Iterable[str] | None = None) -> list[str]:
    """Return the given keys (all, if none are given) and what they name, each after what it depends on.

    Raises RuleError for a circle, naming every segment in it. Segments that are named but unknown are left out.
    """
    done: dict[str, None] = {}
    for key in trees if keys is None else keys:
        _visit(key, trees, done)
    return list(done)


def _visit(start: str, trees: Mapping[str, Node], done: dict[str, None]) -> None:
    path: list[str] = []
    stack: list[tuple[str, bool]] = [(start, False)]
    while stack:
        key, leaving = stack.pop()
        if leaving:
            path.pop()
            done[key] = None
        elif key in path:
            raise RuleError(_circle([*path[path.index(key) :], key]))
        elif key in trees and key not in done:
            path.append(key)
            stack.append((key, True))
            stack.extend((name, False) for name in reversed(segments_in(trees[key])))


def _circle(keys: list[str]) -> Problem:
    return Problem(
        "rule.circle",
        f"These segments depend on each other in a circle: {' → '.join(keys)}.",
        place=f"segment {keys[0]}",
        hint="Take one of the references out.",
    )
