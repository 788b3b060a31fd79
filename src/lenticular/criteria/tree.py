"""The expression tree: the one truth behind a rule's text, JSON, Python, SQL, sentence and explanation."""

from __future__ import annotations

from typing import Literal

import msgspec

Scope = Literal["user", "session", "organization", "event", "context", "element"]
"""Whose property it is; `element` is one object of a list of objects."""


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


class Window(msgspec.Struct, frozen=True, omit_defaults=True):
    """When a behaviour counts. All given parts hold together; none given means ever.

    `within` is a duration (`"7d"`), a span between two (`("60d", "30d")`), or one of today, week, month, session.
    """

    within: str | tuple[str, str] | None = None
    after: Date | Datetime | None = None
    before: Date | Datetime | None = None


class Behaviour(_Node, frozen=True, tag="behaviour"):
    """What someone did, measured: over the events of a name that pass all filters within the window.

    `measure` is a row of `measures.MEASURES`; `field` is what sum, avg, min, max, distinct, first_value and
    last_value look at (events that lack it are left out), `every` the calendar period that periods counts.
    """

    measure: str
    event: str
    field: Field | None = None
    where: tuple[Node, ...] = ()
    window: Window = Window()
    every: str | None = None


class Call(_Node, frozen=True, tag="call"):
    """A property, or what a behaviour gives, seen through a function: `.lower()`, `.age()`, `.size()` …"""

    function: str
    of: Field | Behaviour


Operand = Field | Call | Behaviour


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


class OnList(_Node, frozen=True, tag="on_list"):
    """A place on the static list of a segment, by key: members that somebody named, beside criteria."""

    key: str


class Organization(_Node, frozen=True, tag="organization"):
    """One same organization that the person belongs to satisfies all of it."""

    where: tuple[Node, ...]


class AnyOf(_Node, frozen=True, tag="any"):
    """One same object of a list of objects satisfies the condition."""

    of: Field
    where: Node


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One event of a sequence, by name and filters."""

    event: str
    where: tuple[Node, ...] = ()


class Sequence(_Node, frozen=True, tag="sequence"):
    """Steps that happened one after the other, others may lie between.

    Each step is strictly later than the one before; `span` limits first to last (inclusive), the window bounds the
    steps; `without` means no such event after the last step up to now.
    """

    steps: tuple[Step, ...]
    without: Step | None = None
    span: str | None = None
    window: Window = Window()


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


Node = Compare | Between | InSegment | OnList | Organization | AnyOf | Sequence | And | Or | Not | Everyone


def children(node: Node) -> tuple[tuple[str, Node], ...]:
    """Return the parts of a node, each with its path relative to the node: `of/0`, `of`, or `left/where/1`."""
    match node:
        case And(of) | Or(of):
            return _numbered("of", of)
        case Not(of):
            return (("of", of),)
        case Organization(where):
            return _numbered("where", where)
        case AnyOf(_, inner):
            return (("where", inner),)
        case Sequence(steps, without):
            found = [part for at, step in enumerate(steps) for part in _numbered(f"steps/{at}/where", step.where)]
            return (*found, *(_numbered("without/where", without.where) if without else ()))
        case Compare() | Between():
            behaviour, path = behaviour_of(node), "left" if isinstance(node, Compare) else "of"
            path += "/of" if isinstance(operand_of(node), Call) else ""
            return _numbered(f"{path}/where", behaviour.where) if behaviour else ()
    return ()


def _numbered(path: str, parts: tuple[Node, ...]) -> tuple[tuple[str, Node], ...]:
    return tuple((f"{path}/{at}", part) for at, part in enumerate(parts))


def walk(node: Node, filters: bool = True) -> list[Node]:
    """Return a node and everything below it, parents first.

    Without `filters`, what behaviours, organizations and objects are asked for is left out.
    """
    found: list[Node] = []
    waiting = [node]
    while waiting:
        current = waiting.pop()
        found.append(current)
        if filters or isinstance(current, And | Or | Not):
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


def behaviours_in(node: Node) -> list[Behaviour | Sequence]:
    """Return the behaviours that a tree asks for, in order, each once."""
    found = (
        part if isinstance(part, Sequence) else behaviour_of(part) if isinstance(part, Compare | Between) else None
        for part in walk(node, filters=False)
    )
    return list(dict.fromkeys(one for one in found if one is not None))


def operand_of(node: Compare | Between) -> Operand:
    """Return what a condition looks at."""
    return node.left if isinstance(node, Compare) else node.of


def behaviour_of(node: Compare | Between) -> Behaviour | None:
    """Return the behaviour that a condition looks at, also through a function."""
    operand = operand_of(node)
    source = operand.of if isinstance(operand, Call) else operand
    return source if isinstance(source, Behaviour) else None


def field_of(operand: Operand) -> Field | None:
    """Return the property that an operand looks at, also through a function; None for a behaviour."""
    source = operand.of if isinstance(operand, Call) else operand
    return source if isinstance(source, Field) else None
