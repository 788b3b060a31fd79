"""The child speaks ClickHouse's HTTP dialect: what the async client and a plain HTTP client see."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from clickhouse_connect.driver.asyncclient import AsyncClient
from clickhouse_connect.driver.exceptions import DatabaseError

from lenticular.stores.clickhouse.supervisor import ClickHouseChild

pytestmark = pytest.mark.asyncio(loop_scope="session")

ENDLESS = "SELECT count() FROM numbers_mt(1000000000000) WHERE sipHash64(number) = 1"


@pytest_asyncio.fixture(loop_scope="session")
async def http(child: ClickHouseChild) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"X-ClickHouse-User": "default", "X-ClickHouse-Key": child.token}
    async with httpx.AsyncClient(base_url=child.url, headers=headers, timeout=30, trust_env=False) as made:
        yield made


async def test_answers_in_the_format_asked_for(http: httpx.AsyncClient) -> None:
    plain = await http.get("/", params={"query": "SELECT number, 'a\tb' FROM numbers(2)"})
    assert plain.text == "0\ta\\tb\n1\ta\\tb\n"
    assert plain.headers["x-clickhouse-format"] == "TabSeparated"
    lines = await http.post("/", content="SELECT 1 AS a FORMAT JSONEachRow")
    assert lines.text == '{"a":1}\n'
    assert lines.headers["content-type"].startswith("application/x-ndjson")
    chosen = await http.post("/?default_format=CSV", content="SELECT 'a', 2")
    assert chosen.text == '"a",2\n'


async def test_a_query_in_the_url_goes_before_the_body(http: httpx.AsyncClient) -> None:
    answer = await http.post("/", params={"query": "SELECT 1 +"}, content="2")
    assert answer.text == "3\n"
    await http.post("/", content="CREATE TABLE default.url_insert (a Int32, b String) ENGINE = Memory")
    inserted = await http.post(
        "/", params={"query": "INSERT INTO default.url_insert FORMAT TSV"}, content="1\tx\n2\ty\n"
    )
    assert inserted.status_code == 200
    assert "x-clickhouse-format" not in inserted.headers
    assert '"written_rows": "2"' in inserted.headers["x-clickhouse-summary"]
    assert (await http.post("/", content="SELECT sum(a) FROM default.url_insert")).text == "3\n"


async def test_parameters_come_in_the_url_and_in_a_form(http: httpx.AsyncClient) -> None:
    sql = "SELECT {a:UInt8} + {b:UInt8}, {c:String}"
    in_url = await http.post("/", params={"param_a": "1", "param_b": "2", "param_c": "x\\ty"}, content=sql)
    in_form = await http.post(
        "/",
        files={
            name: (None, value)
            for name, value in {"query": sql, "param_a": "1", "param_b": "2", "param_c": "x\\ty"}.items()
        },
    )
    assert in_url.text == in_form.text == "3\tx\\ty\n"


@pytest.mark.parametrize(
    ("sql", "status", "code", "said"),
    [
        ("SELECT FROM WHERE", 400, 62, "Syntax error"),
        ("SELECT * FROM default.nowhere", 404, 60, "nowhere"),
        ("SELECT a FROM numbers(1)", 404, 47, "`a`"),
        ("SELECT {p:UInt8}", 400, 456, "`p`"),
        ("SELECT 1; SELECT 2", 400, 62, "several statements"),
        ("", 400, 62, "empty"),
        ("INSERT INTO default.nowhere FORMAT JSONEachRow\n{}", 404, 60, "nowhere"),
    ],
)
async def test_errors_carry_status_code_and_words(
    http: httpx.AsyncClient, sql: str, status: int, code: int, said: str
) -> None:
    answer = await http.post("/", content=sql)
    assert answer.status_code == status
    assert answer.headers["x-clickhouse-exception-code"] == str(code)
    assert answer.text.startswith(f"Code: {code}. DB::Exception: ")
    assert said in answer.text


@pytest.mark.parametrize(
    "name", ["allow_introspection_functions", "session_id", "log_comment", "max_memory_usage_for_user"]
)
async def test_a_setting_off_the_list_is_refused_by_name(http: httpx.AsyncClient, name: str) -> None:
    answer = await http.post("/", params={name: "1"}, content="SELECT 1")
    assert answer.status_code == 404
    assert f"'{name}'" in answer.text


async def test_a_setting_reaches_its_query_and_no_other(http: httpx.AsyncClient) -> None:
    sql = "SELECT getSetting('max_block_size')"
    assert (await http.post("/?max_block_size=77", content=sql)).text == "77\n"
    assert (await http.post("/", content=sql)).text != "77\n"
    quoted = await http.post("/", params={"insert_deduplication_token": "a'b\\"}, content="SELECT 1")
    assert quoted.text == "1\n"


async def test_threads_are_capped(http: httpx.AsyncClient) -> None:
    sql = "SELECT getSetting('max_threads')"
    assert [(await http.post(f"/?max_threads={asked}", content=sql)).text for asked in ("1", "64", "0")] == [
        "1\n",
        "2\n",
        "2\n",
    ]


async def test_a_get_changes_nothing(http: httpx.AsyncClient) -> None:
    answer = await http.get("/", params={"query": "CREATE TABLE default.by_get (a Int32) ENGINE = Memory"})
    assert answer.headers["x-clickhouse-exception-code"] == "164"
    assert (await http.put("/", content="SELECT 1")).status_code == 405


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-ClickHouse-Key": "wrong"},
        {"X-ClickHouse-Key": ""},
        {"Authorization": "Basic ZGVmYXVsdDp3cm9uZw=="},
        {"Authorization": "Basic !!"},
        {"Authorization": "Bearer wrong"},
    ],
)
async def test_who_lacks_the_token_is_refused(child: ClickHouseChild, headers: dict[str, str]) -> None:
    async with httpx.AsyncClient(base_url=child.url, headers=headers, trust_env=False) as http:
        assert (await http.get("/ping")).text == "Ok.\n"
        answer = await http.post("/", content="SELECT 1")
    assert answer.status_code == 403
    assert answer.headers["x-clickhouse-exception-code"] == "516"


async def test_the_token_is_taken_in_each_form(child: ClickHouseChild) -> None:
    async with httpx.AsyncClient(base_url=child.url, trust_env=False) as http:
        bearer = await http.post("/", content="SELECT 1", headers={"Authorization": f"Bearer {child.token}"})
        basic = await http.post("/", content="SELECT 1", auth=("default", child.token))
    assert (bearer.text, basic.text) == ("1\n", "1\n")


async def test_a_body_over_the_limit_is_refused(http: httpx.AsyncClient) -> None:
    said = await http.post("/", content=b"SELECT 1 --" + b" " * (64 * 1024**2))
    assert said.status_code == 413

    async def stream() -> AsyncIterator[bytes]:
        for _ in range(65):
            yield b" " * 1024**2

    unsaid = await http.post("/", content=stream())
    assert unsaid.status_code == 413


async def test_queries_run_side_by_side(client: AsyncClient) -> None:
    running = [asyncio.create_task(client.query(ENDLESS, settings={"query_id": "beside"})) for _ in range(6)]
    await until_running(client, "beside", count=6)
    for task in running:
        task.cancel()
    await asyncio.wait(running)
    await until_running(client, "beside", count=0)


async def test_a_round_trip_does_not_wait_for_a_timer(client: AsyncClient) -> None:
    async def one() -> float:
        started = time.perf_counter()
        await client.query("SELECT 1")
        return time.perf_counter() - started

    # Nagle's algorithm against delayed acknowledgements costs 40 ms each time.
    assert min([await one() for _ in range(20)]) < 0.03


async def test_native_answers_and_inserts(client: AsyncClient) -> None:
    await client.command(
        "CREATE TABLE default.native (a UInt64, s String, l Array(String), c LowCardinality(String)) ENGINE = Memory"
    )
    rows = [(2**64 - 1, "é\x00'", ["a", ""], "x"), (0, "", [], "y")]
    await client.insert("native", rows, column_names=["a", "s", "l", "c"])
    result = await client.query("SELECT * FROM default.native ORDER BY a DESC")
    assert [tuple(row) for row in result.result_rows] == rows
    assert (await client.query("SELECT * FROM default.native LIMIT 0")).column_names == ("a", "s", "l", "c")
    assert await streamed(client, "SELECT number FROM numbers(200000)") == 200000


@pytest.mark.parametrize("columns", [1, 9, 10, 13, 32])
async def test_binary_rows_may_begin_and_end_with_what_looks_like_space(client: AsyncClient, columns: int) -> None:
    """In Native, the number of columns comes first and the last value last, as bytes such as 10, 32 and 59."""
    names = [f"c{at}" for at in range(columns)]
    table = f"default.edges{columns}"
    await client.command(f"CREATE TABLE {table} ({', '.join(f'{name} UInt8' for name in names)}) ENGINE = Memory")
    for ending in (b" ", b"\n", b"\r\n", b";", b"; ", b"\0", b"\xff", b"--", b"*/", b"'"):
        rows = [[value] * columns for value in ending]
        await client.command(f"TRUNCATE TABLE {table}")
        await client.insert(table, rows, column_names=names)
        result = await client.query(f"SELECT * FROM {table}")
        assert [list(row) for row in result.result_rows] == rows


async def streamed(client: AsyncClient, sql: str) -> int:
    async with await client.query_rows_stream(sql) as stream:
        return len([row async for row in stream])


async def test_a_query_is_killed_by_its_id(client: AsyncClient) -> None:
    running = asyncio.create_task(client.query(ENDLESS, settings={"query_id": "to-be-killed"}))
    await until_running(client, "to-be-killed")
    await client.command("KILL QUERY WHERE query_id = 'to-be-killed' ASYNC")
    with pytest.raises(DatabaseError) as caught:
        await asyncio.wait_for(running, 10)
    assert caught.value.code == 394


async def test_a_query_dies_with_its_client(client: AsyncClient) -> None:
    running = asyncio.create_task(client.query(ENDLESS, settings={"query_id": "to-be-left"}))
    await until_running(client, "to-be-left")
    running.cancel()
    await asyncio.wait([running])
    await until_running(client, "to-be-left", count=0)


async def until_running(client: AsyncClient, query_id: str, count: int = 1) -> None:
    sql = "SELECT count() FROM system.processes WHERE Settings['log_comment'] = {id:String}"
    for _ in range(500):
        if (await client.query(sql, parameters={"id": query_id})).result_rows[0][0] == count:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{query_id} is not running {count} times")


async def test_limits_of_time_memory_and_answer(client: AsyncClient) -> None:
    cases: list[tuple[str, dict[str, Any], int]] = [
        (ENDLESS, {"max_execution_time": 0.3}, 159),
        ("SELECT length(groupArray(number)) FROM numbers(100000000)", {"max_memory_usage": 50_000_000}, 241),
        ("SELECT number FROM numbers(1000)", {"max_result_rows": 10}, 396),
        # Without a limit of its own a query still stays within what the child was given.
        ("SELECT length(groupArray(number)) FROM numbers(1000000000)", {}, 241),
        ("SELECT length(groupArray(number)) FROM numbers(1000000000)", {"max_memory_usage": 10**15}, 241),
    ]
    for sql, settings, code in cases:
        with pytest.raises(DatabaseError) as caught:
            await client.query(sql, settings=settings)
        assert caught.value.code == code
    assert (await client.query("SELECT 1")).result_rows[0][0] == 1
