"""The ClickHouse face: a tree as one query over `profiles`, a behaviour as `profile_id IN (… GROUP BY … HAVING …)`.

Values are always bound parameters, numbers as Float64. Time is bound too: SQL does no calendar arithmetic but integer
formulas over day numbers (see `calendar.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from lenticular.criteria.sql_conditions import Writer
from lenticular.criteria.sql_sides import Query, Question
from lenticular.criteria.tables import PROFILES, SEGMENT_MEMBERS, Type
from lenticular.criteria.tree import AnyOf, Between, Compare, Field, Node, behaviour_of, field_of, operand_of, walk
from lenticular.criteria.tree import Sequence as Steps

__all__ = [
    "Query",
    "Question",
    "count_query",
    "counts_query",
    "keep_members_query",
    "members_query",
    "moves_query",
    "overlap_query",
    "reads_session",
    "some_members_query",
    "these_members_query",
]

Shown = tuple[Field, Type]
"""A property to show of each member, in its type."""


def count_query(question: Question) -> Query:
    """Return the query for how many people belong, and how many of them are known: one row of two numbers."""
    return _select(Writer(question), "count(), countIf(p.user_id != '')")


def counts_query(question: Question, trees: Sequence[Node]) -> Query:
    """Return the query for how many people belong to each of several trees, as of one moment.

    One row: everyone, then for each tree all who belong and those of them who are known. `question.tree` says whom
    to look at in the first place.
    """
    writer = Writer(question)
    tests = [writer.whole(tree) for tree in trees]
    counts = "".join(f", countIf({test}), countIf({test} AND p.user_id != '')" for test in tests)
    return _select(writer, f"count(){counts}")


def moves_query(question: Question, pairs: Sequence[tuple[Node, Node]]) -> Query:
    """Return the query for who moves where trees change: for each pair of an old and a new one four numbers.

    One row: who belongs to the old one, who to the new one, who enters, who leaves. Each side asks for the purposes
    that it needs itself.
    """
    writer = Writer(question)
    counts = []
    for old, new in ((writer.whole(old), writer.whole(new)) for old, new in pairs):
        counts += [old, new, f"{new} AND NOT {old}", f"{old} AND NOT {new}"]
    return _select(writer, ", ".join(f"countIf({test})" for test in counts))


def overlap_query(question: Question, trees: Sequence[Node]) -> Query:
    """Return the query for how many people are in each combination of trees: rows (which, how many).

    `which` has a bit for each tree, the first is 1; 0 stands for those in none of them.
    """
    writer = Writer(question)
    bits = " + ".join(f"{1 << at} * toUInt32({writer.whole(tree)})" for at, tree in enumerate(trees))
    query = _select(writer, f"{bits} AS which, count()")
    return Query(f"{query.sql} GROUP BY which ORDER BY which", query.parameters)


def keep_members_query(question: Question, segment: str) -> Query:
    """Return the statement that keeps who belongs, as the members of a segment at the question's moment."""
    writer = Writer(question)
    named = [(segment, "String"), (writer.today, "Int32"), (question.at, "Int64")]
    values = ", ".join(writer.bind(value, kind) for value, kind in named)
    query = _select(writer, f"{values}, countIf(p.user_id != ''), groupBitmapState(p.profile_id)")
    return Query(f"INSERT INTO {SEGMENT_MEMBERS} (segment, day, at, known, members) {query.sql}", query.parameters)


def these_members_query(
    question: Question, ids: Query, limit: int, after: int = 0, shown: Sequence[Shown] = ()
) -> Query:
    """Return the query for those whose ids another one gives, as `members_query` tells of them.

    The other one's parameters must have names of their own.
    """
    writer = Writer(question)
    test = f"p.profile_id > {writer.bind(after, 'UInt64')} AND p.profile_id IN ({ids.sql})"
    query = _select(writer, _member(writer, shown), test)
    sql = f"{query.sql} ORDER BY p.profile_id LIMIT {int(limit)}"
    return Query(sql, {**query.parameters, **ids.parameters})


def members_query(
    question: Question, limit: int, after: int = 0, shown: Sequence[Shown] = (), traits: bool = False
) -> Query:
    """Return the query for members in the order of their ids: (id, user id, anonymous ids, first seen, properties).

    The properties are those `shown`, in their order; None for one that is missing. With `traits` all traits follow,
    as a JSON object by stored key.
    """
    writer = Writer(question)
    test = f"p.profile_id > {writer.bind(after, 'UInt64')}"
    what = _member(writer, shown)
    query = _select(writer, f"{what}, toJSONString(p.traits)" if traits else what, test)
    return Query(f"{query.sql} ORDER BY p.profile_id LIMIT {int(limit)}", query.parameters)


def some_members_query(question: Question, limit: int, seed: int, shown: Sequence[Shown] = ()) -> Query:
    """Return the query for some members: those whom a sample of this seed has first."""
    writer = Writer(question)
    query = _select(writer, _member(writer, shown))
    order = writer.mixed("p.profile_id", seed)
    return Query(f"{query.sql} ORDER BY {order} LIMIT {int(limit)}", writer.parameters)


def _member(writer: Writer, shown: Sequence[Shown]) -> str:
    """Return what is told of a member; the values of JSON objects as its text."""
    values = []
    for field, kind in shown:
        column = writer.column(field, kind)
        value = f"toJSONString({column})" if kind == "objects" else column
        values.append(f"if({writer.known(field, kind)}, {value}, NULL)" if kind == "objects" else value)
    return ", ".join(["p.profile_id", "p.user_id", "p.anonymous_ids", "p.first_seen", *values])


def _select(writer: Writer, what: str, extra: str = "1") -> Query:
    """Return the query over everyone who belongs to the question's tree."""
    question = writer.question
    test = writer.whole(question.tree)
    at = writer.bind(question.at, "Int64")
    extra = f"{extra} AND {writer.chosen('p.profile_id')}" if question.sample else extra
    named = f"WITH {', '.join(writer.named)} " if writer.named else ""
    sql = (
        f"{named}SELECT {what} FROM {PROFILES} AS p FINAL{writer.joins()}"
        f" WHERE p.gone = 0 AND p.first_seen <= {at} AND {extra} AND {test}"
    )
    return Query(sql, writer.parameters)


def reads_session(tree: Node) -> bool:
    """Return whether a tree asks for a property of the session, so that its answer is as of the last visit."""
    return any(_reads_session(part) for part in walk(tree, filters=False))


def _reads_session(part: Node) -> bool:
    match part:
        case Steps(window=window):
            return window.within == "session"
        case AnyOf(of):
            return of.scope == "session"
        case Compare() | Between():
            behaviour, field = behaviour_of(part), field_of(operand_of(part))
            return behaviour.window.within == "session" if behaviour else field is not None and field.scope == "session"
    return False
