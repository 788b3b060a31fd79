"""A sheet of an import is accepted: what was not accepted before, and each message once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from lenticular.app.import_ import Lines, is_old, known, ready, take
from lenticular.app.import_part import Taken
from lenticular.app.report import Report
from lenticular.app.sheets.cut import rows_of
from lenticular.app.sheets.lay_out import shown_in
from lenticular.app.site import LiveSite
from lenticular.ports import ProfileStore
from lenticular.profiles.fold import IMPRESSION, register_keys
from lenticular.profiles.sheet import Sheet


async def take_sheet(site: LiveSite, sheet: Sheet, dry: bool) -> Taken:
    """Accept the events of a sheet that are new. Raises what `take` raises."""
    if site.tells_topics(sheet.properties) or IMPRESSION in sheet.names.values:
        # What is about content is looked at one by one.
        events = list(sheet.events())
        return await take(site, Lines(events, [0] * len(events), dry=dry))
    await ready(site)
    profiles = site.stores.profiles
    marks, seen = await site.collector.look(lambda: _marks(profiles, sheet.message_ids))
    if await is_old(site):
        first, last = min(sheet.moments, default=0), max(sheet.moments, default=0)
        seen |= await known(site, sheet.message_ids, first, last)
    fresh = unseen(sheet, marks, seen)
    if not dry:
        register_keys("event", (key for _, key in shown_in(fresh)), site.collector.types)
        site.register()
        await site.collector.accept(fresh)
    return Taken(Report(accepted=len(fresh), duplicate=len(sheet) - len(fresh)), [], len(site.types))


def _marks(profiles: ProfileStore, message_ids: Sequence[str]) -> tuple[list[int], set[int]]:
    marks = profiles.marks(message_ids)
    return marks, profiles.has_seen(marks)


def unseen(sheet: Sheet, marks: Sequence[int], seen: Iterable[int]) -> Sheet:
    """Return the first row of each message of a sheet, but for those that were accepted before; `marks` are theirs."""
    first = dict(zip(reversed(marks), range(len(marks) - 1, -1, -1), strict=True))
    for mark in seen:
        first.pop(mark, None)
    return sheet if len(first) == len(marks) else rows_of(sheet, np.array(sorted(first.values()), np.int64))
