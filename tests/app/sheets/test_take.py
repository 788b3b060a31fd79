"""A file that goes in as sheets leaves the same people and the same log as one whose rows go in one by one."""

from __future__ import annotations

import csv
import random
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lenticular.app.check_part import check_part
from lenticular.app.columns import Columns, properties_of
from lenticular.app.import_ import Rows, import_rows
from lenticular.app.import_part import Beginning, Part
from lenticular.app.imports import begin, take_part
from lenticular.app.open import Installation
from lenticular.app.publish import publish
from lenticular.app.row import Position
from lenticular.app.site import LiveSite
from lenticular.cli.job import FileReading, Job
from lenticular.cli.reading import look_at
from lenticular.errors import LenticularError
from lenticular.profiles.sheet import Column, Sheet, coded, packed, sheet_of
from tests.decide.world import SITE, catalog_of
from tests.profiles.worlds import event
from tests.running import MONDAY, running

RULES = {
    "often": 'count("Ping", n > 3) >= 6',
    "sums": 'sum("Ping", n, within="30d") >= 40 and distinct("Ping", word, within="60d") >= 2',
    "chain": 'sequence(event("Ping", n == 1), event("Pong", n == 2), within="60d")',
    "visit": 'count("Ping", within="session") >= 2',
}
LOG = (
    "SELECT message_id, seq, time, tie, profile_id, name, type, session_id, day, minute, received, "
    "toString(properties), toString(context) FROM events ORDER BY seq"
)
SESSIONS = "SELECT profile_id, session_id, start, last, number, toString(properties) FROM sessions FINAL ORDER BY 1, 2"


def write(path: Path, rows: int, other: str) -> list[dict[str, str]]:
    """Write a file of people who come again, with ids in common, moments to come, and messages that come twice."""
    dice, found = random.Random(3), []
    for at in range(rows):
        time = MONDAY - 20 * 86_400_000 + dice.randrange(400) * 3_700_000
        found.append(
            {
                "userId": dice.choice(["", "u1", "u2", "u3", "u4", "u5"]),
                "anonymousId": dice.choice(["", "", "a1", "a2", "a3"]) or "",
                "event": dice.choice(["Ping", "Ping", other]),
                "timestamp": str(time + (40 * 86_400_000 if at % 97 == 5 else 0)),
                "messageId": f"m{at % 50}" if at % 7 == 0 else "",
                "n": dice.choice(["1", "2", "2.5", "10", "", "many"]),
                "word": dice.choice(["kiwi", "", 'a "fig"', "ñame"]),
                "item": dice.choice(["", "ad"]),
            }
        )
        if not found[-1]["userId"] and at % 11:
            found[-1]["userId"] = "u6"
    with path.open("w", newline="") as opened:
        writer = csv.DictWriter(opened, list(found[0]))
        writer.writeheader()
        writer.writerows(found)
    return found


async def opened(installation: Installation, key: str) -> LiveSite:
    site = await installation.ensure(msgspec.structs.replace(SITE, key=key, write_key=key, secret_key=f"s-{key}"))
    properties = {"event.n": {"scope": "event", "name": "n", "type": "number"}}
    segments = {each: {"rule": rule} for each, rule in RULES.items()}
    await publish(
        site,
        msgspec.structs.replace(catalog_of(properties=properties, segments=segments), site=site.engine.catalog.site),
    )
    return site


async def by_sheets(site: LiveSite, file: Path) -> tuple[int, int, int]:
    """Import a file as the command does; return how many rows were accepted, duplicate and refused."""
    look = look_at(file, Columns(), "events")
    properties = properties_of(look.types, Columns(), "events")
    named = [(scope, name, kind) for (scope, name), kind in properties.items()]
    note = begin(site, Beginning("events", file.name, file.stat().st_size, "x", Columns(), named))
    types: dict[tuple[str, str], str] = {**properties, **site.types}
    reading = FileReading(Job("events", str(file), Columns(), MONDAY), types, Position())
    counts, sheets = [0, 0, 0], 0
    while (ready := reading.next()) is not None:
        part = msgspec.msgpack.decode(ready.body, type=Part)
        sheets += part.sheet is not None
        report = (await take_part(site, note.id, part)).report
        counts = [counts[0] + report.accepted, counts[1] + report.duplicate, counts[2] + ready.refused.refused]
    reading.close()
    assert sheets
    return counts[0], counts[1], counts[2]


