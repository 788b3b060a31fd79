"""What the doctor sees of a site's log: its parts, and whether it has every event of the journal once."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime

import msgspec

from lenticular.app.finding import Finding, fine, warning, wrong
from lenticular.app.give_way import give_way
from lenticular.app.site import LiveSite
from lenticular.criteria.calendar import DAY, Calendar
from lenticular.errors import EventsUnavailableError, LenticularError
from lenticular.ports import Journal
from lenticular.stores.clickhouse.check import ClickHouseCheck
from lenticular.stores.clickhouse.migrate import steps

_PIECE, _PIECES = 200, 5
"""Events that are read without giving way, and how many times that is compared at once."""
_REPAIR = "lenticular doctor --repair brings them back from the last backup and the journal."
_EVER = -(1 << 62)
_NO_ROW = ("visit", "member")


class Compared(msgspec.Struct):
    """The log beside the journal: how many events were looked at, how many are missing by day, how many doubled."""

    looked: int = 0
    missing: Counter[int] = msgspec.field(default_factory=Counter)
    doubled: int = 0


async def compare(site: LiveSite) -> Compared:
    """Look at every event that the journal has and that was sent. Raises EventsUnavailableError."""
    journal, profiles = site.stores.journal, site.stores.profiles
    check = ClickHouseCheck(site.stores.parts)
    unsent = profiles.unsent()
    upto = profiles.folded() if unsent is None else unsent - 1
    aside = await asyncio.to_thread(
        lambda: {_seq(line) for table, line, _ in profiles.quarantined() if table == "events"}
    )
    kept_from = site.engine.catalog.site.kept_from(site.clock()) or _EVER
    found, after = Compared(), 0
    while stretch := await asyncio.to_thread(_stretch, journal, (after, upto), kept_from):
        first, after, told = stretch.first, stretch.last, stretch.told
        have, doubled = await check.slice(first, after)
        lacking, looked = await asyncio.to_thread(_lacking, told, have, aside)
        found.looked += looked
        found.doubled += doubled
        if lacking:  # a message that was sent again is there under its first number
            known = await check.known(lacking.keys())
            found.missing.update(received // DAY for message, received in lacking.items() if message not in known)
    return found


class _Stretch(msgspec.Struct, frozen=True):
    """Numbers of a journal, first to last; of those that have a row in the log: number, message id, arrival (ms)."""

    first: int
    last: int
    told: list[tuple[int, str, int]]


def _stretch(journal: Journal, between: tuple[int, int], kept_from: int) -> _Stretch | None:
    """Return the next numbers of a journal, None if there are no more; the log keeps what happened from a moment on."""
    first, told = 0, list[tuple[int, str, int]]()
    after, upto = between
    for _ in range(_PIECES):
        piece = [pair for pair in journal.read(after, _PIECE) if pair[0] <= upto]
        if not piece:
            break
        first, after = first or piece[0][0], piece[-1][0]
        rows = [(seq, event) for seq, event in piece if event.type not in _NO_ROW and event.time >= kept_from]
        told += [(seq, event.message_id, event.received) for seq, event in rows]
        give_way()
    return _Stretch(first, after, told) if first else None


def _lacking(told: list[tuple[int, str, int]], have: set[int], aside: set[int]) -> tuple[dict[str, int], int]:
    """Return the ids and arrival of what a log should have and lacks, and how many it should have."""
    wanted = [(seq, message, received) for seq, message, received in told if seq not in aside]
    return {message: received for seq, message, received in wanted if seq not in have}, len(wanted)


def _seq(line: bytes) -> int:
    try:
        return int(msgspec.json.decode(line)["seq"])
    except (msgspec.DecodeError, KeyError, TypeError, ValueError):
        return 0


async def check_log(site: LiveSite) -> list[Finding]:
    """Look at everything of a site's log. Never raises for a log that is ill."""
    check = ClickHouseCheck(site.stores.parts)
    try:
        step, newest = await site.stores.parts.step(), steps()[-1].number
        if step > newest:
            hint = "Run that version again, or restore a backup of this one."
            return [wrong("log.newer", f"A newer version has changed the tables (step {step}).", hint, site.key)]
        found = await _parts(site, check)
        if not any(each.level == "wrong" for each in found):
            found += await _rows(site, check)
    except EventsUnavailableError as error:
        hint = "It is tried again by itself; child.log in its folder says why. Events are kept meanwhile."
        return [wrong("log.down", f"The events store does not answer: {error.problems[0].message}", hint, site.key)]
    except LenticularError as error:
        return [wrong("log.unreadable", f"The log can't be read: {error.problems[0].message}", _REPAIR, site.key)]
    return found


async def _parts(site: LiveSite, check: ClickHouseCheck) -> list[Finding]:
    found = []
    broken = await check.broken()
    if broken:
        message = f"{len(broken)} parts of the log are not what was written, such as {broken[0][0]} {broken[0][1]}."
        found.append(wrong("log.broken", message, _REPAIR, site.key))
    aside = await check.set_aside()
    if aside:
        message = f"{len(aside)} broken parts of the log were set aside, such as {aside[0].table} {aside[0].name}."
        found.append(wrong("log.aside", message, _REPAIR, site.key))
    return found


async def _rows(site: LiveSite, check: ClickHouseCheck) -> list[Finding]:
    compared = await compare(site)
    found = []
    if compared.missing:
        days = sorted(compared.missing.items())
        shown = ", ".join(f"{_day(day)}: {count:,}" for day, count in days[:5]) + (", …" if len(days) > 5 else "")
        message = f"The log lacks {compared.missing.total():,} events of the journal ({shown})."
        found.append(wrong("log.missing", message, _REPAIR, site.key))
    if compared.doubled:
        hint = "lenticular doctor --repair lets each be there once."
        found.append(wrong("log.doubled", f"The log has {compared.doubled:,} events twice.", hint, site.key))
    first, folded = site.stores.journal.first(), site.stores.profiles.folded()
    if not found and folded and first != 1 and not await site.stores.parts.rows("events"):
        message = f"The log is empty, though {folded:,} events were folded, and the journal has none of the oldest."
        hint = "If its folder was deleted: lenticular replay --backup DIR."
        found.append(warning("log.empty", message, hint, site.key))
    moved = _moved(await check.local(max(site.stores.profiles.folded() - 1_000, 0)), site.engine.snapshot.calendar)
    if moved:
        message = f"Of the newest events, {moved} lie on another local day than this machine's zone tables say."
        hint = "The tables of zones were changed since; what was written stays as it was."
        found.append(warning("log.zone", message, hint, site.key))
    return found or [fine("log", f"the log has each of {compared.looked:,} events of the journal once", site.key)]


def _moved(events: list[tuple[int, int, int]], calendar: Calendar) -> int:
    return sum(
        (day, minute) != (local // DAY, local % DAY // 60_000)
        for time, day, minute in events
        for local in (calendar.local(time),)
    )


def _day(day: int) -> str:
    return datetime.fromtimestamp(day * 86_400, UTC).strftime("%Y-%m-%d")
