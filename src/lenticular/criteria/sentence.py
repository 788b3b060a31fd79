"""The sentence face: a tree in words, stable for the same tree."""

from __future__ import annotations

from typing import assert_never

import msgspec

from lenticular.criteria.measures import EXACT
from lenticular.criteria.tree import (
    And,
    AnyOf,
    Behaviour,
    Between,
    Call,
    Compare,
    Everyone,
    Field,
    InSegment,
    Node,
    Not,
    OnList,
    Operand,
    Or,
    Organization,
    Right,
    Sequence,
    Step,
)
from lenticular.criteria.types import Schema, source_type
from lenticular.criteria.words import Subject, Words, words

_NEVER = (("==", 0), ("<", 1), ("<=", 0))
_ONCE = ((">=", 1), (">", 0), ("!=", 0))
_AMOUNTS = {"count", "periods"}
_WHOLE_MEASURES = {*_AMOUNTS, "distinct"}
_WHOLE = {"age", "size", "hour", "day", "month", "days_until_anniversary"}
_NAMED_VALUES = {Field("session", "local_weekday"): "weekday"}


def sentence(tree: Node, schema: Schema, language: str = "en") -> str:
    """Return a rule in words: "Total balance is at least 100,000 and account types include savings or brokerage.".

    `language` is a BCP 47 tag, of which the primary subtag counts: English and Spanish, English for any other.
    """
    said = phrase(tree, schema, language)
    first = len(said) - len(said.lstrip("("))
    return f"{said[:first]}{said[first].upper()}{said[first + 1 :]}."


def phrase(tree: Node, schema: Schema, language: str = "en") -> str:
    """Return a part of a rule in words, neither capitalised nor ended."""
    return _Sentence(schema, words(language)).node(tree, denied=False)


