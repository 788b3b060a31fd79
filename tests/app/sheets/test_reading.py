"""Reading a file of events in bulk gives what reading it row by row gives: events, their order, what is refused."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenticular.app.columns import Columns, properties_of
from lenticular.app.import_order import in_order
from lenticular.app.report import Report
from lenticular.app.row import Position, Unreadable
from lenticular.app.row_events import RowEvents, Source
from lenticular.app.rows import open_rows
from lenticular.app.sheets import row_ids, stretch
from lenticular.cli.reading import Reader, Rejects, look_at
from lenticular.criteria.tables import Type
from lenticular.errors import Problem
from lenticular.profiles.event import Event
from lenticular.profiles.fold import Registering

NOW = 1_769_860_800_000
WHO = ["u1", "u2", " u1 ", "ü", "5", "", "x" * 300, 'a"b']
EVENT = ["Seen", "Seen", "Left", " Seen", "", "Impression", "y" * 256]
TIME = ["1769860000000", "1769860000", "0000000000012", "9999999999999", "2026-01-31T12:00:00Z", "2026-01-31 12:00:00Z"]
TIME += ["2026-01-31T12:00:00.125Z", "2026-01-31T12:00:00.123456Z", "2026-02-30T00:00:00Z", "2026-01-31", "soon", ""]
TIME += ["1850-01-01T00:00:00Z", "2026-01-31T12:00:00+02:00", "2026-01-31T12:00:00 UTC", " 2026-01-31T12:00:00Z"]
CELLS = {
    "n": ["5", "5.0", "-0.0", "0.1", "1e3", "12345678901234567890123", "", "007", "many", ".5", " 5", "1" * 40, "+1"],
    "t": [
        "x",
        "",
        "ñ 東京",
        "back\\slash",
        "tab\there",
        "\x01",
        'say "yes"',
        "a,b",
        " x",
        "[1",
        "two\nlines",
        "2026-01-31",
    ],
    "d": ["2026-01-31", "2026-02-30", "2026-01", "", "2026-01-31T00:00:00Z", "31.01.2026"],
    "b": ["true", "FALSE", "", "yes", "1"],
    "l": ['["a", "b"]', "[]", "", '["a", null]', '[{"sku": 1}]', "[broken", "a"],
    "i": ["2026-01-31T00:00:00Z", "2026-01-31T00:00:00", "", "2026-01-31", "late"],
    "": ["left out", ""],
    "prénom": ["Zoë", ""],
    "zip code": ["08001", "8001", ""],
}
IDS = ["", "m1", "m2", " m1", "ü", 'q"', "z" * 256]
RAW = [
    b"",
    b"one cell\n",
    b'u1,Seen,"broken\n',
    b"\xff\xfe,Seen\n",
    b"\r\n",
    b"\n",
    b'"u1",Seen,"' + b"1769860000000" + b'"\n',
]
KNOWN: list[dict[tuple[str, str], str]] = [{}, {}, {("event", "n"): "text"}, {("event", "t"): "number"}]
SAID: list[Type] = ["text", "list", "datetime", "number"]


@st.composite
def files(draw: st.DrawFn) -> tuple[bytes, Columns, dict[tuple[str, str], str]]:
    """A file, what its columns mean, and properties that are known already."""
    columns = {"userId": WHO, "anonymousId": WHO, "event": EVENT, "timestamp": TIME, "messageId": IDS, **CELLS}
    some = draw(st.lists(st.sampled_from(["anonymousId", "messageId", *CELLS]), unique=True, max_size=6))
    header = draw(st.permutations(["userId", "event", "timestamp", *some]))
    careful = draw(st.booleans())  # all cells good, so that nothing is read row by row
    good = {name: values[:3] for name, values in columns.items()}
    good["timestamp"] = draw(st.sampled_from([TIME[:1], TIME[:2], TIME[4:8]]))
    cells = (st.sampled_from((good if careful else columns)[name]) for name in header)
    rows = draw(st.lists(st.tuples(*cells), max_size=12))
    out = io.StringIO(newline="")
    ends = draw(st.sampled_from(["\n", "\r\n"]))
    delimiter = draw(st.sampled_from([",", ",", ";"]))
    if delimiter == "," and draw(st.booleans()):
        writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator=ends)
    else:
        writer = csv.writer(out, lineterminator=ends, delimiter=delimiter)
    writer.writerows([header, *rows])
    content = out.getvalue().encode()
    if not careful and draw(st.booleans()):
        lines = content.splitlines(keepends=True)
        lines.insert(draw(st.integers(1, len(lines))), draw(st.sampled_from(RAW)))
        content = b"".join(lines)
    content = content.rstrip(b"\r\n") if draw(st.booleans()) else content
    types = {name: draw(st.sampled_from(SAID)) for name in some if name in ("l", "i", "n")}
    none: dict[str, Type] = {}
    given_ = Columns(
        types=types if draw(st.booleans()) else none,
        rename={"t": "n"} if {"t", "n"} <= set(some) and draw(st.booleans()) else {},
        constants={"source": "crm"} if not draw(st.integers(0, 9)) else {},
        format="%d.%m.%Y" if not draw(st.integers(0, 9)) else "",
        traits=("b",) if "b" in some and not draw(st.integers(0, 5)) else (),
    )
    return content, given_, draw(st.sampled_from(KNOWN))


def one_by_one(path: Path, columns: Columns, types: dict[tuple[str, str], str]) -> tuple[list[Event], Report]:
    made, registering = RowEvents(Source(path.name, columns, NOW, types)), Registering(types)
    good, refused = [], Report()
    with open_rows(path) as opened:
        for line, cells in opened.rows:
            event = cells.problem if isinstance(cells, Unreadable) else made.event(line, cells)
            if isinstance(event, Problem):
                refused.refuse(line, event)
            else:
                registering.add(event)
                good.append(event)
    return in_order(good, lambda event: event), refused


def in_parts(
    path: Path,
    columns: Columns,
    types: dict[tuple[str, str], str],
    after: Position = Position(),  # noqa: B008
) -> tuple[list[Event], Report, list[Position]]:
    made = RowEvents(Source(path.name, columns, NOW, types))
    events: list[Event] = []
    refused, positions = Report(), []
    with open_rows(path, after) as opened:
        for part in Reader(made, "events", types, Rejects(None, None, False)).parts(opened.rows, False, False):
            events += part.events if part.sheet is None else list(part.sheet.events())
            refused.add(part.refused)
            positions.append(part.position)
    return events, refused, positions


@settings(max_examples=400, deadline=None)
@given(files())
def test_in_bulk_is_row_by_row(made: tuple[bytes, Columns, dict[tuple[str, str], str]]) -> None:
    content, columns, known = made
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.csv"
        path.write_bytes(content)
        found = {**properties_of(look_at(path, columns, "events").types, columns, "events"), **known}
        types, others = dict[tuple[str, str], str](found), dict[tuple[str, str], str](found)
        events, refused = one_by_one(path, columns, types)
        bulk, also_refused, positions = in_parts(path, columns, others)
    assert bulk == events
    assert also_refused == refused
    assert others == types
    assert positions[-1].offset == len(content)


def test_a_plain_file_is_read_in_bulk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: RowEvents, line: int, row: object) -> Event:
        raise AssertionError(f"Line {line} is looked at by itself.")

    monkeypatch.setattr(RowEvents, "event", refuse)
    path = tmp_path / "events.csv"
    path.write_text("userId,event,timestamp,n\n" + "".join(f'u{at % 7},"Seen",{NOW + at},{at}\n' for at in range(500)))
    events, refused, _ = in_parts(path, Columns(), {("event", "n"): "number"})
    assert (len(events), refused.refused) == (500, 0)


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_reading_goes_on_where_it_was_left(tmp_path: Path, ending: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lenticular.cli.reading._STRETCH", 10)
    monkeypatch.setattr(stretch, "_PIECE", 50)
    monkeypatch.setattr(row_ids, "_PIECE", 4)
    path = tmp_path / "events.csv"
    rows = [b"u%d,Seen,%d,%d" % (at % 3, NOW + at, at) for at in range(35)]
    rows[22] = b'u1,Seen,"broken,1'
    path.write_bytes(ending.join([b"userId,event,timestamp,n", *rows, b""]))
    types = {("event", "n"): "number"}
    events, refused, positions = in_parts(path, Columns(), dict(types))
    assert (len(events), refused.examples[0].line, refused.refused) == (34, 24, 1)
    assert [event.message_id for event in in_order(events, lambda event: event)] == [
        event.message_id for event in one_by_one(path, Columns(), dict(types))[0]
    ]
    for position in positions:
        left, _, _ = in_parts(path, Columns(), dict(types), position)
        assert {event.message_id for event in left} == {
            event.message_id for event in events if _line_of(event) > position.line
        }


def _line_of(event: Event) -> int:
    return int(float(str(event.properties["n_n"]))) + 2
