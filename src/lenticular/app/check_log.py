"""What the doctor sees of a site's log: its parts, and whether it has every event of the journal once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from lenticular.app.finding import Finding, fine, warning, wrong
from lenticular.app.site import LiveSite
from lenticular.criteria.calendar import DAY, Calendar
from lenticular.errors import EventsUnavailableError, LenticularError
from lenticular.profiles.event import Event
from lenticular.stores.clickhouse.check import ClickHouseCheck
from lenticular.stores.clickhouse.migrate import steps

_PAGE = 5_000
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
    aside = {_seq(line) for table, line, _ in profiles.quarantined() if table == "events"}
    kept_from = site.engine.catalog.site.kept_from(site.clock()) or _EVER
    found, after = Compared(), 0
    while page := [pair for pair in await asyncio.to_thread(journal.read, after, _PAGE) if pair[0] <= upto]:
        after = page[-1][0]
        wanted = {seq: event for seq, event in page if event.type not in _NO_ROW and seq not in aside}
        wanted = {seq: event for seq, event in wanted.items() if event.time >= kept_from}
        have, doubled = await check.slice(page[0][0], after)
        found.looked += len(wanted)
        found.doubled += doubled
        lacking = {seq: event for seq, event in wanted.items() if seq not in have}
        if lacking:  # a message that was sent again is there under its first number
            known = await check.known({event.message_id for event in lacking.values()})
            found.missing.update(_days(event for event in lacking.values() if event.message_id not in known))
    return found


def _seq(line: bytes) -> int:
    try:
        return int(msgspec.json.decode(line)["seq"])
    except (msgspec.DecodeError, KeyError, TypeError, ValueError):
        return 0


def _days(events: Iterable[Event]) -> Iterable[int]:
    return (event.received // DAY for event in events)


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