class _Sentence:
    """The walk over a tree. `denied` says the opposite of a part."""

    def __init__(self, schema: Schema, language: Words) -> None:
        self.schema, self.words = schema, language

    def node(self, node: Node, denied: bool) -> str:
        match node:
            case Everyone():
                return self.words.phrase("nobody" if denied else "everyone")
            case Not(of):
                return self.node(of, not denied)
            case And(of) | Or(of):
                said = self.words.joined([self._inside(part) for part in of], "and" if isinstance(node, And) else "or")
                return self.words.phrase("not", of=said) if denied else said
            case InSegment(key) | OnList(key):
                where = "in_segment" if isinstance(node, InSegment) else "on_list"
                name = self.words.text(self.schema.labels.get(f"segment.{key}", key))
                return self.words.phrase(f"not_{where}" if denied else where, name=name)
            case Organization(where):
                return self.words.phrase("no_organization" if denied else "organization", of=self._filters(where))
            case AnyOf(of, inner):
                key = "none_of" if denied else "one_of"
                return self.words.phrase(key, label=self._label(of), of=self._filters((inner,)))
            case Sequence():
                return self._sequence(node, denied)
            case Compare():
                return self._compare(node, denied)
            case Between():
                return self._between(node, denied)
            case _:
                assert_never(node)

    def _inside(self, part: Node) -> str:
        """A part of a group: in brackets where it would run into what follows."""
        denied = False
        inner = part
        while isinstance(inner, Not):
            inner, denied = inner.of, not denied
        said = self.node(part, False)
        open_ended = isinstance(inner, Organization | AnyOf)
        group = isinstance(inner, And | Or) or (isinstance(inner, Sequence) and inner.without is not None)
        return f"({said})" if open_ended or (group and not denied) else said

    def _filters(self, where: tuple[Node, ...]) -> str:
        """Conditions that must all hold; a single one needs no brackets of its own."""
        if len(where) == 1:
            return self.node(where[0], False)
        return self.words.joined([self._inside(part) for part in where], "and")

    def _compare(self, node: Compare, denied: bool) -> str:
        behaviour = node.left
        if isinstance(behaviour, Behaviour) and behaviour.measure in _AMOUNTS and _is_amount(node.right):
            return self._how_often(behaviour, node.operator, node.right, denied)
        subject = self._subject(node.left, node.right, node.operator)
        return self.words.condition(subject, node.operator, node.right, denied)

    def _between(self, node: Between, denied: bool) -> str:
        node = _closed(node)
        behaviour = node.of
        if isinstance(behaviour, Behaviour) and behaviour.measure in _AMOUNTS:
            amount = self.words.amount_between(node, behaviour.every or "times")
            return self._happened(behaviour, amount, denied)
        return self.words.between(self._subject(node.of, node.low, "<="), node, denied)

    def _how_often(self, behaviour: Behaviour, operator: str, right: Right, denied: bool) -> str:
        unit = behaviour.every or "times"
        if isinstance(right, tuple) and len(right) == 1:
            operator, right = {"in": "==", "not in": "!="}[operator], right[0]
        if operator in ("!=", "not in"):
            operator, denied = {"!=": "==", "not in": "in"}[operator], not denied
        if operator == "==" and right == 0 and denied:
            operator, right, denied = ">=", 1, False
        if (operator, right) in _NEVER:
            return self._happened(behaviour, self.words.phrase(f"never_{unit}") if behaviour.every else "", not denied)
        if (operator, right) in _ONCE:
            operator, right = ">=", 1
            if not behaviour.every:
                return self._happened(behaviour, "", denied)
        return self._happened(behaviour, self.words.amount(operator, right, unit), denied)

    def _happened(self, behaviour: Behaviour, amount: str, denied: bool) -> str:
        verb = self.words.phrase("not_happened" if denied else "happened", events=self._step(behaviour))
        return _spaced(verb, amount, self.words.window(behaviour.window))

    def _step(self, step: Step | Behaviour) -> str:
        filters = self._filters(step.where)
        return _spaced(self.words.event(step.event), f"({filters})" if filters else "")

    def _sequence(self, node: Sequence, denied: bool) -> str:
        if denied and node.without:
            return self.words.phrase("not", of=self._sequence(node, False))
        *first, last = map(self._step, node.steps)
        steps = self.words.phrase("and_then").join([self.words.phrase("then").join(first), last]) if first else last
        key = f"{'not_' if denied else ''}happened{'_all' if first else ''}"
        # One step alone is always within any span of itself.
        span = self.words.phrase("together", span=self.words.span(node.span)) if node.span and first else ""
        said = _spaced(self.words.phrase(key, events=steps), span, self.words.window(node.window))
        return self.words.phrase("without", said=said, event=self._step(node.without)) if node.without else said

    def _subject(self, operand: Operand, right: Right, operator: str) -> Subject:
        source = operand.of if isinstance(operand, Call) else operand
        kind = source_type(operand, right, operator, self.schema)
        if isinstance(source, Field):
            subject = Subject(self._label(source), kind in ("list", "objects"), _NAMED_VALUES.get(source, ""))
        else:
            subject = self._measured(source, kind)
        if not isinstance(operand, Call):
            return subject
        text = self.words.function(operand.function, subject)
        return Subject(text, False, operand.function, subject.measured)

    def _measured(self, behaviour: Behaviour, kind: str) -> Subject:
        events = _spaced(self._step(behaviour), self.words.window(behaviour.window))
        field = self._label(behaviour.field) if behaviour.field else ""
        text = self.words.measure(behaviour.measure, field, events, kind in ("date", "datetime"))
        return Subject(text, self.words.measured_plural and kind == "list", measured=True)

    def _label(self, field: Field) -> str:
        own = self.schema.labels.get(f"{field.scope}.{field.name}")
        if not own:
            return self.words.label(field.scope, field.name)
        return own if own[:2].isupper() else own[:1].lower() + own[1:]


def _closed(node: Between) -> Between:
    """A chain over whole numbers, its open ends closed: `18 <= age < 26` is between 18 and 25."""
    of, low, high = node.of, node.low, node.high
    whole = (
        of.function in _WHOLE if isinstance(of, Call) else isinstance(of, Behaviour) and of.measure in _WHOLE_MEASURES
    )
    if not whole:
        return node
    if node.low_open and isinstance(low, int | float) and _counts(low):
        node = msgspec.structs.replace(node, low=low + 1, low_open=False)
    if node.high_open and isinstance(high, int | float) and _counts(high):
        node = msgspec.structs.replace(node, high=high - 1, high_open=False)
    return node


def _counts(value: float) -> bool:
    return float(value).is_integer() and abs(value) < EXACT


def _is_amount(right: Right) -> bool:
    return isinstance(right, int | float | tuple)


def _spaced(*parts: str) -> str:
    return " ".join(part for part in parts if part)
