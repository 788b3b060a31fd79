"""Queries of a real PostgreSQL: what its types become, that nothing can be written, and what is said when it fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url

from lenticular.app.row import plain_cell
from lenticular.errors import LenticularError
from lenticular.stores.warehouse.reader import PAGE, QueryReader
from tests.postgres import POSTGRES, READING, schema

pytestmark = pytest.mark.skipif(not POSTGRES, reason="LENTICULAR_TEST_POSTGRES names none")

TYPES: list[tuple[str, Any]] = [
    ("12.50::numeric", 12.5),
    ("1.1::real", 1.1),
    ("'NaN'::numeric", None),
    ("'NaN'::float8", None),
    ("'-Infinity'::float8", "-inf"),
    ("ARRAY[1.5, 'NaN']::float8[]", [1.5, None]),
    ("9007199254740993::bigint", 9007199254740993),
    ("timestamptz '2026-01-31 12:00+02'", "2026-01-31T10:00:00Z"),
    ("timestamp '2026-01-31 12:00:00.5'", "2026-01-31T12:00:00.500000Z"),
    ("date '2026-01-31'", "2026-01-31"),
    ("time '12:30'", "12:30:00"),
    ("interval '1 day 2h'", "1 day, 2:00:00"),
    ("true", True),
    ("NULL::text", None),
    ("ARRAY['a', NULL, 'b']", ["a", None, "b"]),
    ("ARRAY[1, 2]", [1, 2]),
    ("ARRAY[timestamptz '2026-01-31 12:00+00']", ["2026-01-31T12:00:00Z"]),
    ("""'{"shirt": {"size": 5}, "list": [1]}'::jsonb""", {"shirt": {"size": 5}, "list": [1]}),
    ("""'[{"sku": "a"}]'::json""", [{"sku": "a"}]),
    ("'00000000-0000-0000-0000-00000000000a'::uuid", "00000000-0000-0000-0000-00000000000a"),
    ("inet '10.0.0.1'", "10.0.0.1"),
    ("'x'::bytea", "x"),
    ("''::text", ""),
    ("E'caf\\u00e9'", "café"),
]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A schema with a table of 4,500 people, and a sequence."""
    with schema() as made:
        change(
            made,
            "CREATE TABLE people AS SELECT n AS id, 'p' || n AS name, timestamptz '2026-01-01 00:00+00'"
            " + n * interval '1 min' AS at, date '2026-01-01' + n / 1000 AS day FROM generate_series(0, 4499) n",
            "CREATE SEQUENCE numbers",
            "CREATE FUNCTION writes() RETURNS void LANGUAGE sql AS 'INSERT INTO people (id) VALUES (1)'",
        )
        yield made


