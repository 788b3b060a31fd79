"""Cases of behaviours, sequences, organizations, consent and interests: what was written down is what all say."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from lenticular.criteria.measures import MEASURES, PERIODS
from lenticular.criteria.sql import Question, members_query
from lenticular.criteria.tree import (
    And,
    Behaviour,
    Between,
    Compare,
    OnList,
    Or,
    Sequence,
    behaviour_of,
    behaviours_in,
    walk,
)
from lenticular.stores.clickhouse.events import ClickHouseEvents
from tests.criteria.conformance import CASES, SCHEMA, Case, read_case
from tests.criteria.conftest import Store
from tests.criteria.reference import Reference
from tests.criteria.rows import batch, event_row, profile_row, session_row

READ = {name: read_case(name) for name in CASES}


def test_the_reference() -> None:
    for name, case in READ.items():
        reference = Reference(case.trees, SCHEMA, case.calendar.zone)
        assert reference.member(case.trees["it"], case.visitor, case.now) is CASES[name][1], name


def test_the_generated_function() -> None:
    for name, case in READ.items():
        segments = case.segments()
        for turned in (False, True):
            found = segments.matching(["it"], case.person(segments, turned), case.now)
            assert ("it" in found) is CASES[name][1], name


def test_clickhouse(store: Store) -> None:
    run, child = store
    run(_clickhouse(ClickHouseEvents(child, "conformance")))


async def _clickhouse(events: ClickHouseEvents) -> None:
    keys = {name: key for key, name in enumerate(READ, start=1)}
    limit = asyncio.Semaphore(4)

    async def ask(names: list[str]) -> dict[str, bool]:
        """Ask for several cases at once, each of the one person who stands on a list of the case's name."""
        case = READ[names[0]]
        tree = Or(tuple(And((OnList(name), READ[name].trees["it"])) for name in names))
        query = members_query(Question(tree, case.trees, SCHEMA, case.calendar, case.now), limit=10_000)
        async with limit:
            members = {row[0] for row in await events.query(query.sql, query.parameters)}
        return {name: keys[name] in members for name in names}

    try:
        await events.open()
        await _insert(events, {keys[name]: (name, case) for name, case in READ.items()})
        found = {name: one for part in await asyncio.gather(*map(ask, _together())) for name, one in part.items()}
    finally:
        await events.close()
    assert found == {name: expected for name, (_, expected) in CASES.items()}


def _together() -> list[list[str]]:
    """Cases of one moment and zone, by twelve; one of consent stands alone, for a rule needs what its parts need."""
    alike: dict[object, list[str]] = defaultdict(list)
    for name, case in READ.items():
        alike[(case.calendar.zone, case.now, name if case.visitor.withheld else "")].append(name)
    return [names[at : at + 12] for names in alike.values() for at in range(0, len(names), 12)]


async def _insert(events: ClickHouseEvents, cases: dict[int, tuple[str, Case]]) -> None:
    rows: dict[str, list[dict[str, object]]] = defaultdict(list)
    for key, (name, case) in cases.items():
        visitor = case.visitor
        organizations = [f"{key}-{at}" for at, _ in enumerate(visitor.organizations)]
        row = profile_row(key, dict(visitor.traits), first_seen=-(2**40))
        belongs = {"organizations": organizations, "lists": [*visitor.lists, name], "withheld": visitor.withheld}
        rows["profiles"].append({**row, **belongs})
        rows["organizations"] += [
            {"organization_id": one, "version": 1, "traits": traits}
            for one, traits in zip(organizations, visitor.organizations, strict=True)
        ]
        rows["sessions"] += [session_row(key, start, dict(values)) for start, values in visitor.sessions]
        for event in case.events:
            rows["events"].append(event_row(len(rows["events"]) + 1, key, event, case.calendar))
    for table, found in rows.items():
        await events.insert(batch(table, found))


def test_every_measure_and_part_has_its_cases() -> None:
    seen: dict[object, set[bool]] = defaultdict(set)
    for name, case in READ.items():
        expected = CASES[name][1]
        for one in behaviours_in(case.trees["it"]):
            if isinstance(one, Behaviour):
                seen[one.measure].add(expected)
                seen[one.every].add(expected)
                seen[one.measure, "filtered"].add(bool(one.where))
            else:
                for part in ("without", "span", "window"):
                    if getattr(one, part):
                        seen[Sequence, part].add(expected)
        for node in walk(case.trees["it"]):
            seen[type(node)].add(expected)
            if isinstance(node, Compare | Between) and (behaviour := behaviour_of(node)):
                seen[behaviour.measure, type(node)].add(expected)
    both = {True, False}
    assert {measure for measure in MEASURES if not seen[measure]} == set()
    assert {period for period in PERIODS if not seen[period]} == set()
    assert all(seen[Sequence, part] == both for part in ("without", "span", "window"))
    assert {node for node in (Sequence, Compare, Between) if seen[node] != both} == set()
