"""What would put someone in: the smallest set of conditions that would have to turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lenticular.criteria.tree import And, Everyone, InSegment, Node, Not, Or

Turns = tuple[Node, ...]
"""The conditions to turn, each as it would have to be (a denied one under a `Not`)."""


def would(tree: Node, wanted: bool, holds: Callable[[Node], bool], inner: Callable[[str], Node]) -> Turns | None:
    """Return the fewest conditions that must turn for a tree to be as wanted; None if nothing can do it.

    `holds` is the verdict of any part today, `inner` the tree of a segment. Of several smallest sets the first in
    the order of the rule.
    """
    match tree:
        case _ if holds(tree) == wanted:
            return ()
        case Everyone():
            return None
        case Not(of):
            return would(of, not wanted, holds, inner)
        case InSegment(key):
            return would(inner(key), wanted, holds, inner)
        case And(of) | Or(of):
            found = [would(part, wanted, holds, inner) for part in of]
            return _all(found) if isinstance(tree, And) == wanted else _fewest(found)
    return (tree if wanted else Not(tree),)


def _all(found: Sequence[Turns | None]) -> Turns | None:
    known = [turns for turns in found if turns is not None]
    return tuple(dict.fromkeys(turn for turns in known for turn in turns)) if len(known) == len(found) else None


def _fewest(found: Sequence[Turns | None]) -> Turns | None:
    return min((turns for turns in found if turns is not None), key=len, default=None)