async def left(site: LiveSite) -> dict[str, Any]:
    """Return what an import leaves."""
    await site.settle()
    return {
        "profiles": list(site.stores.profiles.everyone()),
        "properties": site.stores.profiles.properties(),
        "log": await site.stores.events.query(LOG, {}),
        "sessions": await site.stores.events.query(SESSIONS, {}),
        "journal": site.stores.journal.read(0, 10_000),
    }


@pytest.mark.parametrize("other", ["Pong", "Impression"])
async def test_sheets_leave_what_rows_leave(tmp_path: Path, other: str) -> None:
    file = tmp_path / "pings.csv"
    rows = write(file, 600, other)
    async with running(tmp_path / "data") as (installation, _):
        columns, singly = await opened(installation, "columns"), await opened(installation, "singly")
        types = properties_of(look_at(file, Columns(), "events").types, Columns(), "events")
        accepted = await by_sheets(columns, file)
        guessed = {name: kind for (_, name), kind in types.items()}
        one_by_one = await import_rows(singly, Rows(file.name, Columns(), guessed, list(enumerate(rows, 2))))
        assert accepted == (one_by_one.accepted, one_by_one.duplicate, one_by_one.refused)
        assert 0 not in accepted
        found, expected = await left(columns), await left(singly)
        for name, values in expected.items():
            assert found[name] == values, name
        assert len(found["log"]) == accepted[0]
        assert await by_sheets(columns, file) == (0, accepted[0] + accepted[1], accepted[2])
        assert (await import_rows(singly, Rows(file.name, Columns(), guessed, list(enumerate(rows, 2))))).accepted == 0


async def test_decisions_know_a_sheet_that_waits(tmp_path: Path) -> None:
    async with running(tmp_path) as (installation, _):
        site = await opened(installation, "shop")
        sheet = sheet_of(
            [
                event(f"m{at}", -at, user_id=f"u{at % 3}", name="Ping", received=MONDAY, imported=True)
                for at in range(90, 0, -1)
            ]
        )
        async with site.collector.paused():
            await site.collector.accept(sheet)
            assert site.collector.pending == 90
            profile = site.collector.current("", "u1")
            assert profile is not None
            assert profile.version == 30
            assert site.collector.objection(event("m5", 0, user_id="u1")) is None
            oldest = site.collector.oldest
            assert oldest is not None and oldest.message_id == "m90"
        await site.collector.drain()
        after = site.collector.current("", "u1")
        assert after is not None and after.version == 30
        assert msgspec.structs.replace(after, id=profile.id) == profile  # whose id was not settled
        assert site.collector.pending == 0


GOOD = sheet_of([event("m1", 0, user_id="u", imported=True), event("m2", 0, user_id="u", imported=True)])
CODES = packed("i", [0, 0])
BAD: dict[str, Sheet] = {
    "times of other rows": msgspec.structs.replace(GOOD, times=b"x"),
    "codes of other rows": msgspec.structs.replace(GOOD, names=Column(["Seen"], packed("i", [0]))),
    "a value that is not there": msgspec.structs.replace(GOOD, names=Column(["Seen"], packed("i", [0, 1]))),
    "a code below none": msgspec.structs.replace(GOOD, names=Column(["Seen"], packed("i", [0, -2]))),
    "a row without a name": msgspec.structs.replace(GOOD, names=Column(["Seen"], packed("i", [0, -1]))),
    "a row of nobody": msgspec.structs.replace(GOOD, user_ids=coded(["u", None])),
    "an empty id": msgspec.structs.replace(GOOD, user_ids=Column([""], CODES)),
    "a name that is a number": msgspec.structs.replace(GOOD, names=Column([5], CODES)),
    "a text that is a number": msgspec.structs.replace(GOOD, properties={"t_x": Column([5.0], CODES)}),
    "a key that is none": msgspec.structs.replace(GOOD, properties={"x_x": Column([5.0], CODES)}),
    "a NUL in a text": msgspec.structs.replace(GOOD, properties={"t_x": Column(["\0"], CODES)}),
    "a NUL in an id": msgspec.structs.replace(GOOD, message_ids=["a\0", "b"]),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_sheet_is_refused(what: str) -> None:
    check_part(Part([], [], "events", sheet=GOOD))
    with pytest.raises(LenticularError) as caught:
        check_part(Part([], [], "events", sheet=BAD[what]))
    assert caught.value.problems[0].code == "import.part"
