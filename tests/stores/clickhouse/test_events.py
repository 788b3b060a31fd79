"""The events port: rows go in once and come out typed as they were written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import pytest

from lenticular.errors import EventsUnavailableError, LenticularError
from lenticular.ports import Batch
from lenticular.stores.clickhouse.connection import Connection
from lenticular.stores.clickhouse.events import ClickHouseEvents
from lenticular.stores.clickhouse.migrate import steps
from lenticular.stores.clickhouse.supervisor import ClickHouseChild
from tests.stores.clickhouse.rows import START, WEEK, batch_of, event_row, stream_batch_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

COUNT = "SELECT count(), countDistinct(seq) FROM events"


async def test_opening_again_changes_nothing(events: ClickHouseEvents) -> None:
    await events.insert(batch_of([event_row(1)]))
    await events.open()
    assert await events.query(COUNT, {}) == [(1, 1)]
    [(applied,)] = await events.query("SELECT count() FROM migrations", {})
    assert applied == len(steps()) >= 1
    assert [step.number for step in steps()] == list(range(1, applied + 1))


async def test_a_batch_counts_once(events: ClickHouseEvents) -> None:
    batch = batch_of(event_row(seq) for seq in range(1, 1001))
    for _ in range(3):
        await events.insert(batch)
    await events.insert(batch_of([event_row(1001)]))
    assert await events.query(COUNT, {}) == [(1001, 1001)]


async def test_an_import_may_span_more_weeks_than_an_insert_usually_may(events: ClickHouseEvents) -> None:
    batch = batch_of(event_row(seq, time=START - seq * WEEK) for seq in range(1, 301))
    for _ in range(2):
        await events.insert(batch)
    assert await events.query(COUNT, {}) == [(300, 300)]


async def test_a_second_store_of_the_site_sends_nothing_twice(
    events: ClickHouseEvents, child: ClickHouseChild, request: pytest.FixtureRequest
) -> None:
    await events.insert(batch_of(event_row(seq) for seq in range(1, 51)))
    other = ClickHouseEvents(child, f"site_{request.node.name}")
    # Cut otherwise, so that its token is another one: what is there is seen by its rows.
    await other.insert(batch_of(event_row(seq) for seq in range(26, 101)))
    await other.close()
    assert await events.query(COUNT, {}) == [(100, 100)]


REFUSED = [
    ("not JSON", b"nonsense"),
    ("cut short", b'{"seq": 9, "profile_id": 1'),
    ("no number", b'{"seq": "x", "profile_id": 1}'),
    ("no profile", b'{"seq": 9}'),
    ("a column that is none", b'{"seq": 9, "profile_id": 1, "colour": 1}'),
    ("a time that is none", b'{"seq": 9, "profile_id": 1, "time": "noon"}'),
    ("a number too large", b'{"seq": 9, "profile_id": 1, "properties": {"n_a": 1e400}}'),
    ("half a surrogate", b'{"seq": 9, "profile_id": 1, "properties": {"t_a": "\\ud800"}}'),
]


async def test_a_refused_row_is_said_and_its_batch_writes_nothing(events: ClickHouseEvents) -> None:
    good = msgspec.json.encode(event_row(8))
    for what, line in REFUSED:
        # The first batch after a start is read here already, the next is read by ClickHouse alone.
        for fresh in (events, events):
            with pytest.raises(LenticularError) as caught:
                await fresh.insert(Batch("events", 8, 9, 2, good + b"\n" + line))
            assert not isinstance(caught.value, EventsUnavailableError), what
            assert caught.value.problems[0].code == "row-refused", what
            assert caught.value.problems[0].place == "events:8-9"
    assert await events.query(COUNT, {}) == [(0, 0)]
    await events.insert(Batch("events", 8, 8, 1, good))
    assert await events.query(COUNT, {}) == [(1, 1)]


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT nothing FROM events", "query-refused"),
        ("SELECT * FROM nowhere", "query-refused"),
        ("SELECT (", "query-refused"),
        ("SELECT length(groupArray(number)) FROM numbers(1000000000)", "query-too-large"),
    ],
)
async def test_a_question_that_fails_says_why(events: ClickHouseEvents, sql: str, code: str) -> None:
    with pytest.raises(LenticularError) as caught:
        await events.query(sql, {})
    assert not isinstance(caught.value, EventsUnavailableError)
    assert caught.value.problems[0].code == code
    assert "127.0.0.1" not in str(caught.value)


async def test_tables_of_one_site_are_written_side_by_side(events: ClickHouseEvents) -> None:
    profile = {
        "profile_id": "7",
        "version": 1,
        "user_id": "u",
        "anonymous_ids": ["a", "b'"],
        "first_seen": START,
        "traits": {"n_balance": 5.0},
        "gone": 0,
    }
    session = {
        "profile_id": 7,
        "session_id": 2**64 - 1,
        "start": START,
        "last": START + 5,
        "number": 1,
        "properties": {"t_utm~2Esource": "x"},
        "version": 2,
    }
    merge = {"loser": 8, "survivor": 7, "version": 3}
    await asyncio.gather(
        events.insert(batch_of([profile], "profiles", 1, 1)),
        events.insert(batch_of([session], "sessions", 1, 1)),
        events.insert(batch_of([merge], "merges", 1, 1)),
        events.insert(batch_of([event_row(1)])),
    )
    newer = {**profile, "version": 2, "traits": {"n_balance": 6.0}}
    await events.insert(batch_of([newer], "profiles", 2, 2))
    assert await events.query(
        "SELECT profile_id, anonymous_ids, traits.n_balance.:Float64, "
        "(SELECT session_id FROM sessions FINAL WHERE properties.`t_utm~2Esource`.:String = 'x'), "
        "(SELECT survivor FROM merges FINAL WHERE loser = 8) FROM profiles FINAL",
        {},
    ) == [(7, ["a", "b'"], 6.0, 2**64 - 1, 7)]
    [(name, time)] = await events.query("SELECT name, time FROM events_view", {})
    assert (name, int(time.timestamp() * 1000)) == ("Product Viewed", START + 1000)


TYPED: list[tuple[Any, str]] = [
    *((number, "Float64") for number in (5.0, 0.0, -0.0, 1e15, 1e16, 1e22, 1e23, 1e-5, 1e-7, 123456789.123456789)),
    *((number, "Float64") for number in (1e300, 5e-324, 1.7976931348623157e308, 9e12, 123456789012345680.0)),
    *((number, "Int64") for number in (0, 5, -1, 20484, 2**63 - 1, -(2**63))),
    *((truth, "Bool") for truth in (True, False)),
    *((text, "String") for text in ("", "5", "5.0", "1e5", "NaN", "true", "null", "[1,2]", '{"a":1}', "127.0.0.1")),
    *((text, "String") for text in ("2026-01-31", "2026-01-31T12:00:00Z", "2026-01-31 12:00:00", "é漢😀", "\u2028")),
    *((text, "String") for text in ("a\x00b", "\x1f", "a'b", "a\\b", "x" * 30000)),
    *((texts, "Array(Nullable(String))") for texts in (["a"], [], ["1", "2"], ["2026-01-31"], ["", "a\x00b", "'"])),
]


@pytest.mark.parametrize("form", [batch_of, stream_batch_of])
async def test_values_keep_their_type_and_every_bit(
    events: ClickHouseEvents, form: Callable[[Iterable[dict[str, Any]]], Batch]
) -> None:
    rows = (event_row(seq, properties={"key": value}) for seq, (value, _) in enumerate(TYPED, 1))
    await events.insert(form(rows))
    kinds = await events.query("SELECT dynamicType(properties.key) FROM events ORDER BY seq", {})
    assert [kind for (kind,) in kinds] == [kind for _, kind in TYPED]
    for kind in dict.fromkeys(kind for _, kind in TYPED):
        written = [value for value, of in TYPED if of == kind]
        read = await events.query(
            f"SELECT properties.key.:`{kind}` FROM events "
            "WHERE dynamicType(properties.key) = {kind:String} ORDER BY seq",
            {"kind": kind},
        )
        # repr tells -0.0 from 0.0 and 5 from 5.0.
        assert [repr(value) for (value,) in read] == [repr(value) for value in written]


async def test_what_is_missing_and_what_lies_in_lists(events: ClickHouseEvents) -> None:
    objects = [{"t_sku": "a", "n_price": 5.0}, {"t_sku": "b'", "l_tags": ["x"]}]
    await events.insert(
        batch_of(
            [
                event_row(1, properties={"l_tags": [], "t_none": None}),
                event_row(2, properties={"o_products": objects}),
                event_row(3, properties={"l_tags": ["x"]}),
            ]
        )
    )
    assert await events.query(
        "SELECT properties.l_tags.:`Array(Nullable(String))`, properties.l_tags IS NULL, "
        "properties.n_price.:Float64, properties.t_none IS NULL FROM events ORDER BY seq",
        {},
    ) == [([], 0, None, 1), ([], 1, None, 1), (["x"], 0, None, 1)]
    assert await events.query(
        "SELECT arrayMap(o -> (o.t_sku.:String, o.n_price.:Float64), properties.o_products.:`Array(JSON)`) "
        "FROM events WHERE seq = 2",
        {},
    ) == [([("a", 5.0), ("b'", None)],)]


async def test_more_paths_than_columns(events: ClickHouseEvents) -> None:
    names = [f"n_p{number}" for number in range(1500)]
    await events.insert(batch_of([event_row(1, properties={name: float(at) for at, name in enumerate(names)})]))
    await events.insert(batch_of([event_row(2, properties={"t_after": "x"})]))
    await events.query("SELECT 1", {})
    some = [0, 700, 1023, 1024, 1025, 1499]
    columns = ", ".join(f"properties.n_p{at}.:Float64" for at in some)
    assert await events.query(f"SELECT {columns} FROM events WHERE seq = 1", {}) == [tuple(map(float, some))]
    assert await events.query("SELECT seq FROM events WHERE properties.t_after.:String = 'x'", {}) == [(2,)]


async def test_a_proxy_for_the_outside_world_is_not_used(
    child: ClickHouseChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    connection = Connection(child, "default")
    assert (await (await connection.client()).query("SELECT 1")).result_rows[0][0] == 1
    await connection.close()
