"""A tree in which segments have other names: two versions of one beside each other, or new keys for old ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lenticular.criteria.tree import And, InSegment, Node, Not, Or


def renamed(tree: Node, ahead: str) -> Node:
    """Return a tree that names each segment with something before its key. Static lists keep their names."""
    return _named(tree, lambda key: f"{ahead}{key}")


def with_new_keys(tree: Node, names: Mapping[str, str]) -> Node:
    """Return a tree that names segments by their new keys, all at once. Static lists keep their names."""
    return _named(tree, lambda key: names.get(key, key))


def _named(tree: Node, name: Callable[[str], str]) -> Node:
    match tree:
        case InSegment(key):
            return InSegment(name(key))
        case And(of):
            return And(tuple(_named(part, name) for part in of))
        case Or(of):
            return Or(tuple(_named(part, name) for part in of))
        case Not(of):
            return Not(_named(of, name))
        case _:
            return tree
