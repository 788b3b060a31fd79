"""Files to import that are not what they say, or broken in the middle: a line in the report or a sentence."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hostile.mutated import fuzz, mutated
from tests.hostile.test_commands import in_order, run
from tests.hostile.values import DEEP, bomb
from tests.process import ServerProcess, server

HEADER = "userId,event,timestamp,messageId,price,note\n"
LINES = [f"u{at % 7},Seen,2026-01-0{1 + at % 9}T00:00:00Z,m{at},{at}.5,fine\n" for at in range(40)]
CSV = HEADER + "".join(LINES)
ROWS = [dict(zip(HEADER.strip().split(","), line.strip().split(","), strict=True)) for line in LINES]
JSONL = "".join(json.dumps(row) + "\n" for row in ROWS)
MIDDLE = len(HEADER) + sum(map(len, LINES[:20]))
FEW, MANY = 25, 1_500


def parquet(**columns: pyarrow.Array) -> bytes:
    """Return the rows as Parquet, with columns replaced or added."""
    table = pyarrow.Table.from_pylist(ROWS)
    for name, column in columns.items():
        at = table.schema.get_field_index(name)
        table = table.append_column(name, column) if at < 0 else table.set_column(at, name, column)
    out = io.BytesIO()
    pyarrow.parquet.write_table(table, out)
    return out.getvalue()


def odd(value: object, kind: pyarrow.DataType | None = None) -> pyarrow.Array:
    return pyarrow.array([value] * len(ROWS), kind)


def middle(row: str, encoding: str = "utf-8") -> bytes:
    """Return the CSV with a row more in the middle."""
    return (CSV[:MIDDLE] + row + CSV[MIDDLE:]).encode(encoding)


PARQUET = parquet()
MAP = pyarrow.map_(pyarrow.string(), pyarrow.int64())
ODD = {
    **{"a": odd(b"\xff"), "b": odd(Decimal("1.5")), "c": odd(timedelta(1)), "d": odd(float("nan"))},
    **{"e": odd([{"a": [1]}]), "f": odd([("k", 1)], MAP)},
}
OTHER = {"timestamp": odd([1, 2]), "event": odd({"a": 1}), "userId": odd(1.5)}
NANO, MICRO = pyarrow.timestamp("ns"), pyarrow.timestamp("us")
NO_TIMES = [f"u1,Seen,{at},x{at},1,y\n" for at in ("1899-01-01", "2999-01-01", "soon", "9" * 400)]
COLUMNS = ",".join(f"c{at}" for at in range(10_000))
WIDE = f"userId,event,timestamp,{COLUMNS}\nu1,Seen,2026-01-01T00:00:00Z{',1' * 10_000}\n"
DEEP_LINES = f'{JSONL}{DEEP}\n{{"userId": "u1", "event": "Seen", "x": {DEEP[:500]}\n'
NO_NUMBERS = '{"userId": NaN}\n{"userId": 1e999, "event": "E", "timestamp": 1e999}\n' + "9" * 5_000 + "\n"
HALF = '{"userId": "u\\ud800", "event": "E", "timestamp": "2026-01-01T00:00:00Z"}\n'
FILES: dict[str, tuple[str, bytes, int]] = {
    "an empty file": ("a.csv", b"", 1),
    "an empty file of lines": ("a.jsonl", b"", 0),
    "an empty Parquet": ("a.parquet", b"", 1),
    "a header alone": ("a.csv", HEADER.encode(), 0),
    "newlines alone": ("a.csv", b"\n\n\n", 1),
    "a broken quote in the middle": ("a.csv", middle('u1,"Seen,2026-01-01T00:00:00Z,x,1,y\n'), 0),
    "a quote that ends too early": ("a.csv", middle('u1,"Se"en,2026-01-01,x,1,y\n'), 0),
    "a broken quote in the header": ("a.csv", ('"' + CSV).encode(), 1),
    "a cell of 2 MB": ("a.csv", middle("u1," + "x" * (2 << 20) + ",2026-01-01,x,1,y\n"), 0),
    "too few cells": ("a.csv", middle("u1\n"), 0),
    "too many cells": ("a.csv", middle("u1" + "," * 500 + "\n"), 0),
    "NUL": ("a.csv", middle("u1,Se\0en,2026-01-01T00:00:00Z,x,1,y\n"), 0),
    "NUL everywhere": ("a.csv", bytes(10_000), 1),
    "UTF-16": ("a.csv", CSV.encode("utf-16"), 1),
    "Latin-1 in the middle": ("a.csv", middle("u1,S\xe9en,2026-01-01,x,1,y\n", "latin-1"), -1),
    "times that are none": ("a.csv", (HEADER + "".join(NO_TIMES)).encode(), 0),
    "another header": ("a.csv", b"a,b,c\n1,2,3\n", 1),
    "columns that stand twice": ("a.csv", b"userId,userId,event,timestamp\nu1,u2,Seen,2026-01-01T00:00:00Z\n", -1),
    "ten thousand columns": ("a.csv", WIDE.encode(), -1),
    "a CSV that is JSON": ("a.csv", JSONL.encode(), 1),
    "a CSV that is Parquet": ("a.csv", PARQUET, 1),
    "a CSV that is gzipped": ("a.csv", gzip.compress(CSV.encode()), 1),
    "JSON lines that are CSV": ("a.jsonl", CSV.encode(), -1),
    "one JSON list": ("a.jsonl", json.dumps(ROWS).encode(), -1),
    "deep lines": (
        "a.jsonl",
        DEEP_LINES.encode(),
        0,
    ),
    "numbers that are none": ("a.jsonl", (JSONL + NO_NUMBERS).encode(), 0),
    "half surrogates": ("a.jsonl", (JSONL + HALF).encode(), 0),
    "a Parquet that is CSV": ("a.parquet", CSV.encode(), 1),
    "a Parquet cut off": ("a.parquet", PARQUET[: len(PARQUET) // 2], 1),
    "a Parquet with a hole": ("a.parquet", PARQUET[:100] + bytes(200) + PARQUET[300:], 1),
    "a Parquet of another schema": ("a.parquet", parquet(**OTHER), 0),
    "a Parquet of odd types": ("a.parquet", parquet(**ODD), 0),
    "a Parquet with nanoseconds": ("a.parquet", parquet(timestamp=odd(1_767_225_600_000_000_001, NANO)), 0),
    "a Parquet with a far year": ("a.parquet", parquet(timestamp=odd(2**62, MICRO)), -1),
    "a Parquet with times": ("a.parquet", parquet(timestamp=odd(datetime(2026, 1, 1, tzinfo=UTC))), 0),
    "a Parquet without columns": ("a.parquet", b"PAR1" + bytes(4) + b"PAR1", 1),
    "gzip that is none": ("a.csv.gz", CSV.encode(), 1),
    "gzip cut off": ("a.csv.gz", gzip.compress(CSV.encode())[:-20], 1),
    "gzip with a hole": ("a.csv.gz", gzip.compress(CSV.encode())[:60] + b"\0\xff" * 40, 1),
    "gzip of zeros": ("a.jsonl.gz", bomb(64 << 20), -1),
    "another name": ("a.xlsx", CSV.encode(), 1),
    "no name": ("a", CSV.encode(), 1),
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server; whatever came, what it has accepted is right and counted once."""
    with server(tmp_path_factory.mktemp("files") / "data") as found:
        found.api("PUT", "/api/sites/shop", {"timezone": "UTC"})
        yield found
        good = found.data.with_name("good.csv")
        good.write_text(CSV)
        assert in_order(run("import", "events", str(good), data=found.data), "good") == 0
        rule = 'count("Seen", note == "fine", price >= 0) >= 5'
        assert found.api("POST", "/api/sites/shop/count", {"rule": rule})["people"] >= 5
        assert found.api("GET", "/api/sites/shop/quarantine") == []


