"""How large a rule may be, so that reading one takes bounded time and memory."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lenticular.criteria.tree import Between, Compare, Node, Right, children
from lenticular.errors import Problem, RuleError

MAX_BYTES = 64 * 1024
MAX_LEVELS = 64
MAX_NODES = 5_000


def check_size(tree: Node) -> None:
    """Refuse a tree that is too deep, too large, or holds a number that is none. Raises RuleError with the path."""
    nodes = 0
    waiting: list[tuple[str, Node, int]] = [("", tree, 1)]
    while waiting:
        path, node, level = waiting.pop()
        nodes += 1
        if level > MAX_LEVELS:
            raise RuleError(too_deep(path))
        for value in _literals(node):
            if isinstance(value, int | float) and not _is_finite(value):
                raise RuleError(Problem("rule.number", "Numbers must be finite.", place=path))
            if isinstance(value, tuple):
                nodes += len(value)
        if nodes > MAX_NODES:
            raise RuleError(too_large())
        waiting.extend((f"{path}/{step}", part, level + 1) for step, part in children(node))


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer that no 64-bit float can hold
        return False


def too_deep(place: str) -> Problem:
    """Return the refusal of a rule with too many levels."""
    return Problem(
        "rule.levels",
        f"The rule is more than {MAX_LEVELS} levels deep.",
        place=place,
        hint='Put the inner part into a segment of its own and write segment("its-key").',
    )


def too_large() -> Problem:
    """Return the refusal of a rule with too many parts."""
    return Problem(
        "rule.nodes",
        f"The rule has more than {MAX_NODES:,} parts.",
        hint="Import a long list as static members, or as a property, instead of writing it into the rule.",
    )


def _literals(node: Node) -> Iterator[Right]:
    if isinstance(node, Compare):
        yield node.right
        if isinstance(node.right, tuple):
            yield from node.right
    elif isinstance(node, Between):
        yield node.low
        yield node.high
