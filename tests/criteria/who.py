"""Which people belong to each of several rules, by one query."""

from __future__ import annotations

from collections.abc import Mapping

from lenticular.criteria.sql import Question, counts_query
from lenticular.criteria.sql_conditions import Writer
from lenticular.criteria.tree import Node
from lenticular.stores.clickhouse.events import ClickHouseEvents


async def who(events: ClickHouseEvents, question: Question, trees: Mapping[str, Node]) -> dict[str, set[int]]:
    """Return for each tree the profile ids of its members among those of the question's tree.

    It is the query that counts them, with the two counts of each tree turned into one list of ids.
    """
    query, writer = counts_query(question, list(trees.values())), Writer(question)
    sql = query.sql
    for test in map(writer.whole, trees.values()):
        counts = f", countIf({test}), countIf({test} AND p.user_id != '')"
        assert counts in sql
        sql = sql.replace(counts, f", groupArrayIf(p.profile_id, {test})", 1)
    [[_, *found]] = await events.query(sql, query.parameters)
    return {name: set(members) for name, members in zip(trees, found, strict=True)}
