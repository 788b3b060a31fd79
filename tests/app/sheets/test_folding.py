"""Sheets: folding many rows as columns is folding their events one after another, and the log gets the same rows."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from lenticular.app.collect import _apply
from lenticular.app.sheets.columns import columns_of
from lenticular.app.sheets.folding import fold_sheet
from lenticular.app.sheets.lay_out import lay_out
from lenticular.app.sheets.waiting import Waiting
from lenticular.criteria.tables import EVENTS
from lenticular.profiles.event import Event
from lenticular.profiles.fold import IMPRESSION, Fold
from lenticular.profiles.sheet import Sheet, is_plain, sheet_of
from lenticular.stores.streams import lines_in
from tests.profiles.test_run import LATER, OTHERS, Honest
from tests.profiles.worlds import MADRID, MINUTE, World, event, histories

NASTY: list[dict[str, Any]] = [
    {},
    {"n_price": 5.0},
    {"n_price": 15.5, "t_x": 'a "quoted" \\ text\n\t\x01'},
    {"t_x": "ñ 東京 \u2028"},
    {"t_x": ""},
    {"n_price": 1e21, "b_new": True, "d_day": -5, "i_at": 1 << 40},
    {"l_tags": ["a", 'b"'], "t_x": "y"},
    {"o_lines": [{"t_sku": "é", "n_price": 1.0}]},
    {"t_name~20with~22": "z"},
    {"t_item": "ad"},
]
TOPICS = {"properties": {"l_topics": ["art"]}}
TO_COME = 9001


@st.composite
def sheets(draw: st.DrawFn) -> Sequence[Event]:
    """People one after another, each nearly in the order of time, as files are taken in; some come again."""
    events = []
    for person in range(draw(st.integers(1, 3))):
        ids = {
            "anonymous_id": draw(st.sampled_from(["a1", "a2", "a9", ""])),
            "user_id": draw(st.sampled_from(["u1", "u2", "u9", ""])),
        }
        if not any(ids.values()):
            ids["user_id"] = "u1"
        at: float = draw(st.sampled_from([-3000, 0, 30, 700, 2100]))
        for place in range(draw(st.integers(1, 9))):
            at += draw(st.sampled_from([0, 0, 1, 29.99, 30, 30.01, 31, 600, 1440, -1]))
            fields: dict[str, Any] = {
                "name": draw(st.sampled_from(["Seen", "Seen", "Left", 'Read "it"', IMPRESSION])),
                "properties": draw(st.sampled_from(NASTY)),
                **ids,
                **draw(st.sampled_from([{}] * 12 + [TOPICS, {"anonymous_id": "b"}, {"user_id": "u"}])),
            }
            number = str(place) if draw(st.integers(0, 9)) else draw(st.sampled_from(["0", 'q"', "m1"]))
            when = TO_COME if not draw(st.integers(0, 30)) else at
            events.append(event(f"f{person}-{number}", when, received=LATER, imported=True, **fields))
    return events


def fold_by_sheets(world: World, sheet: Sheet) -> None:
    """Fold a sheet as the collector does."""
    marks = list(map(world.mark, sheet.message_ids))
    laid = lay_out(sheet, world.seq + 1, marks, MADRID, world.tallies.concerned)
    fold = Fold(world, MADRID, world.properties, world.tallies)
    waiting = Waiting(world.seq + 1, sheet)
    found = asyncio.run(fold_sheet(fold, waiting, laid, _apply, 1.0))
    assert (len(waiting), found.skipped) == (0, 0)
    world.seq += len(sheet)
    world.ignored += fold.ignored
    result = fold.result(world.seq)
    count, stream = columns_of(result.laid) if result.laid else (0, b"")
    lines = lines_in(stream).split(b"\n") if count else []
    assert len(lines) == count
    both = [*result.rows.get(EVENTS, []), *lines]
    rows = sorted(both, key=lambda row: msgspec.json.decode(row)["seq"])
    world.commit(msgspec.structs.replace(result, rows={**result.rows, EVENTS: rows}))


@settings(max_examples=200, deadline=None)
@given(histories(unmerges=True), sheets(), sheets())
def test_a_sheet_is_its_events_one_after_another(
    before: Sequence[Event], first: Sequence[Event], second: Sequence[Event]
) -> None:
    columns, singly = World(Honest()), World(Honest())
    for world in (columns, singly):
        world.fold(*before)
    for events in (first, second):
        fold_by_sheets(columns, sheet_of(events))
        singly.fold(*events)
    assert columns.ignored == singly.ignored
    for name in ("profiles", "identities", "properties", "seen", "merges", "organizations", "next"):
        assert getattr(columns, name) == getattr(singly, name), name
    for table in ("events", "profiles", "sessions", "merges"):
        assert columns.rows(table) == singly.rows(table), table


@settings(deadline=None)
@given(sheets())
def test_a_sheet_gives_its_events_back(events: Sequence[Event]) -> None:
    sheet = msgspec.msgpack.decode(msgspec.msgpack.encode(sheet_of(events)), type=Sheet)
    assert list(sheet.events()) == list(events)
    assert list(sheet.events(1, 3)) == list(events[1:3])


def test_what_is_plain() -> None:
    plain = event("m", 0, anonymous_id="a", imported=True)
    assert is_plain(plain, IMPRESSION)
    for other in [*OTHERS[:9], {"imported": False}, {"trusted": True}, {"previous_id": "b"}, {"name": ""}]:
        assert not is_plain(msgspec.structs.replace(plain, **other), IMPRESSION), other


def test_a_sheet_that_waits_is_asked_by_who_and_by_message() -> None:
    events = [event(f"m{at}", at, user_id="ab"[at % 2], received=LATER, imported=True) for at in range(6)]
    waiting = Waiting(11, sheet_of(events))
    assert [seq for seq, _ in waiting.about("user", "b")] == [12, 14, 16]
    waiting.done = 2
    assert list(waiting.about("user", "b")) == [(14, events[3]), (16, events[5])]
    assert (waiting.first_of("m1"), waiting.first_of("m2"), len(waiting)) == (None, 13, 4)
    assert list(waiting.about("anonymous", "b")) == []
    assert list(waiting.pairs(1)) == [(13, events[2])]


def test_days_and_minutes_are_those_of_the_zone() -> None:
    sheet = sheet_of([event(f"m{at}", at * 720, user_id="a", received=LATER, imported=True) for at in range(5)])
    laid = lay_out(sheet, 1, [0] * 5, MADRID, lambda name: ())
    assert list(laid.days) == [MADRID.day(time) for time in sheet.moments]
    assert list(laid.minutes) == [MADRID.minute(time) for time in sheet.moments]
    assert sheet.moments[1] - sheet.moments[0] == 720 * MINUTE
