"""The questions: does one rule imply another, or one of several, and can anybody be in it at all?

The answer yes is a proof for every person, moment and zone; no means only that none was found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lenticular.criteria.needs import purposes_with
from lenticular.criteria.proof.branches import Claim, Search
from lenticular.criteria.tree import Node
from lenticular.criteria.types import Schema


def implies(a: Node, b: Node, schema: Schema, trees: Mapping[str, Node]) -> bool:
    """Return whether everyone whom segment rule `a` takes in is taken in by `b`; `trees` are those that they name.

    Someone who withholds a purpose is in no segment that needs it, so `b` may need none that `a` does not.
    """
    return implies_any(a, (b,), schema, trees)


def implies_any(a: Node, others: Sequence[Node], schema: Schema, trees: Mapping[str, Node]) -> bool:
    """Return whether everyone in `a` is in at least one of the others, not always in the same one."""
    needs = purposes_with(a, trees, schema)
    usable = [one for one in others if not purposes_with(one, trees, schema) & ~needs]
    claims: list[Claim] = [(one, False) for one in usable]
    return Search(schema, trees).contradicts([*claims, (a, True)])


def is_impossible(a: Node, schema: Schema, trees: Mapping[str, Node]) -> bool:
    """Return whether nobody can be in `a`: it contradicts itself."""
    return implies_any(a, (), schema, trees)
