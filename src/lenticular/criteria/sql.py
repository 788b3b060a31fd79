"""The ClickHouse face: a tree as one query over `profiles`, a behaviour as `profile_id IN (… GROUP BY … HAVING …)`.

Values are always bound parameters, numbers as Float64. Time is bound too: SQL does no calendar arithmetic but integer
formulas over day numbers (see `calendar.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from lenticular.criteria.sql_conditions import Writer
from lenticular.criteria.sql_sides import Query, Question
from lenticular.criteria.tables import PROFILES
from lenticular.criteria.tree import AnyOf, Between, Compare, Node, behaviour_of, field_of, operand_of, walk
from lenticular.criteria.tree import Sequence as Steps

__all__ = ["Query", "Question", "count_query", "counts_query", "members_query", "reads_session"]


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


def members_query(question: Question, limit: int, after: int = 0) -> Query:
    """Return the query for members in the order of their ids: rows of (id, user id, anonymous ids, first seen)."""
    writer = Writer(question)
    test = f"p.profile_id > {writer.bind(after, 'UInt64')}"
    query = _select(writer, "p.profile_id, p.user_id, p.anonymous_ids, p.first_seen", test)
    return Query(f"{query.sql} ORDER BY p.profile_id LIMIT {int(limit)}", query.parameters)


def _select(writer: Writer, what: str, extra: str = "1") -> Query:
    """Return the query over everyone who belongs to the question's tree."""
    question = writer.question
    test = writer.whole(question.tree)
    at = writer.bind(question.at, "Int64")
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
