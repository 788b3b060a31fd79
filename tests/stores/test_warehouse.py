"""Queries of other people's databases: what is refused, and that reading changes nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from lenticular.errors import LenticularError
from lenticular.stores.warehouse.reader import PAGE, QueryReader, problem_of_url
from lenticular.stores.warehouse.statement import asks_since, escaped, wrong_with


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1",
        "  -- who\n select id from people;",
        "WITH x AS (SELECT 1) SELECT * FROM x",
        "SELECT '; DROP TABLE x', \"update\" FROM x /* ; delete */",
        "SELECT a::text FROM x WHERE at > :since",
        "SELECT '12:30 :noon' FROM x",
        "SELECT deleted, created_at FROM x",
        "SELECT $$ insert into $$",
    ],
)
def test_a_query_that_reads(query: str) -> None:
    assert wrong_with(query) == ""


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("", "SELECT or WITH"),
        ("DELETE FROM x", "SELECT or WITH"),
        ("PRAGMA user_version = 5", "SELECT or WITH"),
        ("SELECT 1; SELECT 2", "several"),
        ("SELECT 1; DROP TABLE x --", "several"),
        ("WITH gone AS (DELETE FROM x RETURNING *) SELECT * FROM gone", "DELETE"),
        ("SELECT * INTO y FROM x", "INTO"),
        ("SELECT * FROM x FOR UPDATE", "UPDATE"),
        ("SELECT * FROM x WHERE at > :before", ":before"),
    ],
)
def test_a_query_that_is_not_one_select(query: str, says: str) -> None:
    assert says in wrong_with(query)


def test_since_is_a_parameter_outside_of_texts_only() -> None:
    assert asks_since("SELECT 1 WHERE a > :since") and not asks_since("SELECT ':since'")
    assert escaped("SELECT ':since', a WHERE b > :since") == r"SELECT '\:since', a WHERE b > :since"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "no URL"),
        ("postgresql+psycopg://reader:secret@host/db", "password"),
        ("snowflake://u@host/db?token=abc", "password"),
        ("postgresql+psycopg://reader:${PASSWORD}@host/db", ""),
        ("sqlite:///people.db", ""),
    ],
)
def test_a_url_keeps_no_password(url: str, says: str) -> None:
    found = problem_of_url(url)[0]
    assert says in found if says else not found


@pytest.fixture
def database(tmp_path: Path) -> str:
    path = tmp_path / "people.db"
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE people (id INTEGER, at TEXT)")
        file.executemany("INSERT INTO people VALUES (?, ?)", [(at, f"2026-01-{at % 28 + 1:02}") for at in range(5_000)])
    file.close()
    return f"sqlite:///{path}"


def read(url: str, query: str, since: object = None) -> list[dict[str, object]]:
    return [row for page in QueryReader(url, query, since, 60, {"SECRET": "hunter2"}).pages() for row in page]


def test_rows_come_in_pages(database: str) -> None:
    pages = list(QueryReader(database, "SELECT id, at FROM people ORDER BY id", None, 60, {}).pages())
    assert [len(page) for page in pages] == [PAGE, PAGE, 1_000]
    assert pages[0][0] == {"id": 0, "at": "2026-01-01"}
    rows = read(database, "SELECT id, ':x' AS text FROM people WHERE at > :since", "2026-01-27")
    assert len(rows) == 178 and rows[0]["text"] == ":x"


@pytest.mark.parametrize(
    ("url", "query", "says"),
    [
        ("sqlite:///{folder}/nothing.db", "SELECT 1", "no such file"),
        ("{database}", "SELECT hunter2 FROM people", "no such column: ${SECRET}"),
        ("{database}", "INSERT INTO people VALUES (1, '')", "readonly"),
        ("nosuchdb://x", "SELECT 1", "nosuchdb"),
        ("mysql+pymysql://reader:hunter2@127.0.0.1/x", "SELECT 1", "The driver pymysql is not installed."),
    ],
)
def test_what_goes_wrong_is_said_without_secrets(
    tmp_path: Path, database: str, url: str, query: str, says: str
) -> None:
    with pytest.raises(LenticularError) as caught:
        read(url.format(folder=tmp_path, database=database), query)
    assert says.lower() in str(caught.value).lower()
    assert "hunter2" not in str(caught.value)
