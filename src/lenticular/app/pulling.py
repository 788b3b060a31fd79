"""Sources run by themselves, one at a time, and when asked."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

from lenticular.app.imports import check_list
from lenticular.app.pull import Pull, Pulled
from lenticular.app.report import Report
from lenticular.app.site import LiveSite
from lenticular.app.source import DataSource, SourceState, next_run, read_source
from lenticular.errors import LenticularError
from lenticular.ports import Clock

_log = logging.getLogger(__name__)
_LOOK = 5.0
"""Seconds between two looks at what is due."""
_TRIAL = 1_000
"""Rows that a trial reads."""
_read = lru_cache(maxsize=256)(read_source)  # often looked at, seldom changed


class SourceInfo(msgspec.Struct, frozen=True, rename="camel"):
    """A source: what it brings, from where (no secret is in it), when it runs, and how the last run went (ms).

    `rows` are those of the run that goes on, or of the last one. `next_run` is null where it runs only when asked.
    """

    name: str
    what: str
    place: str
    schedule: str
    running: bool
    began: int
    ended: int
    next_run: int | None
    rows: int
    report: Report
    problem: str
    failures: int


class Pulling:
    """The sources of all sites. `scheduled`: they run by themselves; `environment` has their secrets."""

    def __init__(self, sites: Mapping[str, LiveSite], clock: Clock) -> None:
        self._sites, self._clock = sites, clock
        self._asked: deque[tuple[str, str]] = deque()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._running: tuple[str, str, Pull] | None = None
        self.scheduled = False
        self.environment: Mapping[str, str] = {}

    def open(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._work())

    async def close(self) -> None:
        """Stop; a run that is broken off begins again."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def wake(self) -> None:
        """Look at once at what is due."""
        self._wake.set()

    def ask(self, site: LiveSite, name: str) -> None:
        """Run a source as soon as no other runs. Raises LenticularError if there is none."""
        site.stores.sources.text(name)
        if (site.key, name) not in self._asked and not self._is_running(site, name):
            self._asked.append((site.key, name))
        self._wake.set()

    async def trial(self, site: LiveSite, name: str) -> Pulled:
        """Read the first rows of a source, and change nothing. Raises LenticularError."""
        source = _source(site, name)
        return await Pull(site, name, source, self.environment).run(SourceState(), dry=True, most=_TRIAL)

    def infos(self, site: LiveSite) -> list[SourceInfo]:
        """Return the sources of a site."""
        return [self.info(site, name) for name in site.stores.sources.names()]

    def info(self, site: LiveSite, name: str) -> SourceInfo:
        """Return one source. Raises LenticularError if there is none."""
        state = _state(site, name)
        running = self._running if self._is_running(site, name) else None
        try:
            source = _source(site, name)
        except LenticularError as error:
            return _info(name, None, state, None, str(error))
        due = next_run(source, state, ZoneInfo(site.engine.catalog.site.timezone))
        found = _info(name, source, state, due, state.problem)
        asked = (site.key, name) in self._asked
        if running is None:
            return msgspec.structs.replace(found, running=asked)
        return msgspec.structs.replace(found, running=True, rows=running[2].report.rows)

    def _is_running(self, site: LiveSite, name: str) -> bool:
        return self._running is not None and self._running[:2] == (site.key, name)

    async def _work(self) -> None:
        while True:
            self._wake.clear()
            found = self._asked.popleft() if self._asked else self._due()
            if found is not None and found[0] in self._sites:
                await self._run(self._sites[found[0]], found[1])
                continue
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _LOOK)

    def _due(self) -> tuple[str, str] | None:
        """Return the source that has been due for longest."""
        if not self.scheduled:
            return None
        now = self._clock()
        due: list[tuple[int, str, str]] = []
        for site in list(self._sites.values()):
            for one in self.infos(site):
                if one.next_run is not None and one.next_run <= now:
                    due.append((one.next_run, site.key, one.name))
        return min(due)[1:] if due else None

    async def _run(self, site: LiveSite, name: str) -> None:
        """Run a source to its end, and note how that went; nothing that it meets ends the others."""
        before, began = _state(site, name), self._clock()
        problem, since = "", before.since
        report = Report()
        try:
            pull = Pull(site, name, _source(site, name), self.environment)
            report = pull.report
            self._running = (site.key, name, pull)
            since = (await pull.run(before)).since
        except LenticularError as error:
            problem = str(error.problems[0])
        except Exception:
            _log.exception("The source %s can't be pulled.", name)
            problem = "A defect of ours; the server's log says more."
        finally:
            self._running = None
        if problem:
            _log.warning("The source %s of the site %s failed. %s", name, site.key, problem)
        state = SourceState(began, self._clock(), report, problem, before.failures + 1 if problem else 0, since)
        if name in site.stores.sources.names():
            try:
                site.stores.source_states.put(name, state)
            except LenticularError as error:
                _log.error("How the source %s went can't be noted. %s", name, error)
                await asyncio.sleep(_LOOK)


def put_source(site: LiveSite, name: str, text: str) -> DataSource:
    """Define a source, or define it anew: then it begins at its first `since`. Raises LenticularError."""
    source = read_source(text, f"{name}.yaml")
    if source.what == "members":
        check_list(site, source.segment)
    site.stores.sources.put(name, text)
    site.stores.source_states.remove(name)
    return source


def remove_source(site: LiveSite, name: str) -> None:
    """Forget a source; what it brought stays. Raises LenticularError if there is none."""
    site.stores.sources.remove(name)
    site.stores.source_states.remove(name)


def _source(site: LiveSite, name: str) -> DataSource:
    return _read(site.stores.sources.text(name), f"{name}.yaml")


def _state(site: LiveSite, name: str) -> SourceState:
    return site.stores.source_states.get(name) or SourceState()


def _info(name: str, source: DataSource | None, state: SourceState, due: int | None, problem: str) -> SourceInfo:
    return SourceInfo(
        name=name,
        what=source.what if source else "",
        place=(source.files or source.url) if source else "",
        schedule=_schedule(source) if source else "",
        running=False,
        began=state.began,
        ended=state.ended,
        next_run=due,
        rows=state.report.rows,
        report=state.report,
        problem=problem,
        failures=state.failures,
    )


def _schedule(source: DataSource) -> str:
    if source.every:
        return f"every {source.every}"
    return f"daily at {source.daily}" if source.daily else "when asked"
