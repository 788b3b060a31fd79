"""The sentence face: a tree in words, stable for the same tree."""

from __future__ import annotations

from lenticular.criteria import phrases
from lenticular.criteria.operators import OPERATORS
from lenticular.criteria.tree import (
    And,
    Between,
    Call,
    Compare,
    Count,
    Date,
    Datetime,
    Everyone,
    InSegment,
    Node,
    Not,
    Operand,
    Or,
    Right,
)
from lenticular.criteria.types import Schema, operand_type

_NEVER = (("==", 0), ("<", 1), ("<=", 0))
_ONCE = ((">=", 1), (">", 0), ("!=", 0))
_WHOLE = ("age", "size", "hour", "day", "month", "days_until_anniversary")


def sentence(tree: Node, schema: Schema) -> str:
    """Return a rule in words: "Total balance is at least 100,000 and account types include savings or brokerage."."""
    words = _Words(schema).node(tree, denied=False)
    return words[:1].upper() + words[1:] + "."


def phrase(tree: Node, schema: Schema) -> str:
    """Return a part of a rule in words, neither capitalised nor ended."""
    return _Words(schema).node(tree, denied=False)


class _Words:
    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def node(self, node: Node, denied: bool) -> str:
        match node:
            case Everyone():
                return phrases.NOBODY if denied else phrases.EVERYONE
            case Not(Not(of)):
                return self.node(of, denied)
            case Not(of) if not denied:
                return f"{phrases.NOT} ({self.node(of, False)})" if isinstance(of, And | Or) else self.node(of, True)
            case And(of) | Or(of):
                joint = phrases.AND if isinstance(node, And) else phrases.OR
                return joint.join(self._inside(part) for part in of)
            case InSegment(key):
                name = self.schema.labels.get(f"segment.{key}", key)
                return (phrases.NOT_IN_SEGMENT if denied else phrases.IN_SEGMENT).format(name=name)
            case Compare():
                return self._compare(node, denied)
            case Between():
                return self._between(node, denied)
        return f"{phrases.NOT} {self.node(node, False)}"

    def _inside(self, part: Node) -> str:
        return f"({self.node(part, False)})" if isinstance(part, And | Or) else self.node(part, False)

    def _compare(self, node: Compare, denied: bool) -> str:
        if isinstance(node.left, Count):
            return self._count(node.left, node, denied)
        kind = operand_type(node.left, node.right, node.operator, self.schema)
        row = OPERATORS[node.operator]
        conjunction = phrases.AND if node.operator == "has_all" else phrases.OR
        function = node.left.function if isinstance(node.left, Call) else ""
        template = phrases.plural(row.denial if denied else row.phrase, kind)
        right = phrases.right(node.right, conjunction, function)
        return f"{self._label(node.left)} {template.format(right=right, **phrases.order(kind, node.right))}"

    def _between(self, node: Between, denied: bool) -> str:
        kind = operand_type(node.of, node.low, "<=", self.schema)
        low, high, low_open, high_open = node.low, node.high, node.low_open, node.high_open
        if isinstance(node.of, Count) or (isinstance(node.of, Call) and node.of.function in _WHOLE):
            low, low_open = (low + 1, False) if low_open and isinstance(low, int) else (low, low_open)
            high, high_open = (high - 1, False) if high_open and isinstance(high, int) else (high, high_open)
        if low_open or high_open:
            words = phrases.HALF_OPEN.format(
                low_word=phrases.order(kind, low)["above" if low_open else "at_least"],
                low=phrases.right(low),
                high_word=phrases.order(kind, high)["below" if high_open else "at_most"],
                high=phrases.right(high),
            )
        else:
            words = phrases.BETWEEN.format(low=phrases.right(low), high=phrases.right(high))
        if isinstance(node.of, Count):
            return self._happened(node.of, f" {words} {phrases.TIMES}", denied)
        return f"{self._label(node.of)} {(phrases.IS_NOT if denied else phrases.IS)} {words}"

    def _count(self, count: Count, node: Compare, denied: bool) -> str:
        if (node.operator, node.right) in _NEVER:
            return self._happened(count, "", not denied)
        if (node.operator, node.right) in _ONCE:
            return self._happened(count, "", denied)
        row = OPERATORS[node.operator]
        if row.negates:
            denied, row = not denied, OPERATORS[row.negates]
        times = phrases.times(node.right) if isinstance(node.right, int | float) else phrases.several(node.right)
        words = phrases.HOW_OFTEN[row.name].format(times=times)
        return self._happened(count, f" {words}", denied)

    def _happened(self, count: Count, times: str, denied: bool) -> str:
        template = phrases.DID_NOT_HAPPEN if denied else phrases.HAPPENED
        return template.format(event=self._event(count), times=times, window=self._window(count))

    def _event(self, count: Count) -> str:
        alone = len(count.where) == 1
        filters = phrases.AND.join(self.node(part, False) if alone else self._inside(part) for part in count.where)
        return f"“{count.event}” ({filters})" if filters else f"“{count.event}”"

    def _window(self, count: Count) -> str:
        window = count.window
        return phrases.window(window.within, _edge(window.after), _edge(window.before))

    def _label(self, operand: Operand) -> str:
        if isinstance(operand, Count):
            raise TypeError(operand)
        field = operand.of if isinstance(operand, Call) else operand
        own = self.schema.labels.get(f"{field.scope}.{field.name}")
        label = (
            own[:1].lower() + own[1:]
            if own and not own[:2].isupper()
            else own or phrases.label(field.scope, field.name)
        )
        if isinstance(operand, Call):
            if operand.function == "age":
                return phrases.age_label(label)
            return phrases.FUNCTIONS[operand.function].format(label=label)
        return label


def _edge(value: Date | Datetime | None) -> str:
    right: Right = value
    return phrases.right(right) if value is not None else ""
