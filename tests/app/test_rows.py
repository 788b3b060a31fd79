"""Files row by row: what can't be read costs one row, and reading goes on anywhere."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenticular.app.row import LONGEST, Position, Unreadable
from lenticular.app.rows import open_rows, read_rows

_CELL = st.text(st.sampled_from("ab,\"\n\r '"), max_size=5)
_ROWS = st.lists(st.tuples(_CELL, _CELL, _CELL), min_size=1, max_size=8)


def rows_of(path: Path, after: Position | None = None) -> list[tuple[int, Any]]:
    with open_rows(path, after or Position()) as opened:
        return list(opened.rows)


def told(path: Path) -> dict[int, str]:
    return {
        line: cells.message if isinstance(cells, Unreadable) else "|".join(cells.values())
        for line, cells in rows_of(path)
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('1,2\n3,"4\n5,6\n7,"8"\n9,10\n', {2: "1|2", 3: "!", 4: "5|6", 5: "7|8", 6: "9|10"}),
        ('1,2\n"3,4\n5,6\n', {2: "1|2", 3: "!", 4: "5|6"}),
        ('1,"2"x\n3,4\n', {2: "!", 3: "3|4"}),
        ('1,"2\n3",4,9\n"5\n6",7\n', {2: "!", 3: "!", 4: "5\n6|7"}),
        ("1\n\n2,3\n", {2: "!", 4: "2|3"}),
        ('1,"a""b"\r\n2,"c\r\nd"\r\n', {2: '1|a"b', 3: "2|c\r\nd"}),
        ("1,2", {2: "1|2"}),
        ('1,2\n3,"', {2: "1|2", 3: "!"}),
    ],
)
def test_a_broken_quote_costs_its_row(tmp_path: Path, text: str, expected: dict[int, str]) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(f"x,y\n{text}".encode())
    found = told(path)
    assert {line: "!" if said.startswith("The row") else said for line, said in found.items()} == expected


@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_what_stands_between_cells(tmp_path: Path, between: str) -> None:
    path = tmp_path / "a.csv"
    rows = [["x", "y y", ""], ["1", 'a,b;c"', ""], ["2", "", "z"]]
    with path.open("w", newline="") as file:
        csv.writer(file, delimiter=between).writerows(rows)
    everything = rows_of(path)
    assert [list(cells.values()) for _, cells in everything] == rows[1:]
    with open_rows(path) as opened:
        next(iter(opened.rows))
        assert rows_of(path, opened.rows.position) == everything[1:]


def test_bytes_that_are_no_text_cost_their_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbfx,y\n1,\xff\n2,\xc3\xa9\n")
    assert told(path) == {2: "The row is not UTF-8.", 3: "2|é"}


@settings(max_examples=150, deadline=None)
@given(_ROWS)
def test_what_csv_writes_is_read_from_any_row_on(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]]
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([("x", "y", "z"), *rows])
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(text.getvalue().encode())
    with open_rows(path) as opened:
        seen = [(cells, opened.rows.position) for _, cells in opened.rows]
    assert [tuple(cells.values()) for cells, _ in seen if isinstance(cells, dict)] == rows
    for at, (_, position) in enumerate(seen, 1):
        assert rows_of(path, position) == rows_of(path)[at:]


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.jsonl", "a.jsonl.gz", "a.parquet", "a.parquet.gz"])
def test_every_format_goes_on_where_it_was_left(tmp_path: Path, name: str) -> None:
    rows = [{"id": f"u{at}", "note": "x" * at} for at in range(50)]
    path = tmp_path / name
    if ".csv" in name:
        content = "id,note\n" + "".join(f"{row['id']},{row['note']}\n" for row in rows)
        raw = content.encode()
    elif ".jsonl" in name:
        raw = "".join(json.dumps(row) + "\n" for row in rows).encode()
    else:
        sink = io.BytesIO()
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), sink, row_group_size=7)
        raw = sink.getvalue()
    path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    everything = rows_of(path)
    assert [cells for _, cells in everything] == rows
    with open_rows(path) as opened:
        for at, _ in enumerate(opened.rows, 1):
            if at in (1, 7, 20, 50):
                assert rows_of(path, opened.rows.position) == everything[at:]


@pytest.mark.parametrize("start", [b'1,"', b"1,", b'{"a": "'])
def test_a_row_without_end_takes_bounded_memory(tmp_path: Path, start: bytes) -> None:
    path = tmp_path / ("a.jsonl" if start.startswith(b"{") else "a.csv")
    head = b"" if start.startswith(b"{") else b"x,y\n"
    good = b'{"x": 1}\n' if start.startswith(b"{") else b"5,6\n"
    with path.open("wb") as file:
        file.write(head + start)
        for _ in range(20):
            file.write(b"z" * LONGEST)
        file.write(b"\n" + good)
    tracemalloc.start()
    found = list(read_rows(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10 * LONGEST
    assert len(found) == 2
    first, last = found
    assert isinstance(first[1], Unreadable) and "longer than" in first[1].message
    assert last == (first[0] + 1, {"x": 1} if b"{" in start else {"x": "5", "y": "6"})


def test_cells_of_parquet_are_plain(tmp_path: Path) -> None:
    import datetime as dt
    from decimal import Decimal

    day, moment = dt.date(2024, 1, 31), dt.datetime(2024, 1, 31, 12, tzinfo=dt.UTC)
    row = {
        "day": day,
        "at": moment,
        "local": moment.replace(tzinfo=None),
        "price": Decimal("4.50"),
        "took": dt.timedelta(seconds=90),
        "clock": dt.time(8, 30),
        "raw": b"\xffx",
        "tags": ["a", None],
        "shirt": {"size": "M"},
    }
    path = tmp_path / "a.parquet"
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist([row]), path)
    (found,) = [cells for _, cells in rows_of(path)]
    assert found == {
        "day": "2024-01-31",
        "at": "2024-01-31T12:00:00Z",
        "local": "2024-01-31T12:00:00Z",
        "price": 4.5,
        "took": "0:01:30",
        "clock": "08:30:00",
        "raw": "\ufffdx",
        "tags": ["a", None],
        "shirt": {"size": "M"},
    }


def test_dates_that_python_does_not_have_are_texts(tmp_path: Path) -> None:
    path = tmp_path / "far.parquet"
    far = pyarrow.array([253_402_300_800_000, 0], pyarrow.timestamp("ms", "UTC"))
    pyarrow.parquet.write_table(pyarrow.table({"at": far}), path)
    first, second = [cells["at"] for _, cells in rows_of(path)]
    assert isinstance(first, str) and "10000" in first
    assert second.startswith("1970-01-01")


def test_lines_that_are_nested_too_deep(tmp_path: Path) -> None:
    path = tmp_path / "deep.jsonl"
    path.write_bytes(b"[" * 100_000 + b"\n" + b'{"a": 1}\n')
    (_, first), (_, second) = rows_of(path)
    assert isinstance(first, Unreadable)
    assert second == {"a": 1}
