"""Differences of rules: which conditions are new, gone, or say something else."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lenticular.catalog.difference.phrases import Phrases
from lenticular.criteria.sentence import phrase
from lenticular.criteria.text import parse
from lenticular.criteria.tree import And, Between, Compare, InSegment, Node, Not, OnList, Or, operand_of
from lenticular.criteria.types import Schema
from lenticular.errors import RuleError

Say = Callable[[Node], str]


def rule_lines(phrases: Phrases, before: str, after: str, schemas: tuple[Schema, Schema]) -> Iterator[str]:
    """Yield what is different between two rules in text form; each is said with the labels of its time."""
    try:
        old = parse(before).tree if before.strip() else None
        new = parse(after).tree if after.strip() else None
    except RuleError:
        yield phrases.say("rule_was_now", before=phrases.value(before), after=phrases.value(after))
        return
    lines = _Rules(phrases, *(_sayer(schema, phrases.language) for schema in schemas))
    if old is None or new is None:
        if new is not None:
            yield phrases.say("rule_new", after=lines.marked(lines.new, new))
        elif old is not None:
            yield phrases.say("rule_gone", before=lines.marked(lines.old, old))
    elif old == new:
        yield phrases.say("rule_same")
    else:
        yield from lines.of(old, new)


def _sayer(schema: Schema, language: str) -> Say:
    return lambda node: phrase(node, schema, language)


class _Rules:
    def __init__(self, phrases: Phrases, old: Say, new: Say) -> None:
        self.phrases, self.old, self.new = phrases, old, new

    def marked(self, say: Say, node: Node) -> str:
        return f"*{say(node)}*"

    def of(self, before: Node, after: Node) -> Iterator[str]:
        """Compare two groups of one kind part by part, anything else as a whole."""
        joint = _joint(before, after)
        if joint is None:
            yield self._whole(before, after)
            return
        gone, come = _parts(before, joint), _parts(after, joint)
        gone, come = [one for one in gone if one not in come], [one for one in come if one not in gone]
        if not gone and not come:  # the same parts in another order
            yield self.phrases.say("rule_same")
            return
        for one in list(gone):
            twin = next((other for other in come if _about(one) == _about(other)), None)
            if twin is not None:
                gone.remove(one)
                come.remove(twin)
                yield from self._pair(one, twin)
        if len(gone) == len(come) == 1 and len(_parts(before, joint)) == 1:
            yield self._whole(gone.pop(), come.pop())
        name = "or" if joint is Or else "and"
        for one in gone:
            yield self.phrases.say(f"rule_{name}_removed", before=self.marked(self.old, one))
        for one in come:
            yield self.phrases.say(f"rule_{name}_added", after=self.marked(self.new, one))

    def _pair(self, before: Node, after: Node) -> Iterator[str]:
        if isinstance(before, And | Or) and type(before) is type(after):
            yield from self.of(before, after)
        else:
            yield self._whole(before, after)

    def _whole(self, before: Node, after: Node) -> str:
        """Return `age was *below 26*, now *below 30*` where both begin alike, else both as they are."""
        old, new = self.old(before).split(" "), self.new(after).split(" ")
        alike = next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
        alike = min(alike, len(old) - 1, len(new) - 1)
        groups = isinstance(before, And | Or) or isinstance(after, And | Or)
        for at in () if groups else range(alike, 0, -1):
            past = self.phrases.pasts.get(old[at - 1])
            if past and at > 1:
                label = " ".join(old[: at - 1])
                rest = (f"*{' '.join(one[at:])}*" for one in (old, new))
                was, now = rest
                return f"{label} {past} {was}, {self.phrases.say('rule_now')} {now}"
        parts = {"before": self.marked(self.old, before), "after": self.marked(self.new, after)}
        return self.phrases.say("rule_was_now", **parts)


def _joint(before: Node, after: Node) -> type[And] | type[Or] | None:
    kinds = {type(one) for one in (before, after) if isinstance(one, And | Or)}
    if len(kinds) > 1:
        return None
    return Or if Or in kinds else And


def _parts(node: Node, joint: type[And] | type[Or]) -> list[Node]:
    return list(node.of) if isinstance(node, joint) else [node]


def _about(node: Node) -> object:
    """Return what a part is about: two parts about one thing are one part that changed."""
    match node:
        case Compare() | Between():
            return operand_of(node)
        case Not(of):
            return _about(of)
        case And() | Or():
            return type(node)
        case InSegment(key) | OnList(key):
            return type(node), key
        case _:
            return type(node)
