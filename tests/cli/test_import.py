"""`lenticular import events`: every format, every option, every refusal with its line."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from tests.cli.shop import COLUMNS, HEADER, ROWS, people, write
from tests.process import ServerProcess, good, lenticular, refused, server


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that holds the folder while commands ask it."""
    with server(tmp_path_factory.mktemp("import") / "data") as started:
        yield started


def report(*arguments: str | Path, data: Path) -> Any:
    return json.loads(good("import", "events", *arguments, "--json", data=data))


@pytest.mark.parametrize("name", ["rows.csv", "rows.csv.gz", "rows.jsonl", "rows.jsonl.gz", "rows.parquet"])
def test_every_format_says_the_same(running: ServerProcess, tmp_path: Path, name: str) -> None:
    site = name.replace(".", "-")
    file = write(tmp_path, name)
    first = report(file, *COLUMNS, "--site", site, data=running.data)
    assert (first["accepted"], first["duplicate"], first["refused"]) == (len(ROWS), 0, 0)
    again = report(file, *COLUMNS, "--site", site, data=running.data)
    assert (again["accepted"], again["duplicate"], again["refused"]) == (0, len(ROWS), 0)
    assert running.api("GET", f"/api/sites/{site}/properties")["event"]["price"] == "number"
    for rule, expected in (
        ('count("Bought", price > 10) >= 1', len(people("Bought", 10))),
        ('user.plan == "gold"', 1),
        ("user.score >= 3", 2),
        ('count("Bought", size == "05") >= 1', 1),
        ('count("Bought", size.starts_with("0")) >= 1', 5),
    ):
        assert running.api("POST", f"/api/sites/{site}/count", {"rule": rule})["people"] == expected, rule
    zones = {each["key"]: each["timezone"] for each in running.api("GET", "/api/sites")}
    assert zones[site] == "Europe/Madrid"


def test_other_names_of_columns_and_rows_without_an_id(running: ServerProcess, tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("who,what,when,amount\nu1,Paid,2024-01-01,5\nu1,Paid,2024-01-01,5\nu2,Paid,2024-01-02 08:30:00,\n")
    names = ["--user-id", "who", "--event", "what", "--timestamp", "when", "--site", "other"]
    # Two rows that look alike are two events: their lines tell them apart.
    assert report(file, *names, data=running.data)["accepted"] == 3
    assert report(file, *names, data=running.data)["duplicate"] == 3
    count = running.api("POST", "/api/sites/other/count", {"rule": 'count("Paid", amount == 5) == 2'})
    assert count["people"] == 1
    assert running.api("GET", "/api/sites/other/properties")["event"]["amount"] == "number"


def test_anonymous_people(running: ServerProcess, tmp_path: Path) -> None:
    file = tmp_path / "anonymous.csv"
    file.write_text("visitor,event,timestamp\na1,Seen,2024-01-01T00:00:00Z\na2,Seen,2024-01-01T00:00:00+02:00\n")
    assert report(file, "--anonymous-id", "visitor", "--site", "anonymous", data=running.data)["accepted"] == 2
    count = running.api("POST", "/api/sites/anonymous/count", {"rule": "True"})
    assert (count["people"], count["known"], count["anonymous"]) == (2, 0, 2)
    early = {"rule": "True", "at": "2023-12-31T23:00:00Z"}
    assert running.api("POST", "/api/sites/anonymous/count", early)["people"] == 1


WRONG = (
    HEADER
    + """u1,Bought,2024-01-01T00:00:00Z,w1,1,s,tin,1
,Bought,2024-01-01T00:00:00Z,w2,1,s,tin,1
u1,Bought,yesterday,w3,1,s,tin,1
u1,Bought,2024-01-01T00:00:00Z,w4,1
u1,"Bou"ght,2024-01-01T00:00:00Z,w5,1,s,tin,1
u1,,2024-01-01T00:00:00Z,w6,1,s,tin,1
u1,Bought,,w7,1,s,tin,1
u2,Bought,2024-01-01T00:00:00Z,w1,1,s,tin,1
u2,"Bought
",2024-01-01T00:00:00Z,w8,1,s,tin,1
u2,Bought,1776-07-04T00:00:00Z,w9,1,s,tin,1
"""
)


def test_refused_rows_are_told_with_line_and_reason(running: ServerProcess, tmp_path: Path) -> None:
    file = tmp_path / "wrong.csv"
    file.write_text(WRONG)
    found = report(file, "--site", "wrong", data=running.data)
    assert (found["accepted"], found["duplicate"], found["refused"]) == (2, 1, 7)
    assert [each["line"] for each in found["examples"]] == [3, 4, 5, 6, 7, 8, 12]
    said = {each["line"]: each["reason"] for each in found["examples"]}
    assert said[3].startswith("The row names nobody.")
    assert "'yesterday'" in said[4]
    assert "5 cells, the header has 8" in said[5]
    assert said[6].startswith("The row can't be read")
    assert said[7].startswith("The row names no event.")
    assert said[8].startswith("The row has no time.")
    assert "1776" in said[12]
    assert sum(found["reasons"].values()) == 7
    printed = good("import", "events", file, "--site", "wrong", data=running.data)
    assert printed.splitlines()[0] == "0 accepted, 3 duplicate, 7 refused"
    assert "  line 4: 'yesterday' is not a time" in printed


def test_lines_that_are_no_json(running: ServerProcess, tmp_path: Path) -> None:
    file = tmp_path / "wrong.jsonl"
    row = json.dumps({**ROWS[0], "messageId": "j1"})
    file.write_bytes(f"{row}\n[1]\n{{\n\n".encode() + b'{"userId": "\xff"}\n' + row.encode())
    found = report(file, "--site", "wrong-json", data=running.data)
    assert (found["accepted"], found["duplicate"], found["refused"]) == (1, 1, 3)
    assert [each["line"] for each in found["examples"]] == [2, 3, 5]


def _other_schema() -> bytes:
    sink = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({"sku": ["a"], "price": [5]}), sink)
    return sink.getvalue()


