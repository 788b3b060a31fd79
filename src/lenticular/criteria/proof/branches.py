"""The search behind a proof: whatever could be true of one person at once is followed until it contradicts itself.

An analytic tableau (Smullyan, First-Order Logic, 1968): what must all hold is taken apart; of what holds in one of
several ways each way is a branch. If every branch ends in a contradiction, nobody is like that. The search has a
budget; what it can't settle within it counts as possible, so that the answer is never yes wrongly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import msgspec

from lenticular.criteria.operands import conditions
from lenticular.criteria.operators import OPERATORS
from lenticular.criteria.proof.facts import Fact, can_not_be, limits
from lenticular.criteria.proof.rights import no_longer
from lenticular.criteria.proof.windows import lies_in
from lenticular.criteria.tree import (
    And,
    AnyOf,
    Behaviour,
    Between,
    Compare,
    Everyone,
    Field,
    InSegment,
    Node,
    Not,
    Or,
    Organization,
    Sequence,
    Step,
)
from lenticular.criteria.types import Schema
from lenticular.criteria.window import duration

Claim = tuple[Node | Fact, bool]
"""A part of a rule, and whether it holds."""

_BUDGET = 6_000
_DEEPEST = 100
_GROWING = frozenset({"count", "distinct", "periods", "max", "last_time"})
_SHRINKING = frozenset({"min", "first_time"})


class Search:
    """Follows claims about one person at one moment, of whom no purpose that matters is withheld."""

    def __init__(self, schema: Schema, trees: Mapping[str, Node], budget: int = _BUDGET) -> None:
        self._schema, self._trees, self._budget = schema, trees, budget
        self._known_lies: dict[tuple[object, object], bool] = {}

    def contradicts(self, claims: list[Claim]) -> bool:
        """Return whether the claims surely can't hold together."""
        return self._ends(claims, [], [], [], 0)

    def _ends(
        self, claims: list[Claim], facts: list[Fact], plain: list[tuple[Node, bool]], ways: list[list[Claim]], deep: int
    ) -> bool:
        waiting, facts, plain, ways = list(claims), list(facts), list(plain), list(ways)
        while waiting:
            part, holds = waiting.pop()
            self._budget -= 1
            if self._budget < 0:
                return False
            if isinstance(part, Fact):
                facts.append(part)
            elif isinstance(part, Everyone):
                if not holds:
                    return True
            elif not self._take_apart(part, holds, waiting, ways):
                plain.append((part, holds))
        self._budget -= len(facts) + len(plain)
        if self._clash(facts, plain):
            return True
        if not ways or self._budget < 0 or deep >= _DEEPEST:
            return False
        narrowest = min(range(len(ways)), key=lambda at: len(ways[at]))
        rest = ways[:narrowest] + ways[narrowest + 1 :]
        return all(self._ends([way], facts, plain, rest, deep + 1) for way in ways[narrowest])

    def _take_apart(self, part: Node, holds: bool, waiting: list[Claim], ways: list[list[Claim]]) -> bool:
        """Put the parts of a group where they belong; return False for what has none."""
        claims: list[Claim]
        match part:
            case Not(of):
                waiting.append((of, not holds))
                return True
            case InSegment(key) if key in self._trees:
                waiting.append((self._trees[key], holds))
                return True
            case And(of) | Or(of):
                claims, together = [(one, holds) for one in of], isinstance(part, And) == holds
            case Compare() | Between():
                claims, together = self._facts(part, holds), holds
            case _:
                return False
        if together:
            waiting.extend(claims)
        else:
            ways.append(claims)
        return True

    def _facts(self, part: Compare | Between, holds: bool) -> list[Claim]:
        found: list[Claim] = []
        for one in conditions(part, self._schema):
            opposite = OPERATORS[one.operator].negates
            if opposite:
                one = msgspec.structs.replace(one, operator=opposite)
            found.append((Fact(one, holds != bool(opposite)), True))
        return found

    def _clash(self, facts: list[Fact], plain: list[tuple[Node, bool]]) -> bool:
        known = {one.source for one in facts if one.tells_known}
        known |= {one.source for one in facts if any(self._known_with(other, one.source) for other in known)}
        quantities: dict[object, list[Fact]] = defaultdict(list)
        for one in facts:
            if one.condition.operator == "is not None" and not one.holds and one.source in known:
                return True
            if one.source in known:
                quantities[one.quantity].append(one)
        groups = list(quantities.values())
        if any(can_not_be(group) for group in groups) or self._measures_clash(groups):
            return True
        said, denied = [part for part, holds in plain if holds], [part for part, holds in plain if not holds]
        return any(self._follows(one, other) for one in said for other in denied)

    def _known_with(self, one: tuple[Field | Behaviour, str], other: tuple[Field | Behaviour, str]) -> bool:
        return one != other and one[1] == other[1] and self._lies_in(one[0], other[0])

    def _measures_clash(self, groups: list[list[Fact]]) -> bool:
        """More is counted in a wider window and with fewer filters, never less."""
        measured = [group for group in groups if isinstance(group[0].condition.left, Behaviour)]
        for part in measured:
            for whole in measured:
                one, other = part[0].condition, whole[0].condition
                same = (one.kind, one.compared) == (other.kind, other.compared)
                if part is whole or not same or (one.kind, one.compared) == ("datetime", "date"):
                    continue
                if not self._lies_in(one.left, other.left) or not isinstance(one.left, Behaviour):
                    continue
                if one.left.measure in _GROWING and limits(part).cross(limits(whole)):
                    return True
                if one.left.measure in _SHRINKING and limits(whole).cross(limits(part)):
                    return True
        return False

    def _lies_in(self, one: object, other: object) -> bool:
        """Return whether every event that a behaviour looks at is one that another, of the same measure, looks at."""
        if not (isinstance(one, Behaviour) and isinstance(other, Behaviour)):
            return False
        if (one.measure, one.event, one.field, one.every) != (other.measure, other.event, other.field, other.every):
            return False
        found = self._known_lies.get((one, other))
        if found is None:
            found = lies_in(one.window, other.window) and self._filters(one.where, other.where)
            self._known_lies[one, other] = found
        return found

    def _filters(self, one: tuple[Node, ...], other: tuple[Node, ...]) -> bool:
        """Return whether what passes some filters passes others."""
        return set(other) <= set(one) or self.contradicts([(And(one), True), (And(other), False)])

    def _follows(self, one: Node, other: Node) -> bool:
        if one == other:
            return True
        match one, other:
            case Organization(where), Organization(others):
                return self._filters(where, others)
            case AnyOf(of, inner), AnyOf(field, outer):
                return of == field and self._filters((inner,), (outer,))
            case Sequence(), Sequence():
                return self._sequence_follows(one, other)
        return False

    def _sequence_follows(self, one: Sequence, other: Sequence) -> bool:
        spans = other.span is None or (one.span is not None and no_longer(duration(one.span), duration(other.span)))
        return (
            spans
            and lies_in(one.window, other.window)
            and (other.without is None or one.without == other.without)
            and len(one.steps) == len(other.steps)
            and all(self._step(*pair) for pair in zip(one.steps, other.steps, strict=True))
        )

    def _step(self, one: Step, other: Step) -> bool:
        return one.event == other.event and self._filters(one.where, other.where)
