"""Why someone is in a segment or not: the tree once more, with what each condition saw."""

from __future__ import annotations

from collections.abc import Sequence as Several
from typing import Any

import msgspec

from lenticular.criteria.change import next_change
from lenticular.criteria.evidence import Counted, counted
from lenticular.criteria.operands import conditions
from lenticular.criteria.person import Person
from lenticular.criteria.purposes import PURPOSES
from lenticular.criteria.segments import Segments
from lenticular.criteria.sentence import phrase, sentence
from lenticular.criteria.tables import Type
from lenticular.criteria.tally.kept import kept
from lenticular.criteria.tally.occurrence import Occurrence
from lenticular.criteria.tree import (
    And,
    AnyOf,
    Behaviour,
    Between,
    Call,
    Compare,
    Everyone,
    InSegment,
    Node,
    Not,
    OnList,
    Operand,
    Or,
    Organization,
    Sequence,
    operand_of,
)
from lenticular.criteria.types import FUNCTIONS
from lenticular.criteria.values import Look
from lenticular.criteria.words import Words, words
from lenticular.criteria.would import would

DRAFT = "(this rule)"
"""The key of a rule that is no segment."""


class Reason(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """One part of a rule: what it says, whether it holds, the value that it saw (in words), and its own parts.

    `kind` is `condition`, `sequence`, `organization`, `objects`, `list`, `all`, `any`, `not`, `segment` or
    `everyone`; `path` places it in the tree. `counted` are the events of a behaviour. `withheld` names purposes that
    the person withholds and the segment needs: then they are not in it, whatever its parts say.
    """

    kind: str
    holds: bool
    sentence: str
    path: str
    actual: str | None = None
    parts: tuple[Reason, ...] = ()
    counted: Counted | None = None
    withheld: tuple[str, ...] = ()


class Explanation(msgspec.Struct, frozen=True, rename="camel"):
    """Whether someone is in a segment at `at`, why, and when time alone will change it (both ms; None: never).

    `would` lists what would put someone in who is not, in words; None if nothing could.
    """

    segment: str
    member: bool
    sentence: str
    at: int
    changes_at: int | None
    why: Reason
    would: tuple[str, ...] | None = ()


def explain(
    segments: Segments,
    key: str,
    person: Person,
    now: int,
    history: Several[Occurrence] | None = None,
    language: str = "en",
) -> Explanation:
    """Explain a segment for one person at `now` (ms). Raises KeyError for an unknown segment.

    `history` are the person's events, of which the counted ones are shown; `language` a BCP 47 tag.
    """
    tree = segments.trees[key]
    look = Look(
        **{name: getattr(person, name) for name in Person.__struct_fields__},
        schema=segments.schema,
        calendar=segments.calendar,
        now=now,
        plan=segments.plan.tallies,
    )
    walk = _Walk(segments, look, words(language), history)
    why = walk.segment(key, "")
    turns = None if why.withheld else would(tree, True, walk.holds, lambda inner: segments.trees[inner])
    said = None if turns is None else tuple(phrase(turn, segments.schema, language) for turn in turns)
    changes = next_change(segments, key, person, now)
    return Explanation(key, why.holds, sentence(tree, segments.schema, language), now, changes, why, said)


class _Walk:
    def __init__(self, segments: Segments, look: Look, language: Words, history: Several[Occurrence] | None) -> None:
        self.segments, self.look, self.words, self.history = segments, look, language, history

    def segment(self, key: str, path: str) -> Reason:
        """Return the reason of a segment as a whole: its tree, unless a purpose that it needs is withheld."""
        reason = self.reason(self.segments.trees[key], path)
        missing = self.segments.needs[key] & self.look.withheld
        if not missing:
            return reason
        names = tuple(name for name, bit in PURPOSES.items() if bit & missing)
        return msgspec.structs.replace(reason, holds=False, withheld=names)

    def holds(self, node: Node) -> bool:
        """Return the verdict of a part."""
        return self.reason(node, "").holds

    def reason(self, node: Node, path: str) -> Reason:
        """Return the reason of a part."""
        said = phrase(node, self.segments.schema, self.words.language)
        match node:
            case Everyone():
                return Reason("everyone", True, said, path)
            case InSegment(key):
                inner = self.segment(key, f"{path}/{key}")
                return Reason("segment", inner.holds, said, path, None, (inner,))
            case Not(of):
                inner = self.reason(of, f"{path}/of")
                if inner.kind in ("condition", "sequence", "organization", "objects", "list"):
                    return msgspec.structs.replace(inner, holds=not inner.holds, sentence=said, path=path)
                return Reason("not", not inner.holds, said, path, None, (inner,))
            case And(of) | Or(of):
                parts = tuple(self.reason(part, f"{path}/of/{at}") for at, part in enumerate(of))
                every = isinstance(node, And)
                verdict = all(part.holds for part in parts) if every else any(part.holds for part in parts)
                return Reason("all" if every else "any", verdict, said, path, None, parts)
            case Organization():
                return Reason("organization", self.look.holds(node), said, path, self._organizations())
            case AnyOf():
                return Reason("objects", self.look.holds(node), said, path)
            case OnList():
                return Reason("list", self.look.holds(node), said, path)
            case Sequence():
                return Reason("sequence", self.look.holds(node), said, path, counted=self._counted(node))
            case Compare() | Between():
                return self._condition(node, said, path)

    def _condition(self, node: Compare | Between, said: str, path: str) -> Reason:
        first = conditions(node, self.segments.schema)[0]
        operand = operand_of(node)
        kind = FUNCTIONS[operand.function][1] if isinstance(operand, Call) else first.kind
        actual = self._actual(self.look.value(first, node), kind, operand)
        return Reason("condition", self.look.holds(node), said, path, actual, counted=self._counted(node))

    def _counted(self, node: Compare | Between | Sequence) -> Counted | None:
        found = None if self.history is None else kept(node, self.segments.schema)
        if found is None or self.history is None:
            return None
        return counted(found, self.look.plan[found.key], self.look, self.history)

    def _organizations(self) -> str:
        names = [str(one.get("t_name") or one.get("t_id") or "?") for one in self.look.organizations]
        return self.words.listed(names, "and") if names else self.words.empty_list

    def _actual(self, value: Any, kind: Type, operand: Operand) -> str:
        language = self.words
        if value is None:
            return language.unknown
        function = operand.function if isinstance(operand, Call) else ""
        if isinstance(operand, Behaviour) and operand.measure == "count":
            return language.times(value) if value else language.never
        if kind == "date":
            return language.day(value)
        if kind == "datetime":
            return language.instant(self.look.calendar.local(value))
        if kind == "objects":
            return language.number(len(value))
        if isinstance(value, list):
            return language.listed([str(one) for one in value], "and") if value else language.empty_list
        return language.right(value, function=function)
