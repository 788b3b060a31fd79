"""The JSON form of a tree, for the API and the console."""

from __future__ import annotations

from typing import Any

import msgspec

from lenticular.criteria.limits import check_size
from lenticular.criteria.tree import Node
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
    """Read a tree from dicts and lists, as `json.loads` gives them. Raises RuleError."""
    try:
        tree: Node = msgspec.convert(raw, Node)
    except (msgspec.ValidationError, RecursionError) as error:
        message, _, path = str(error).partition(" - at `$")
        place = path.rstrip("`").replace("[", "/").replace("]", "").replace(".", "/")
        raise RuleError(Problem("rule.json", f"{message}.", place=place)) from None
    check_size(tree)
    return tree
