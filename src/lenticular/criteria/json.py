"""The JSON form of a tree, for the API and the console."""

from __future__ import annotations

from typing import Any

import msgspec

from lenticular.criteria.limits import check_size
from lenticular.criteria.tree import (
    And,
    AnyOf,
    Behaviour,
    Between,
    Call,
    Compare,
    Node,
    Not,
    Operand,
    Or,
    Organization,
    Sequence,
    Step,
)
from lenticular.errors import Problem, RuleError


def encode(tree: Node) -> bytes:
    """Return the JSON form of a tree; equal trees give equal bytes."""
    return msgspec.json.encode(tree)


def decode(data: bytes | str) -> Node:
    """Read a tree from its JSON form. Raises RuleError with the path of what is wrong."""
    try:
        raw: Any = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise RuleError(Problem("rule.json", f"This is not JSON: {error}.")) from None
    return from_plain(raw)


def from_plain(raw: Any) -> Node:
    """Read a tree from dicts and lists, as `json.loads` gives them. Raises RuleError.

    A group of one part is that part: the text form has no other way to say it.
    """
    try:
        tree: Node = msgspec.convert(raw, Node)
    except (msgspec.ValidationError, RecursionError) as error:
        message, _, path = str(error).partition(" - at `$")
        place = path.rstrip("`").replace("[", "/").replace("]", "").replace(".", "/")
        raise RuleError(Problem("rule.json", f"{message}.", place=place)) from None
    check_size(tree)
    return _without_single_groups(tree, "")


def _without_single_groups(tree: Node, path: str) -> Node:
    match tree:
        case And(of) | Or(of):
            if not of:
                raise RuleError(Problem("rule.group", "This group is empty.", place=path, hint="Add a condition."))
            parts = tuple(_without_single_groups(part, f"{path}/of/{at}") for at, part in enumerate(of))
            return parts[0] if len(parts) == 1 else type(tree)(parts)
        case Not(of):
            return Not(_without_single_groups(of, f"{path}/of"))
        case Compare(left=left):
            return msgspec.structs.replace(tree, left=_operand(left, f"{path}/left"))
        case Between(of=of):
            return msgspec.structs.replace(tree, of=_operand(of, f"{path}/of"))
        case Organization(where):
            return Organization(_filters(where, f"{path}/where"))
        case AnyOf(of, where):
            return AnyOf(of, _without_single_groups(where, f"{path}/where"))
        case Sequence(steps, without):
            mapped = tuple(_step(step, f"{path}/steps/{at}") for at, step in enumerate(steps))
            after = _step(without, f"{path}/without") if without else None
            return msgspec.structs.replace(tree, steps=mapped, without=after)
    return tree


def _operand(operand: Operand, path: str) -> Operand:
    match operand:
        case Behaviour(where=where):
            return msgspec.structs.replace(operand, where=_filters(where, f"{path}/where"))
        case Call(of=Behaviour() as behaviour):
            return msgspec.structs.replace(operand, of=_operand(behaviour, f"{path}/of"))
    return operand


def _step(step: Step, path: str) -> Step:
    return Step(step.event, _filters(step.where, f"{path}/where"))


def _filters(where: tuple[Node, ...], path: str) -> tuple[Node, ...]:
    return tuple(_without_single_groups(part, f"{path}/{at}") for at, part in enumerate(where))
