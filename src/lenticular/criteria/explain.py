"""Why someone is in a segment or not: the tree once more, with what each condition saw."""

from __future__ import annotations

from typing import Any

import msgspec

from lenticular.criteria import phrases
from lenticular.criteria.calendar import civil
from lenticular.criteria.change import next_change
from lenticular.criteria.operands import conditions
from lenticular.criteria.person import Person
from lenticular.criteria.segments import Segments
from lenticular.criteria.sentence import phrase, sentence
from lenticular.criteria.tally.plan import tally_key
from lenticular.criteria.tree import And, Between, Call, Compare, Count, Everyone, InSegment, Node, Not, Or, operand_of
from lenticular.criteria.values import Look

DRAFT = "(this rule)"
"""The key of a rule that is no segment."""


class Reason(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """One part of a rule: what it says, whether it holds, the value that it saw (in words), and its own parts.

    `kind` is `condition`, `all`, `any`, `not`, `segment` or `everyone`; `path` places it in the tree.
    """

    kind: str
    holds: bool
    sentence: str
    path: str
    actual: str | None = None
    parts: tuple[Reason, ...] = ()


class Explanation(msgspec.Struct, frozen=True, rename="camel"):
    """Whether someone is in a segment at `at`, why, and when time alone will change it (both ms; None: never)."""

    segment: str
    member: bool
    sentence: str
    at: int
    changes_at: int | None
    why: Reason


def explain(segments: Segments, key: str, person: Person, now: int) -> Explanation:
    """Explain a segment for one person at `now` (ms). Raises KeyError for an unknown segment."""
    tree = segments.trees[key]
    look = Look(
        person.user,
        person.session,
        person.session_start,
        person.tallies,
        schema=segments.schema,
        calendar=segments.calendar,
        now=now,
    )
    why = _Walk(segments, look).reason(tree, "")
    words = sentence(tree, segments.schema)
    return Explanation(key, why.holds, words, now, next_change(segments, key, person, now), why)


class _Walk:
    def __init__(self, segments: Segments, look: Look) -> None:
        self.segments, self.look = segments, look

    def reason(self, node: Node, path: str) -> Reason:
        words = phrase(node, self.segments.schema)
        match node:
            case Everyone():
                return Reason("everyone", True, words, path)
            case InSegment(key):
                inner = self.reason(self.segments.trees[key], f"{path}/{key}")
                return Reason("segment", inner.holds, words, path, None, (inner,))
            case Not(of):
                inner = self.reason(of, f"{path}/of")
                if isinstance(of, Compare | Between):
                    return Reason("condition", not inner.holds, words, path, inner.actual)
                return Reason("not", not inner.holds, words, path, None, (inner,))
            case And(of) | Or(of):
                parts = tuple(self.reason(part, f"{path}/of/{at}") for at, part in enumerate(of))
                every = isinstance(node, And)
                verdict = all(part.holds for part in parts) if every else any(part.holds for part in parts)
                return Reason("all" if every else "any", verdict, words, path, None, parts)
            case Compare() | Between():
                return self._condition(node, words, path)

    def _condition(self, node: Compare | Between, words: str, path: str) -> Reason:
        operand = operand_of(node)
        key = tally_key(operand, self.segments.schema) if isinstance(operand, Count) else ""
        parts = conditions(node, self.segments.schema)
        verdict = all(self.look.verdict(one, key) for one in parts)
        kind = "number" if isinstance(operand, Call | Count) else parts[0].kind
        return Reason("condition", verdict, words, path, self._actual(self.look.value(parts[0], key), kind, operand))

    def _actual(self, value: Any, kind: str, operand: object) -> str:
        if value is None:
            return "unknown"
        function = operand.function if isinstance(operand, Call) else ""
        if isinstance(operand, Count):
            return phrases.times(value) if value else "never"
        if isinstance(value, str):
            return phrases.right(value, function=function)
        if kind == "date":
            return day_text(value)
        if kind == "datetime":
            return instant_text(self.look.calendar.local(value))
        if isinstance(value, list):
            return ", ".join(map(str, value)) or "an empty list"
        return phrases.right(value, function=function)


def day_text(day: int) -> str:
    """Return a day number in words: `31 January 2026`."""
    year, month, of_month = civil(day)
    return phrases.day_words(year, month, of_month)


def instant_text(local: int) -> str:
    """Return an instant in words, by its local milliseconds."""
    seconds = local // 1000 % 86_400
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}"
    return f"{day_text(local // 86_400_000)}, {clock}"
