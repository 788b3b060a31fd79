"""Segment sizes: who belongs to each live segment is counted and kept, hourly and after a publish."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from lenticular.app.affected import changed_segments
from lenticular.app.engine import unknown_segment
from lenticular.app.jobs.kind import Kind
from lenticular.app.jobs.run import Run
from lenticular.app.segment_sizes import Count, counting, keep_members, who_moved
from lenticular.app.site import LiveSite
from lenticular.criteria.segments import Segments
from lenticular.errors import EventsUnavailableError, LenticularError, Problem
from lenticular.ids import short_hash
from lenticular.jobs.job import Job

HOUR = 3_600_000
OnMoved = Callable[[str, str, list[int], list[int], int], Awaitable[None] | None]
"""Called, and waited for, with a site, a segment, the profile ids of those who joined and who left it since it was
counted the time before, and when that was found (ms). It may be told of the same moment twice.
"""
_log = logging.getLogger(__name__)


class SegmentSizesKind(Kind):
    """A count of all segments of a site, or of some, one after another; it goes on behind the last one that was told.

    `on_moved` are told of each segment that people joined or left.
    """

    name = "segment-sizes"
    upkeep = True

    def __init__(self, sites: Mapping[str, LiveSite], on_moved: Sequence[OnMoved]) -> None:
        self._sites, self._on_moved = sites, on_moved
        self._seen: dict[str, Segments] = {}

    async def due(self, now: int) -> Sequence[Job]:
        """Return a count of everything each hour, and of what a publish has changed."""
        found = []
        for key, site in list(self._sites.items()):
            segments = site.engine.segments
            seen, self._seen[key] = self._seen.get(key, segments), segments
            changed = set() if seen is segments else changed_segments(seen, segments).keys() & segments.trees.keys()
            if segments.trees:
                found.append(Job(self.name, key, slot=now // HOUR * HOUR))
            if changed:
                arguments = {"segments": sorted(changed), "publication": site.publication}
                found.append(Job(self.name, key, f"publication-{site.publication}", arguments=arguments))
        return found

    def asked(self, site: str, arguments: dict[str, Any]) -> Job:
        """Return a count of all segments, or of those named. Raises LenticularError for one that there is not."""
        if site not in self._sites:
            raise LenticularError(Problem("segment-sizes.site", "Of which site?", hint="Ask at a site."))
        keys = arguments.get("segments", [])
        engine = self._sites[site].engine
        named = isinstance(keys, list) and all(isinstance(key, str) for key in keys)
        if arguments.keys() - {"segments"} or not named:
            hint = '{"segments": ["students"]}, or nothing for all.'
            raise LenticularError(Problem("segment-sizes.arguments", "These arguments are wrong.", "arguments", hint))
        unknown = [unknown_segment(key, engine) for key in keys if key not in engine.segments.trees]
        if unknown:
            raise LenticularError(*unknown)
        kept = {"segments": sorted(set(keys))} if keys else {}
        which = short_hash(",".join(kept["segments"])) if kept else ""
        return Job(self.name, site, which, arguments=kept)

    async def run(self, run: Run) -> None:
        """Count; one segment that can't be counted stops no other. Raises EventsUnavailableError, LenticularError."""
        site = self._sites[run.job.site]
        begun = _Begun(run.job.note, site.clock())
        await run.note(at=begun.at, told=begun.told)
        await site.settle()
        by = await counting(site, begun.at)
        segments = by.segments
        keys = sorted(set(run.job.arguments.get("segments") or segments.trees) & segments.trees.keys())
        refused: dict[str, Problem] = {}
        for number, key in enumerate(keys, 1):
            if key <= begun.told:
                continue
            try:
                await self._tell(site, await keep_members(site.stores.events, by, key, begun.before(key)))
            except EventsUnavailableError:
                raise
            except LenticularError as error:
                refused[key] = error.problems[0]
            await run.note(at=begun.at, told=key)
            await run.progress(number, len(keys))
        run.results(segments=len(keys) - len(refused), at=begun.at)
        if refused:
            key, problem = next(iter(refused.items()))
            message = f"{len(refused)} of {len(keys)} segments can't be counted, such as {key}: {problem.message}"
            raise LenticularError(Problem("segment-sizes.refused", message, f"segments/{key}", problem.hint))

    async def _tell(self, site: LiveSite, count: Count) -> None:
        if not self._on_moved or count.before is None or not (count.joined or count.left):
            return
        joined, left = await who_moved(site.stores.events, count)
        for tell in self._on_moved:
            try:
                waited = tell(site.key, count.segment, joined, left, count.at)
                if waited is not None:
                    await waited
            except Exception:
                _log.exception("Someone could not be told who moved.")


class _Begun:
    """Where a count stands that a note may say has begun already: at which moment, and which segment was told last.

    Within the hour it goes on at its moment, later it begins anew. Of the segment behind the last one that was told,
    the members may have been kept and not told: it is compared with what was there before its count began.
    """

    def __init__(self, note: dict[str, Any], now: int) -> None:
        begun: int = note.get("at", now)
        goes_on = 0 <= now - begun < HOUR
        self.at = begun if goes_on else now
        self.told: str = note.get("told", "") if goes_on else ""
        self._once_told: str | None = None if goes_on else note.get("told", "")
        self._begun = begun

    def before(self, key: str) -> int | None:
        """Return before which moment the last count of a segment is to be looked for, None for this one's."""
        if self._once_told is None or key <= self._once_told:
            return None
        self._once_told = None
        return self._begun