PARQUET = _other_schema()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"", "a.csv: The file is empty."),
        ("a.csv", b"x,y\n1,2\n", "a.csv: No column 'userId' or 'anonymousId'."),
        ("a.csv", b"userId,event\n1,2\n", "a.csv: No column 'timestamp'."),
        ("a.csv", b"userId,event,timestamp\n", None),
        ("a.csv", b"x,y\n", "a.csv: No column 'userId' or 'anonymousId'."),
        ("a.csv", b"\xff\xfe", "a.csv: The file can't be read"),
        ("a.csv", b"userId,event,event\n", "a.csv: Several columns are called 'event'."),
        ("a.csv.gz", b"no gzip", "a.csv.gz: The file can't be read"),
        ("a.parquet", b"no parquet", "a.parquet: This is not Parquet"),
        ("a.parquet", PARQUET, "a.parquet: No column 'userId' or 'anonymousId'."),
        ("a.xlsx", b"", "a.xlsx: The format can't be told from the name."),
        ("a.csv", None, "a.csv: There is no such file."),
    ],
)
def test_files_that_can_not_be_imported(
    running: ServerProcess, tmp_path: Path, name: str, content: bytes | None, says: str | None
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    if says is None:
        found = report(tmp_path / name, "--site", "never", data=running.data)
        assert (found["accepted"], found["refused"]) == (0, 0)
        return
    said = refused("import", "events", tmp_path / name, "--site", "nothing", data=running.data)
    assert said[0].startswith(f"{tmp_path}/{says}"), said
    assert "nothing" not in [each["key"] for each in running.api("GET", "/api/sites")]


def test_a_folder_instead_of_a_file(running: ServerProcess, tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    said = refused("import", "events", tmp_path / "folder.csv", data=running.data)
    assert "folder.csv: The file can't be read" in said[0]


def test_options_that_make_no_sense(running: ServerProcess, tmp_path: Path) -> None:
    file = write(tmp_path, "rows.csv")
    said = refused("import", "events", file, "--trait", "plaan", "--type", "prise=number", data=running.data)
    assert [line.partition(": ")[2] for line in said if "No column" in line] == [
        "No column 'plaan' for --trait.",
        "No column 'prise' for --type.",
    ]
    for option in ("price=money", "price", "=number"):
        ran = lenticular("import", "events", file, "--type", option, data=running.data)
        assert ran.returncode == 2
        assert "write COLUMN=TYPE" in ran.stderr
    said = refused("import", "events", file, "--site", "mars", "--tz", "Mars/Base", data=running.data)
    assert "Mars/Base" in said[0]


def test_the_zone_of_a_site_is_fixed(running: ServerProcess, tmp_path: Path) -> None:
    file = write(tmp_path, "rows.csv")
    options = ["--site", "zone", *COLUMNS]
    good("import", "events", file, *options, data=running.data)
    said = refused("import", "events", file, *options, "--tz", "UTC", data=running.data)
    assert said[0] == "The site zone is in Europe/Madrid, and that is fixed."
