"""The expression tree: the one truth behind a rule's text, JSON, Python, SQL, sentence and explanation."""

from __future__ import annotations

from typing import Literal

import msgspec

Scope = Literal["user", "session", "event", "context"]


class _Value(msgspec.Struct, frozen=True, tag_field="value"):
    """A right side that plain JSON has no form for."""


class Date(_Value, frozen=True, tag="date"):
    """A calendar day, `YYYY-MM-DD`."""

    day: str


class Datetime(_Value, frozen=True, tag="datetime"):
    """An instant: ISO 8601 with `Z` or an offset."""

    at: str


class Ago(_Value, frozen=True, tag="ago"):
    """The instant that lies a duration before now."""

    duration: str


class Ahead(_Value, frozen=True, tag="ahead"):
    """The instant that lies a duration after now."""

    duration: str


class Today(_Value, frozen=True, tag="today"):
    """The current day in the site's zone."""


Moment = Date | Datetime | Ago | Ahead | Today
Scalar = str | int | float | bool
Literals = tuple[str | int | float, ...]
Right = str | int | float | bool | Date | Datetime | Ago | Ahead | Today | tuple[str | int | float, ...] | None


class _Node(msgspec.Struct, frozen=True, tag_field="node", omit_defaults=True):
    """A part of a tree. Frozen and hashable, so that equal conditions can be found and shared."""


class Field(_Node, frozen=True, tag="field"):
    """A property, by scope and name; nested objects flatten, so `user.shirt.size` has the name `shirt.size`."""

    scope: Scope
    name: str


class Call(_Node, frozen=True, tag="call"):
    """A property seen through a function: `.lower()`, `.age()`, `.size()` …"""

    function: str
    of: Field


class Window(msgspec.Struct, frozen=True, omit_defaults=True):
    """When a behaviour counts. All given parts hold together; none given means ever.

    `within` is a duration (`"7d"`), a span between two (`("60d", "30d")`), or one of today, week, month, session.
    """

    within: str | tuple[str, str] | None = None
    after: Date | Datetime | None = None
    before: Date | Datetime | None = None


class Count(_Node, frozen=True, tag="count"):
    """How many events of a name pass all filters within the window: a number, 0 over nothing."""

    event: str
    where: tuple[Node, ...] = ()
    window: Window = Window()


Operand = Field | Call | Count


class Compare(_Node, frozen=True, tag="compare"):
    """One condition: an operand, an operator (by its text form), and what it is compared with."""

    left: Operand
    operator: str
    right: Right = None


class Between(_Node, frozen=True, tag="between"):
    """A chain, `low <= operand < high`; each end is open or closed."""

    of: Operand
    low: Right
    high: Right
    low_open: bool = False
    high_open: bool = False


class InSegment(_Node, frozen=True, tag="segment"):
    """Membership in another segment, by key."""

    key: str


class And(_Node, frozen=True, tag="and"):
    """All parts hold."""

    of: tuple[Node, ...]


class Or(_Node, frozen=True, tag="or"):
    """At least one part holds."""

    of: tuple[Node, ...]


class Not(_Node, frozen=True, tag="not"):
    """The part does not hold."""

    of: Node


class Everyone(_Node, frozen=True, tag="everyone"):
    """Always true: `True`."""


Node = Compare | Between | InSegment | And | Or | Not | Everyone


def children(node: Node) -> tuple[tuple[str, Node], ...]:
    """Return the parts of a node, each with its path relative to the node: `of/0`, `of`, or `left/where/1`."""
    match node:
        case And(of) | Or(of):
            return tuple((f"of/{at}", part) for at, part in enumerate(of))
        case Not(of):
            return (("of", of),)
        case Compare(Count() as count):
            return tuple((f"left/where/{at}", part) for at, part in enumerate(count.where))
        case Between(Count() as count):
            return tuple((f"of/where/{at}", part) for at, part in enumerate(count.where))
    return ()


def walk(node: Node, filters: bool = True) -> list[Node]:
    """Return a node and everything below it, parents first; without the filters of behaviours if so asked."""
    found: list[Node] = []
    waiting = [node]
    while waiting:
        current = waiting.pop()
        found.append(current)
        if filters or not isinstance(current, Compare | Between):
            waiting.extend(part for _, part in reversed(children(current)))
    return found


def part_at(tree: Node, path: str) -> Node | None:
    """Return the part of a tree at a path such as `/of/1/of`, or None if there is none."""
    node: Node | None = tree
    rest = path.removeprefix("/")
    while rest and node is not None:
        steps = dict(children(node))
        step = next((one for one in steps if rest == one or rest.startswith(f"{one}/")), None)
        node = None if step is None else steps[step]
        rest = rest[len(step or "") :].removeprefix("/")
    return node


def segments_in(node: Node) -> list[str]:
    """Return the keys of the segments that a tree names, in order, each once."""
    return list(dict.fromkeys(part.key for part in walk(node, filters=False) if isinstance(part, InSegment)))


def operand_of(node: Compare | Between) -> Operand:
    """Return what a condition looks at."""
    return node.left if isinstance(node, Compare) else node.of
