"""What a row of a file becomes."""

from __future__ import annotations

from typing import Any

import pytest

from lenticular.app.columns import Columns, guess_types
from lenticular.app.row_events import Source, row_event
from lenticular.criteria.tables import Type
from lenticular.errors import Problem
from lenticular.profiles.event import Event

COLUMNS = Columns(user_id="who", timestamp="at", traits=("plan",))
NOON = 1_704_110_400_000


def _event(row: dict[str, Any], types: dict[tuple[str, str], Type] | None = None, columns: Columns = COLUMNS) -> Event:
    found = row_event(7, {"who": "u1", "event": "A", "at": "2024-01-01T12:00:00Z", **row}, _source(types, columns))
    assert isinstance(found, Event), found
    return found


def _source(types: dict[tuple[str, str], Type] | None = None, columns: Columns = COLUMNS) -> Source:
    return Source("a.csv", columns, NOON, types or {})


@pytest.mark.parametrize(
    "cell",
    [
        "2024-01-01T12:00:00Z",
        "2024-01-01 12:00:00",
        "2024-01-01 12:00:00 UTC",
        "2024-01-01T13:00+01:00",
        "1704110400",
        "1704110400000",
        1_704_110_400_000,
    ],
)
def test_times(cell: Any) -> None:
    assert _event({"at": cell}).time == NOON


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"who": ""}, "nobody"),
        ({"event": " "}, "no event"),
        ({"at": ""}, "no time"),
        ({"at": "yesterday"}, "not a time"),
        ({"at": "99999999999999"}, "not a time"),
        ({"note": "a\0b"}, "NUL"),
    ],
)
def test_a_row_is_refused_with_its_line(row: dict[str, Any], says: str) -> None:
    found = row_event(7, {"who": "u1", "event": "A", "at": "2024-01-01", **row}, _source())
    assert isinstance(found, Problem)
    assert says in found.message
    assert found.place.startswith("line 7")


def test_traits_are_not_properties_and_empty_cells_are_missing() -> None:
    event = _event({"plan": "pro", "price": "5", "note": ""}, {("event", "price"): "number"})
    assert (event.traits, event.properties) == ({"t_plan": "pro"}, {"n_price": 5.0})


def test_a_column_without_a_name_is_left_out() -> None:
    assert _event({"": "x", "price": "5"}).properties == {"t_price": "5"}


def test_what_does_not_fit_is_kept_beside() -> None:
    assert _event({"price": "much"}, {("event", "price"): "number"}).properties == {"t_price": "much"}


def test_an_id_is_made_from_file_line_and_content() -> None:
    same = _event({"x": "1"}).message_id
    assert same == _event({"x": "1"}).message_id
    assert same != _event({"x": "2"}).message_id
    assert _event({"messageId": "m1"}).message_id == "m1"


def test_types_are_guessed_with_care() -> None:
    rows = [
        {"n": "1", "zip": "007", "month": "2024-01", "day": "2024-01-31", "b": "true", "mixed": "1", "none": ""},
        {
            "n": "-2.5e3",
            "zip": "10115",
            "month": "2024-02",
            "day": "2024-02-29",
            "b": "False",
            "mixed": "x",
            "none": "",
        },
    ]
    assert guess_types(rows, Columns(types={"zip": "text"})) == {
        "n": "number",
        "zip": "text",
        "month": "text",
        "day": "date",
        "b": "boolean",
        "mixed": "text",
    }


def test_a_column_said_to_hold_times_takes_times_without_an_offset() -> None:
    columns = Columns(user_id="who", timestamp="at", types={"until": "datetime"})
    event = _event({"until": "2024-01-01 12:00:00"}, {("event", "until"): "datetime"}, columns)
    assert event.properties == {"i_until": NOON}