@pytest.mark.parametrize("what", FILES)
def test_a_file_that_is_not_what_it_should_be(running: ServerProcess, tmp_path: Path, what: str) -> None:
    name, content, code = FILES[what]
    (tmp_path / name).write_bytes(content)
    result = run("import", "events", str(tmp_path / name), data=running.data)
    found = in_order(result, what)
    assert code < 0 or found == code, (what, result.output[-1_000:])
    if found == 0:
        assert "accepted" in result.output


def test_a_broken_quote_costs_no_other_rows_before_it(running: ServerProcess, tmp_path: Path) -> None:
    name, content, _ = FILES["a broken quote in the middle"]
    (tmp_path / name).write_bytes(content)
    report = json.loads(run("import", "events", str(tmp_path / name), "--json", data=running.data).stdout)
    assert report["accepted"] + report["duplicate"] >= 20
    assert report["refused"] >= 1
    assert report["examples"][0]["line"] == 22


@pytest.mark.parametrize("kind", ["a folder", "a pipe's name", "a link to nowhere", "a link to itself"])
def test_what_is_no_file(running: ServerProcess, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.csv"
    if kind == "a folder":
        path.mkdir()
    elif kind.startswith("a link"):
        path.symlink_to(path if kind.endswith("itself") else tmp_path / "nowhere.csv")
    assert in_order(run("import", "events", str(path), data=running.data), kind) == 1


def try_file(running: ServerProcess, folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    in_order(run("import", "events", str(folder / name), data=running.data), (name, content[:500]))


def files() -> st.SearchStrategy[tuple[str, bytes]]:
    """Return names and contents that were right once."""
    return st.one_of(
        st.tuples(st.just("f.csv"), mutated([CSV.encode()])),
        st.tuples(st.just("f.jsonl"), mutated([JSONL.encode()])),
        st.tuples(st.just("f.parquet"), mutated([PARQUET])),
        st.tuples(st.just("f.csv.gz"), mutated([gzip.compress(CSV.encode(), mtime=0)])),
        st.tuples(st.just("f.csv.gz"), st.builds(lambda text: gzip.compress(text, mtime=0), mutated([CSV.encode()]))),
    )


@fuzz(FEW)
@given(file=files())
def test_mutated(running: ServerProcess, tmp_path_factory: pytest.TempPathFactory, file: tuple[str, bytes]) -> None:
    try_file(running, running.data.parent, *file)


@pytest.mark.soak
@fuzz(MANY, derandomize=False)
@given(file=files())
def test_many_mutated(running: ServerProcess, file: tuple[str, bytes]) -> None:
    try_file(running, running.data.parent, *file)
