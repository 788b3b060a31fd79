"""Quarantine: rows that the events store refused are sent again once what they stumbled over is mended, or dropped."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

import msgspec

from lenticular.app.site import LiveSite
from lenticular.criteria.tables import EVENTS
from lenticular.errors import EventsUnavailableError, LenticularError, Problem
from lenticular.ports import Batch


class Retried(msgspec.Struct, frozen=True):
    """How many rows the events store took, and how many it refused again."""

    sent: int
    refused: int


class _Key(msgspec.Struct, frozen=True):
    seq: int


_number = msgspec.json.Decoder(_Key, strict=False).decode


async def retry(site: LiveSite, ids: Collection[str] | None = None) -> Retried:
    """Send rows that were set aside once more; None: all. One that is taken leaves the quarantine, and counts once.

    Raises EventsUnavailableError, LenticularError for an id that is not there.
    """
    rows = _chosen(site, ids)
    sent = 0
    for token, (table, line) in rows.items():
        number = _numbered(line) if table == EVENTS else 0
        try:
            await site.stores.events.insert_missing(Batch(table, number, number, 1, line, "/again"))
        except EventsUnavailableError:
            raise
        except LenticularError as error:
            await asyncio.to_thread(site.stores.profiles.still_refused, token, str(error))
        else:
            await asyncio.to_thread(site.stores.profiles.release, [token])
            sent += 1
    return Retried(sent, len(rows) - sent)


async def drop(site: LiveSite, ids: Collection[str] | None) -> int:
    """Delete rows that were set aside, None: all; return how many. They are counted nowhere. Raises LenticularError."""
    rows = _chosen(site, ids)
    await asyncio.to_thread(site.stores.profiles.release, list(rows))
    return len(rows)


def _chosen(site: LiveSite, ids: Collection[str] | None) -> dict[str, tuple[str, bytes]]:
    rows = {row.token: (row.table, row.line) for row in site.stores.profiles.set_aside()}
    if ids is None:
        return rows
    for each in ids:
        if each not in rows:
            hint = "Look with `lenticular quarantine list`."
            raise LenticularError(Problem("quarantine.unknown", "There is no such row.", each, hint))
    return {each: rows[each] for each in ids}


def _numbered(line: bytes) -> int:
    try:
        return _number(line).seq
    except msgspec.DecodeError:
        return 0
