"""Families of rules of which none means what another one means, though they are easily said alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

from lenticular.criteria.measures import MEASURES, PERIODS
from lenticular.criteria.operators import OPERATORS
from lenticular.criteria.tables import Type
from lenticular.criteria.tree import (
    Ago,
    Ahead,
    And,
    AnyOf,
    Behaviour,
    Between,
    Call,
    Compare,
    Date,
    Datetime,
    Field,
    InSegment,
    Node,
    Not,
    OnList,
    Or,
    Organization,
    Right,
    Sequence,
    Step,
    Today,
    Window,
)
from lenticular.criteria.types import FUNCTIONS

FIELDS: dict[Type, Field] = {
    "text": Field("user", "plan"),
    "number": Field("user", "total_balance"),
    "boolean": Field("user", "open"),
    "date": Field("user", "birth_date"),
    "datetime": Field("user", "since"),
    "list": Field("user", "tags"),
    "objects": Field("user", "orders"),
}
RIGHTS: dict[Type, tuple[Right, ...]] = {
    "text": ("a", "b", "a or b", "a, b", "not a", "", " a", "unknown", "a.", "ano y medio"),
    "number": (2, 3, 3.5, -3, 0.1, 0.1000000001, 1e6, 1e15 + 0.125, 1e300),
    "boolean": (True, False),
    "date": (Date("2026-01-31"), Date("2026-02-01"), Today(), Ago("7d"), Ago("1w"), Ahead("7d"), Ago("7mo")),
    "datetime": (
        *(Datetime("2026-01-31T12:00Z"), Datetime("2026-01-31T12:00:30Z"), Datetime("2026-01-31T12:00:30.5Z")),
        *(Datetime("2026-01-31T12:00+01:00"), Date("2026-01-31"), Today(), Ago("1h"), Ahead("1h"), Ahead("1y")),
    ),
    "list": ("a", "b", "a or b"),
    "objects": (),
}
MANY: dict[Type, tuple[Right, ...]] = {
    "text": (("a", "b"), ("b", "a"), ("a", "b", "c")),
    "number": ((2, 3), (23,), (3, 4, 5)),
    "list": (("a", "b"), ("a or b", "c")),
}
WINDOWS = (
    *(Window(), Window("1d"), Window("24h"), Window("7d"), Window("1mo"), Window("1m"), Window("12y")),
    *(Window(("60d", "30d")), Window(("7d", "1h")), *(Window(name) for name in ("today", "week", "month", "session"))),
    *(Window(after=Date("2026-01-01")), Window(before=Date("2026-01-01")), Window(after=Datetime("2026-01-01T00:00Z"))),
    Window("7d", after=Date("2026-01-01")),
    Window("7d", after=Date("2026-01-01"), before=Date("2026-02-01")),
)


def conditions() -> Iterator[Node]:
    """Every operator on every type that it takes, with right sides that are easily taken for each other."""
    for row in OPERATORS.values():
        for kind in sorted(row.takes):
            rights = {"none": (None,), "one": RIGHTS[kind], "many": MANY.get(kind, ())}[row.right]
            if row.name == "matches":
                rights = ("a", "a b", "^a.*b$", "a.")
            yield from (Compare(FIELDS[kind], row.name, right) for right in rights if not row.negates)
            if row.name in ("<", "<=", ">", ">="):
                yield from (Not(Compare(FIELDS[kind], row.name, right)) for right in rights)


def chains() -> Iterator[Node]:
    """Chains of which none means what another one means."""
    for low, high in product((False, True), repeat=2):
        yield Between(FIELDS["number"], 2, 5, low, high)
        yield Not(Between(FIELDS["number"], 2, 5, low, high))
        yield Between(FIELDS["date"], Date("2026-01-01"), Today(), low, high)
        yield Between(FIELDS["datetime"], Ago("7d"), Ahead("7d"), low, high)
        yield Between(Behaviour("sum", "A", Field("event", "price")), 2, 5, low, high)
        yield Between(Behaviour("sum", "B", Field("event", "price")), 2.5, 5, low, high)
    for first, last in product((0, 1, 2), (3, 4)):
        yield Between(Behaviour("count", "A"), first, last)
        yield Not(Between(Behaviour("count", "A"), first, last))
        yield Between(Behaviour("periods", "A", every="1w"), first, last)
        yield Between(Call("age", FIELDS["date"]), first, last)


def functions() -> Iterator[Node]:
    """Every function of every type that it takes, on a property and on what a behaviour gives."""
    for name, (takes, gives) in FUNCTIONS.items():
        rights = RIGHTS["number"] if gives == "number" else ("mon", "tue") if name == "weekday" else RIGHTS["text"]
        for kind in sorted(takes):
            yield from (Compare(Call(name, FIELDS[kind]), "==", right) for right in rights)
    for name in ("hour", "weekday", "month", "day", "age", "days_until_anniversary"):
        yield from (Compare(Call(name, Behaviour(row, "A")), "==", 2) for row in ("first_time", "last_time"))


def behaviours() -> Iterator[Node]:
    """Every measure, window and event, and how often."""
    price, at = Field("event", "price"), Field("event", "at")
    filters: tuple[tuple[Node, ...], ...] = ((), (Compare(price, ">", 5),), (Not(Compare(price, ">", 5)),))
    for row in MEASURES.values():
        right: Right = Ago("7d") if row.gives == "datetime" else 2
        field = price if row.takes else None
        for event, where, window in product("AB", filters, WINDOWS):
            one = Behaviour(row.name, event, field, where, window, "1d" if row.name == "periods" else None)
            yield Compare(one, ">=", right)
        one = Behaviour(row.name, "A", field, every="1d" if row.name == "periods" else None)
        yield from (Compare(one, name, right) for name in ("==", "!=", "<", "<=", ">"))
        if not row.counts:
            yield from (Compare(one, name) for name in ("is None", "is not None"))
        if row.gives is None:
            yield Compare(Behaviour(row.name, "A", at), ">=", Ago("7d"))
    for every, operator in product(PERIODS, ("==", "!=", "<", "<=", ">", ">=")):
        yield Compare(Behaviour("periods", "C", every=every), operator, 3)
        yield Not(Compare(Behaviour("periods", "C", every=every), ">=", 1))


def sequences() -> Iterator[Node]:
    """Steps, what must not follow, spans and windows."""
    one, two, three = Step("A"), Step("B"), Step("C", (Compare(Field("event", "price"), ">", 5),))
    for steps in ((one, two), (two, one), (one, two, three), (one, three)):
        for without, span, window in product((None, one, three), (None, "1h", "60m"), WINDOWS[:4]):
            yield Sequence(steps, without, span, window)
            yield Not(Sequence(steps, without, span, window))


def groups() -> Iterator[Node]:
    """Groups in groups that would read alike without brackets."""
    inner = Field("organization", "plan"), Field("element", "plan")
    a, b, c = (Compare(Field("user", "plan"), "==", name) for name in "abc")
    joints: tuple[Callable[[tuple[Node, ...]], Node], ...] = (And, Or)
    for first, last in product(joints, repeat=2):
        yield first((a, b, c))
        yield Not(first((a, b, c)))
        yield first((Not(a), b, c))
        yield from (first((a, last((b, c)))), first((last((a, b)), c)), first((a, Not(last((b, c))))))
        for field in inner:
            x, y = (Compare(field, "==", name) for name in "bc")
            for where in (x, last((x, y))):
                some = Organization((where,)) if field.scope == "organization" else AnyOf(FIELDS["objects"], where)
                yield from (first((a, some)), first((some, c)), first((a, Not(some))), first((a, some, c)))
    yield from (InSegment("a"), OnList("a"), Not(InSegment("a")), Not(OnList("a")), InSegment("b and c"))


FAMILIES = (conditions, chains, functions, behaviours, sequences, groups)
