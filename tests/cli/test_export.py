"""`lenticular export`: every form, and that an import of it says the same."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from tests.process import ServerProcess, good, refused, server

DAY = 86_400_000
START = 1_700_000_000_000
FORMS = ("csv", "jsonl", "parquet")
PEOPLE: list[dict[str, Any]] = [
    {
        "userId": f"u{at}",
        "anonymousId": f"a{at}",
        "name": f'Ana "{at}", 日本\n=x',
        "phone": f"60011122{at}",
        "balance": at * 1.5,
        "pro": at % 2 == 0,
        "born": f"200{at}-02-28",
        "seen": f"2026-01-0{at + 1}T10:00:00.000Z",
        "tags": ["a", f"t{at}"],
        "cars": [{"make": "Seat", "year": 2000 + at}],
        "timestamp": "2026-01-01T00:00:00Z",
    }
    for at in range(6)
]
EVENTS = [
    {
        "userId": f"u{at % 4}" if at % 5 else "",
        "anonymousId": "" if at % 5 else f"v{at % 3}",
        "event": "Bought" if at % 3 else "Looked",
        "timestamp": START + at * DAY // 3,
        "messageId": f"m{at}",
        "price": at * 0.5,
        "sku": f"0{at}",
        "event name": "x",
        "properties.event": "odd",
        "products": [{"sku": f"s{at}", "price": at}],
        "context.path": f"/p/{at % 4}",
        "context.screen_width": 390,
    }
    for at in range(300)
]
RULES = (
    'user.name.contains("日本")',
    'user.phone == "600111221"',
    "user.balance >= 3",
    "user.pro == True",
    'user.born >= date("2003-01-01")',
    'user.seen < datetime("2026-01-03T10:00:00Z")',
    'user.tags.has("t1")',
    'user.cars.any(make == "Seat" and year >= 2003)',
    'count("Bought", price > 100) >= 1',
    'count("Bought", sku.starts_with("05")) >= 2',
    'count("Looked", context.path == "/p/3") >= 4',
    'count("Bought", field["event"] == "odd") >= 1',
    'count("Bought", products.any(price > 290)) >= 1',
    'sum("Bought", price, context.screen_width == 390) > 2000',
    'organization(tier == "gold")',
    "session.path == '/p/3'",
    "True",
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("export")
    with server(folder / "data") as started:
        _load(started, folder, "from")
        yield started


def _load(running: ServerProcess, folder: Path, site: str) -> None:
    for name, rows in (("people", PEOPLE), ("events", EVENTS)):
        path = folder / f"{name}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        good("import", name, path, "--site", site, data=running.data)
    (folder / "orgs.csv").write_text("groupId,tier,seats,timestamp\nacme,gold,5,2026-01-01\nbolt,,,2026-01-01\n")
    (folder / "staff.csv").write_text("groupId,userId\nacme,u1\nacme,u2\n")
    for name in ("orgs.csv", "staff.csv"):
        good("import", "organizations", folder / name, "--site", site, data=running.data)


def _counts(running: ServerProcess, site: str) -> list[int]:
    return [running.api("POST", f"/api/sites/{site}/count", {"rule": rule})["people"] for rule in RULES]


def _rows(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        rows: list[dict[str, Any]] = pyarrow.parquet.read_table(path).to_pylist()
        return rows
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if ".csv" in path.name:
        return list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    return [json.loads(line) for line in content.splitlines()]


@pytest.mark.parametrize("form", FORMS)
def test_what_is_exported_can_be_imported_again(running: ServerProcess, tmp_path: Path, form: str) -> None:
    expected = _counts(running, "from")
    assert [rule for rule, people in zip(RULES, expected, strict=True) if not people] == []
    assert expected[-1] == 9
    site = f"to-{form}"
    mapping = tmp_path / "text.yaml"
    mapping.write_text("types: {phone: text}\n")  # CSV does not say that it is one
    for what in ("people", "events", "organizations"):
        file = tmp_path / f"{what}.{form}"
        good("export", what, "--out", file, "--site", "from", data=running.data)
        options: list[str | Path] = ["--mapping", mapping] if what == "people" and form == "csv" else []
        report = json.loads(good("import", what, file, *options, "--json", "--site", site, data=running.data))
        assert (report["refused"], report["duplicate"]) == (0, 0)
    good("import", "organizations", _staff(tmp_path), "--site", site, data=running.data)
    assert _counts(running, site) == expected
    original, copy = (running.api("GET", f"/api/sites/{each}/properties") for each in ("from", site))
    assert copy == original
    for what in ("people", "events", "organizations"):
        again = tmp_path / f"{what}-again.{form}"
        good("export", what, "--out", again, "--site", site, data=running.data)
        first, second = _rows(tmp_path / f"{what}.{form}"), _rows(again)
        drop = {"firstSeen"}
        assert _sorted(second, drop) == _sorted(first, drop)


def _staff(folder: Path) -> Path:
    path = folder / "staff.csv"
    path.write_text("groupId,userId\nacme,u1\nacme,u2\n")
    return path


def _sorted(rows: list[dict[str, Any]], drop: set[str]) -> list[str]:
    return sorted(str(sorted((name, value) for name, value in row.items() if name not in drop)) for row in rows)


def test_events_of_a_time_in_the_order_of_time(running: ServerProcess, tmp_path: Path) -> None:
    out = tmp_path / "events.jsonl.gz"
    options: list[str | Path] = ["--from", "2023-11-20", "--to", "2023-12-20T00:00:00Z", "--out", out, "--site", "from"]
    good("export", "events", *options, data=running.data)
    times = [row["timestamp"] for row in _rows(out)]
    wanted = [at for at in range(300) if 1_700_438_400_000 <= START + at * DAY // 3 < 1_703_030_400_000]
    assert len(times) == len(wanted) and times == sorted(times)
    assert times[0] >= "2023-11-20" and times[-1] < "2023-12-20"


def test_members_and_people_of_a_segment(running: ServerProcess) -> None:
    options = ["--site", "from", "--segment", "user.balance >= 6", "--format", "csv"]
    printed = good("export", "members", *options, "--field", "user.born", "--field", "session.path", data=running.data)
    rows = list(csv.DictReader(io.StringIO(printed)))
    assert [row["userId"] for row in rows] == ["u4", "u5"]
    assert list(rows[0]) == ["userId", "anonymousId", "anonymousIds", "firstSeen", "user.born", "session.path"]
    assert (rows[0]["user.born"], rows[0]["anonymousIds"]) == ("2004-02-28", '["a4"]')
    plain = good("export", "people", *options, data=running.data)
    assert [row["balance"] for row in csv.DictReader(io.StringIO(plain))] == ["6", "7.5"]


def test_texts_that_a_spreadsheet_takes_for_formulas(running: ServerProcess, tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("userId,note,number\nx1,=1+1,-5\nx2,@a,5\n")
    good("import", "people", file, "--site", "formulas", data=running.data)
    options = [
        "export",
        "people",
        "--site",
        "formulas",
        "--format",
        "csv",
        "--field",
        "user.note",
        "--field",
        "user.number",
    ]
    plain = list(csv.DictReader(io.StringIO(good(*options, data=running.data))))
    safe = list(csv.DictReader(io.StringIO(good(*options, "--excel-safe", data=running.data))))
    assert [(row["user.note"], row["user.number"]) for row in plain] == [("=1+1", "-5"), ("@a", "5")]
    assert [(row["user.note"], row["user.number"]) for row in safe] == [("'=1+1", "-5"), ("'@a", "5")]


def test_nothing_at_all_is_a_file_too(running: ServerProcess, tmp_path: Path) -> None:
    running.api("PUT", "/api/sites/empty", {"timezone": "UTC"})
    for form in FORMS:
        for what in ("events", "people", "organizations"):
            out = tmp_path / f"{what}.{form}"
            good("export", what, "--out", out, "--site", "empty", data=running.data)
            assert _rows(out) == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["people", "--segment", "nobodys"], "nobodys"),
        (["people", "--segment", "user.balanse > 1"], "balanse"),
        (["members", "--segment", "True", "--field", "user.colour"], "colour"),
        (["events", "--from", "yesterday"], "not a moment"),
        (["people", "--at", "yesterday"], "not a moment"),
        (["events", "--out", "x.parquet.gz"], "compressed by itself"),
        (["events", "--out", "x.xlsx"], "Which form?"),
        (["events", "--out", "no/such/folder.csv"], "can't be written"),
    ],
)
def test_what_can_not_be_exported(running: ServerProcess, tmp_path: Path, words: list[str], says: str) -> None:
    form = [] if "--out" in words else ["--format", "csv"]
    words = [str(tmp_path / word) if word.startswith(("x.", "no/")) else word for word in words]
    said = refused("export", *words, *form, "--site", "from", data=running.data)
    assert any(says in line for line in said), said
    assert not list(tmp_path.iterdir())


def test_without_a_server_it_is_the_same(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "events.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in EVENTS[:50]))
    good("import", "events", file, data=data)
    printed = good("export", "events", "--format", "jsonl", data=data)
    assert [json.loads(line)["messageId"] for line in printed.splitlines()] == [f"m{at}" for at in range(50)]
