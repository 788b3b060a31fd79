"""What follows from the rules of a catalog's segments: who is in one is in another, nobody can be in a third."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lenticular.catalog.catalog import Catalog
from lenticular.catalog.rules import tree_of
from lenticular.catalog.segment import Segment
from lenticular.criteria.check import check
from lenticular.criteria.proof import implies_any
from lenticular.criteria.tree import Node
from lenticular.criteria.types import Schema
from lenticular.errors import RuleError


class Proofs:
    """Asks the rules of segments, by key. Of a segment whose rule can't be read nothing is proven."""

    def __init__(self, segments: Mapping[str, Segment], schema: Schema) -> None:
        self._trees = _Trees(segments, schema)
        self._schema = schema
        self._found: dict[tuple[str, tuple[str, ...]], bool] = {}

    def covered(self, segment: str, others: Sequence[str]) -> bool:
        """Return whether everyone in a segment is proven to be in one of the others."""
        key = segment, tuple(others)
        if key not in self._found:
            trees = self._trees
            known = segment in trees and all(other in trees for other in others)
            self._found[key] = known and implies_any(
                trees[segment], [trees[other] for other in others], self._schema, trees
            )
        return self._found[key]

    def nobody(self, segment: str) -> bool:
        """Return whether it is proven that nobody can be in a segment."""
        return self.covered(segment, ())


def proofs_of(catalog: Catalog, schema: Schema) -> Proofs:
    """Return what follows from a catalog's rules, read against its properties and those of the data."""
    return Proofs(catalog.segments, schema)


class _Trees(Mapping[str, Node]):
    """The trees of segments, each read when it is first asked for; those that can't be are not there."""

    def __init__(self, segments: Mapping[str, Segment], schema: Schema) -> None:
        self._segments, self._schema = segments, schema
        self._read: dict[str, Node | None] = {}

    def __getitem__(self, key: str) -> Node:
        if key not in self._read:
            self._read[key] = self._tree(key)
        found = self._read[key]
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[str]:
        return (key for key in self._segments if key in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _tree(self, key: str) -> Node | None:
        try:
            tree = tree_of(self._segments[key])
        except (KeyError, RuleError):
            return None
        return None if check(tree, self._schema, self._segments) else tree


NOTHING_PROVEN = Proofs({}, Schema())
"""For where only what stands against publishing is asked."""
