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
                return f"{phrases.NOT} {phrases.EVERYONE}" if denied else phrases.EVERYONE
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
                words = self._between(node)
                return f"{phrases.NOT} ({words})" if denied else words
        return f"{phrases.NOT} {self.node(node, False)}"

    def _inside(self, part: Node) -> str:
        return f"({self.node(part, False)})" if isinstance(part, And | Or) else self.node(part, False)

    def _compare(self, node: Compare, denied: bool) -> str:
        kind = operand_type(node.left, node.right, node.operator, self.schema)
        row = OPERATORS[node.operator]
        conjunction = phrases.AND if node.operator == "has_all" else phrases.OR
        if isinstance(node.left, Count):
            return self._count(node, denied)
        order = phrases.ORDER.get(kind, phrases.ORDER["number"])
        template = row.denial if denied else row.phrase
        return f"{self._label(node.left)} {template.format(right=phrases.right(node.right, conjunction), **order)}"

    def _between(self, node: Between) -> str:
        kind = operand_type(node.of, node.low, "<=", self.schema)
        low, high, high_open = node.low, node.high, node.high_open
        whole = isinstance(node.of, Count) or (isinstance(node.of, Call) and node.of.function in _WHOLE)
        if whole and high_open and isinstance(high, int) and not node.low_open:
            high, high_open = high - 1, False
        if not node.low_open and not high_open:
            words = phrases.BETWEEN.format(low=phrases.right(low), high=phrases.right(high))
        else:
            order = phrases.ORDER.get(kind, phrases.ORDER["number"])
            words = phrases.HALF_OPEN.format(
                low_word=order["above" if node.low_open else "at_least"],
                low=phrases.right(low),
                high_word=order["below" if high_open else "at_most"],
                high=phrases.right(high),
            )
        if isinstance(node.of, Count):
            return self._happened(node.of, words.removeprefix("is ") + " times")
        return f"{self._label(node.of)} {words}"

    def _count(self, node: Compare, denied: bool) -> str:
        count, right = node.left, node.right
        if not isinstance(count, Count):
            raise TypeError(count)
        never = (node.operator, right) in (("==", 0), ("<", 1), ("<=", 0))
        once = (node.operator, right) in ((">=", 1), (">", 0), ("!=", 0))
        if (never and not denied) or (once and denied):
            return phrases.NEVER_HAPPENED.format(event=self._event(count), window=self._window(count))
        if (once and not denied) or (never and denied):
            return self._happened(count, "").replace("  ", " ")
        row = OPERATORS[node.operator]
        template = (row.denial if denied else row.phrase).removeprefix("is ")
        value = phrases.times(right) if isinstance(right, int | float) else f"{phrases.right(right)} times"
        exactly = "exactly " if node.operator == "==" and not denied else ""
        return self._happened(count, exactly + template.format(right=value, **phrases.ORDER["count"]))

    def _happened(self, count: Count, times: str) -> str:
        words = phrases.HAPPENED.format(event=self._event(count), times=times, window=self._window(count))
        return words.strip()

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
