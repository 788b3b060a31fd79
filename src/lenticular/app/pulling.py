"""The sources of all sites: how each stands, what is due, a run of one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

from lenticular.app.imports import check_list
from lenticular.app.jobs.asking import Asking as Jobs
from lenticular.app.jobs.told import defect
from lenticular.app.pull import Pull, Pulled
from lenticular.app.report import Report
from lenticular.app.site import LiveSite
from lenticular.app.source import DataSource, SourceState, next_run, read_source
from lenticular.catalog.author import Author
from lenticular.errors import LenticularError
from lenticular.jobs.job import SERVER, Job
from lenticular.ports import Clock

_log = logging.getLogger(__name__)
KIND = "pull"
"""The kind of their jobs."""
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
    """The sources of all sites. `scheduled`: they run by themselves; `environment` has their secrets.

    Their runs are jobs; how the last run of each went is kept beside its definition, where the next one begins.
    """

    def __init__(self, sites: Mapping[str, LiveSite], clock: Clock, jobs: Jobs) -> None:
        self._sites, self._clock, self._jobs = sites, clock, jobs
        self._asked: set[tuple[str, str]] = set()
        self._running: dict[tuple[str, str], Pull] = {}
        self._looked = 0.0
        self.scheduled = False
        self.environment: Mapping[str, str] = {}

    def wake(self) -> None:
        """Look at once at what is due."""
        self._looked = 0.0
        self._jobs.wake()

    async def ask(self, site: LiveSite, name: str, author: Author = SERVER) -> None:
        """Run a source as soon as no other runs. Raises LenticularError if there is none, StoreError."""
        site.stores.sources.text(name)
        if self._is_running(site, name):
            return
        self._asked.add((site.key, name))
        try:
            job = await self._jobs.ask(Job(KIND, site.key, name, author=author))
            while job.state == "running":  # the last run, whose end is just being written
                await self._jobs.done(job)
                job = await self._jobs.ask(Job(KIND, site.key, name, author=author))
        except LenticularError:
            self._asked.discard((site.key, name))
            raise

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
        running = self._running.get((site.key, name))
        try:
            source = _source(site, name)
        except LenticularError as error:
            return _info(name, None, state, None, str(error))
        due = next_run(source, state, ZoneInfo(site.engine.catalog.site.timezone))
        found = _info(name, source, state, due, state.problem)
        asked = (site.key, name) in self._asked
        if running is None:
            return msgspec.structs.replace(found, running=asked)
        return msgspec.structs.replace(found, running=True, rows=running.report.rows)

    def _is_running(self, site: LiveSite, name: str) -> bool:
        return (site.key, name) in self._running

    def due(self, now: int) -> list[Job]:
        """Return the runs of sources that are due, the one that has been for longest first."""
        moment = asyncio.get_running_loop().time()
        if not self.scheduled or moment - self._looked < _LOOK:
            return []
        self._looked = moment
        found: list[tuple[int, str, str]] = []
        for site in list(self._sites.values()):
            for one in self.infos(site):
                if not one.running and one.next_run is not None and one.next_run <= now:
                    found.append((one.next_run, site.key, one.name))
        return [Job(KIND, site, name, due=due or now) for due, site, name in sorted(found)]

    def rows(self, site: LiveSite, name: str) -> int:
        """Return how many rows a run has read so far."""
        running = self._running.get((site.key, name))
        return running.report.rows if running else 0

    def forget(self, site: str, name: str) -> None:
        """Take note that a run that was asked for does not come about."""
        self._asked.discard((site, name))

    async def run(self, site: LiveSite, name: str) -> Report:
        """Run a source to its end, and note how that went. Raises LenticularError with what was wrong."""
        before, began = _state(site, name), self._clock()
        problem, since = None, before.since
        report = Report()
        try:
            pull = Pull(site, name, _source(site, name), self.environment)
            report = pull.report
            self._running[site.key, name] = pull
            since = (await pull.run(before)).since
        except LenticularError as error:
            problem = error.problems[0]
        except Exception:
            _log.exception("The source %s can't be pulled.", name)
            problem = defect()
        finally:
            self._running.pop((site.key, name), None)
            self._asked.discard((site.key, name))
        if problem:
            _log.warning("The source %s of the site %s failed. %s", name, site.key, problem)
        failures = before.failures + 1 if problem else 0
        state = SourceState(began, self._clock(), report, str(problem or ""), failures, since)
        if name in site.stores.sources.names():
            try:
                site.stores.source_states.put(name, state)
            except LenticularError as error:
                _log.error("How the source %s went can't be noted. %s", name, error)
                await asyncio.sleep(_LOOK)
        if problem:
            raise LenticularError(problem)
        return report


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
