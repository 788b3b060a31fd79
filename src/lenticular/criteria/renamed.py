"""A tree in which segments have other names, so that two versions of one segment stand beside each other."""

from __future__ import annotations

from lenticular.criteria.tree import And, InSegment, Node, Not, Or


def renamed(tree: Node, ahead: str) -> Node:
    """Return a tree that names each segment with something before its key. Static lists keep their names."""
    match tree:
        case InSegment(key):
            return InSegment(f"{ahead}{key}")
        case And(of):
            return And(tuple(renamed(part, ahead) for part in of))
        case Or(of):
            return Or(tuple(renamed(part, ahead) for part in of))
        case Not(of):
            return Not(renamed(of, ahead))
        case _:
            return tree