def change(url: str, *statements: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for each in statements:
            connection.exec_driver_sql(each)
    engine.dispose()


def read(url: str, query: str, since: object = None, timeout: float = 60) -> list[dict[str, Any]]:
    return [row for page in QueryReader(url, query, since, timeout, {"SECRET": "hunter2"}).pages() for row in page]


def refusal(url: str, query: str, timeout: float = 60) -> str:
    with pytest.raises(LenticularError) as caught:
        read(url, query, None, timeout)
    [problem] = caught.value.problems
    assert problem.code == "source.database"
    return f"{problem.message} {problem.hint}"


def test_types_become_what_json_has(url: str) -> None:
    listed = ", ".join(f"{form} AS c{at}" for at, (form, _) in enumerate(TYPES))
    [row] = read(url, f"SELECT {listed}")
    assert [plain_cell(row[f"c{at}"]) for at in range(len(TYPES))] == [expected for _, expected in TYPES]


def test_rows_come_in_pages_from_a_cursor(url: str) -> None:
    """The server keeps what was not asked for: the statement is a FETCH, and goes no further than it must."""
    pages = QueryReader(url, "SELECT id FROM people", None, 60, {}).pages()
    first = next(pages)
    engine = create_engine(url)
    with engine.connect() as connection:
        [(asked, state)] = connection.exec_driver_sql(f"SELECT query, state {READING}").fetchall()
    engine.dispose()
    assert asked.startswith("FETCH FORWARD") and state == "idle in transaction" and len(first) == PAGE
    assert [len(page) for page in pages] == [PAGE, 500]


@pytest.mark.parametrize(
    ("query", "since", "count"),
    [
        ("SELECT id FROM people WHERE id >= :since", 4_400, 100),
        ("SELECT id FROM people WHERE id >= :since", 4_400.0, 100),
        ("SELECT id FROM people WHERE at >= :since", "2026-01-04T02:00:00+00:00", 60),
        ("SELECT id FROM people WHERE day >= :since", "2026-01-05", 500),
        ("SELECT id FROM people WHERE at >= :since", "2026-01-04", 180),
        ("SELECT id FROM people WHERE name LIKE 'p44%' AND id % 10 = 0 AND ':since' <> ''", None, 11),
    ],
)
def test_a_watermark_has_the_type_of_its_column(url: str, query: str, since: object, count: int) -> None:
    assert len(read(url, query, since)) == count


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("INSERT INTO people VALUES (1)", 'syntax error at or near "INSERT"'),
        (
            "WITH x AS (INSERT INTO people VALUES (1) RETURNING id) SELECT id FROM x",
            "data-modifying statements in WITH",
        ),
        ("SELECT writes()", "cannot execute INSERT in a read-only transaction"),
        ("SELECT nextval('numbers')", "cannot execute nextval() in a read-only transaction"),
        ("SELECT set_config('transaction_read_only', 'off', false)", "read-write mode must be set before any query"),
        ("SELECT nope FROM people", 'column "nope" does not exist'),
        ("SELECT hunter2 FROM people", 'column "${SECRET}" does not exist'),
        ("SELECT 1 / (id - 3000) FROM people ORDER BY id", "division by zero"),
        ("SELECT timestamptz 'infinity' AS at", "NULLIF"),
        ("SELECT date '0044-03-15 BC' AS at", "NULLIF"),
    ],
)
def test_what_can_t_be_read_is_said(url: str, query: str, says: str) -> None:
    assert says in refusal(url, query)
    assert len(read(url, "SELECT id FROM people")) == 4_500, "nothing was changed, nothing is held"


def test_a_statement_has_its_time(url: str) -> None:
    assert "statement timeout" in refusal(url, "SELECT pg_sleep(60)", timeout=0.2)


def test_a_database_that_can_t_be_had_is_said(url: str) -> None:
    parsed = make_url(url)
    for other, says in (
        (parsed.set(port=1), "Connection refused"),
        (parsed.set(database="nowhere"), 'database "nowhere" does not exist'),
        (parsed.set(username="nobody"), 'role "nobody" does not exist'),
    ):
        assert says in refusal(other.render_as_string(hide_password=False), "SELECT 1")


def test_a_wrong_password_is_said_and_not_told(url: str) -> None:
    change(url, "DROP ROLE IF EXISTS lenticular_reader", "CREATE ROLE lenticular_reader LOGIN PASSWORD 'right'")
    try:
        own = make_url(url).set(username="lenticular_reader", password="hunter2").render_as_string(hide_password=False)
        try:
            read(own, "SELECT 1")
        except LenticularError as error:
            said = str(error)
        else:
            pytest.skip("this PostgreSQL asks for no password")
        assert "password authentication failed" in said and "hunter2" not in said
        assert "permission denied" in refusal(own.replace("hunter2", "right"), "SELECT rolpassword FROM pg_authid")
    finally:
        change(url, "DROP ROLE lenticular_reader")


def test_a_database_that_goes_away_in_the_middle_is_said(url: str) -> None:
    pages = QueryReader(url, "SELECT id FROM people", None, 60, {}).pages()
    assert len(next(pages)) == PAGE
    change(url, f"SELECT pg_terminate_backend(pid) {READING}")
    with pytest.raises(LenticularError, match="The database says"):
        list(pages)


def test_who_waits_for_it_can_have_it_stopped(url: str) -> None:
    reader = QueryReader(url, "SELECT id, pg_sleep(60) FROM people", None, 600, {})
    said = list[str]()

    def wait() -> None:
        try:
            list(reader.pages())
        except LenticularError as error:
            said.append(str(error))

    waiting = threading.Thread(target=wait)
    waiting.start()
    while waiting.is_alive():
        reader.stop()
        waiting.join(0.1)
    assert said and "canceling statement due to user request" in said[0]
