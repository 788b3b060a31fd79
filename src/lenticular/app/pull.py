"""One run of a source: its rows become events, page by page, like those of a file."""

from __future__ import annotations

import asyncio
import glob
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from lenticular.app.backfill import ask
from lenticular.app.columns import guess_types, properties_of
from lenticular.app.give_way import politely
from lenticular.app.import_ import Lines, learn, take
from lenticular.app.imports import check_list
from lenticular.app.report import Report
from lenticular.app.row import Unreadable, plain_cell
from lenticular.app.row_events import RowEvents, Source
from lenticular.app.rows import open_rows
from lenticular.app.site import LiveSite
from lenticular.app.source import DataSource, SourceState, expanded, read_back, written
from lenticular.criteria.duration import parse_duration
from lenticular.criteria.sql_static import static_query
from lenticular.errors import LenticularError, Problem
from lenticular.ids import hash64
from lenticular.profiles.event import Event
from lenticular.stores.sqlite.marks import Marks

if TYPE_CHECKING:
    from lenticular.stores.warehouse.reader import QueryReader

Page = list[tuple[int, dict[str, Any] | Unreadable]]
_PAGE = 2_000
_MOMENT, _GRACE = 0.2, 5.0


class Pulled(msgspec.Struct, frozen=True):
    """What became of the rows of a run, the watermark behind it, and the first rows as they came."""

    report: Report
    since: tuple[str, str] | None
    sample: list[dict[str, Any]]


class Pull:
    """A run of a source. `dry` changes nothing; `most` ends it after so many rows."""

    def __init__(self, site: LiveSite, name: str, source: DataSource, environment: Mapping[str, str]) -> None:
        self._site, self._name, self._source, self._environment = site, name, source, environment
        self._now = site.clock()
        self._reader: QueryReader | None = None
        self._highest: Any = None
        self.report = Report()

    async def run(self, state: SourceState, dry: bool = False, most: int = 0) -> Pulled:
        """Read the source to its end. Raises LenticularError, StoreError, EventsUnavailableError."""
        source = self._source
        if source.what == "members":
            check_list(self._site, source.segment)
        pages = self._files() if source.files else self._rows(state)
        listed = Marks() if source.what == "members" else None
        sample: list[dict[str, Any]] = []
        made: RowEvents | None = None
        thread = ThreadPoolExecutor(1, "source")
        try:
            while (page := await self._next(thread, pages)) is not None:
                made = made or self._made(page, dry)
                sample += [cells for _, cells in islice(page, max(0, 5 - len(sample))) if isinstance(cells, dict)]
                events, lines = await asyncio.get_running_loop().run_in_executor(thread, self._events, made, page)
                await self._take(events, lines, dry)
                if listed is not None:
                    listed.add(mark for event in events for mark in _marks_of(event))
                if most and self.report.rows >= most:
                    break
        finally:
            await self._end(thread, pages)
        if listed is not None:
            if not dry:
                await self._take_off(listed)
            listed.close()
        return Pulled(self.report, written(self._highest) or state.since, sample)

    def _made(self, page: Page, dry: bool) -> RowEvents:
        """Return what makes events of rows like those of the first page. Raises LenticularError for missing columns."""
        source, columns = self._source, self._source.mapping
        good = [cells for _, cells in page if isinstance(cells, dict)]
        header = list(dict.fromkeys(name for cells in good for name in cells))
        wrong = columns.missing(header, source.what) if header else []
        if wrong:
            hint = f"Say so in the source's `mapping`. It has {', '.join(header[:50])}."
            raise LenticularError(*(msgspec.structs.replace(one, hint=hint) for one in wrong))
        types = properties_of(guess_types(good, columns, source.what, typed=True), columns, source.what)
        if not dry:
            learn(self._site, types)
        run = f"pull-{self._name}-{self._now}"
        known = {**types, **self._site.types} if dry else self._site.types
        return RowEvents(Source(self._name, columns, self._now, known, source.what, source.segment, run, nulls=True))

    def _events(self, made: RowEvents, page: Page) -> tuple[list[Event], list[int]]:
        events, lines = list[Event](), list[int]()
        for line, cells in politely(page):
            event = cells.problem if isinstance(cells, Unreadable) else made.event(line, cells)
            if isinstance(event, Problem):
                self.report.refuse(line, event)
            else:
                events.append(event)
                lines.append(line)
        return events, lines

    async def _take(self, events: list[Event], lines: list[int], dry: bool) -> None:
        source = self._source
        taken = await take(self._site, Lines(events, lines, source.what, source.create, dry, again=True))
        self.report.add(taken.report)

    async def _next(self, thread: ThreadPoolExecutor, pages: Generator[Page, None, None]) -> Page | None:
        """Return the next page; give up, and let the database know, when it does not come."""
        limit = parse_duration(self._source.timeout)
        seconds = limit.milliseconds / 1000 if limit else 600.0
        coming = asyncio.get_running_loop().run_in_executor(thread, next, pages, None)
        done, _ = await asyncio.wait((coming,), timeout=seconds)
        if done:
            return coming.result()
        if self._reader is not None:
            self._reader.stop()
        await asyncio.wait((coming,), timeout=_GRACE)
        if coming.done():
            coming.exception()
        message = f"Nothing came within {self._source.timeout}."
        raise LenticularError(Problem("source.timeout", message, hint="Make the query faster, or raise `timeout`."))

    async def _end(self, thread: ThreadPoolExecutor, pages: Generator[Page, None, None]) -> None:
        """Close what is being read; a driver that does not let go is left behind."""
        closing = asyncio.get_running_loop().run_in_executor(thread, pages.close)
        await asyncio.wait((closing,), timeout=_MOMENT)
        if not closing.done() and self._reader is not None:
            self._reader.stop()
            await asyncio.wait((closing,), timeout=_GRACE)
        if closing.done():
            closing.exception()
        thread.shutdown(wait=False)

    def _rows(self, state: SourceState) -> Generator[Page, None, None]:
        """Yield the rows of the query, and note the highest value of the watermark."""
        source = self._source
        url, secrets = expanded(source.url, self._environment)
        limit = parse_duration(source.timeout)
        since = read_back(state.since, source.since) if source.watermark else None
        seconds = limit.milliseconds / 1000 if limit else 600.0
        from lenticular.stores.warehouse.reader import QueryReader  # loads SQLAlchemy: not for every command

        self._reader = QueryReader(url, source.query, since, seconds, secrets)
        line = 0
        for page in self._reader.pages():
            if source.watermark:
                self._note(page)
            plain = [
                (line + at, {name: plain_cell(cell) for name, cell in row.items()})
                for at, row in enumerate(politely(page), 1)
            ]
            line += len(page)
            yield list(plain)

    def _note(self, page: list[dict[str, Any]]) -> None:
        name = self._source.watermark
        if name not in page[0]:
            hint = f"The query gives {', '.join(page[0])}."
            raise LenticularError(Problem("source.watermark", f"There is no column {name!r}.", hint=hint))
        values = [row[name] for row in page if row[name] is not None]
        values += [] if self._highest is None else [self._highest]
        try:
            self._highest = max(values, default=None)
        except TypeError:
            message = f"The values of {name!r} can't be compared."
            raise LenticularError(Problem("source.watermark", message, hint="Take a column of one type.")) from None

    def _files(self) -> Generator[Page, None, None]:
        """Yield the rows of the files, in the order of their names."""
        paths = sorted(glob.glob(self._source.files, recursive=True))  # noqa: PTH207  # patterns may be absolute
        if not paths:
            hint = "Look at the pattern, and whether the server may read there."
            raise LenticularError(Problem("source.files", "There is no such file.", self._source.files, hint))
        for path in paths:
            with open_rows(Path(path)) as opened:
                rows = iter(opened.rows)
                while page := list(islice(rows, _PAGE)):
                    yield page

    async def _take_off(self, listed: Marks) -> None:
        """Take those off the list who are on it and did not come."""
        site, segment = self._site, self._source.segment
        if not self.report.rows and not self._source.allow_empty:
            hint = "If that is so, say `allowEmpty: true`."
            raise LenticularError(Problem("source.empty", "Nobody came, so the list stays as it is.", hint=hint))
        await site.settle()
        after = 0
        while rows := await ask(site.stores.events, static_query(segment, _PAGE, after)):
            after = rows[-1][0]
            gone = []
            for profile, user_id, anonymous_ids, _ in rows:
                names = [("user", user_id), *(("anonymous", each) for each in anonymous_ids)]
                marks = [_mark(kind, value) for kind, value in names if value]
                if marks and not listed.among(marks):
                    kind, value = next((kind, value) for kind, value in names if value)
                    gone.append(self._off(profile, kind, value))
            await site.accept(gone)

    def _off(self, profile: int, kind: str, value: str) -> Event:
        return Event(
            type="member",
            message_id=f"pull-{self._name}-{self._now}-off-{profile}",
            time=self._now,
            received=self._now,
            user_id=value if kind == "user" else "",
            anonymous_id=value if kind == "anonymous" else "",
            trusted=True,
            lists={self._source.segment: False},
        )


def _marks_of(event: Event) -> list[int]:
    named = (("user", event.user_id), ("anonymous", event.anonymous_id))
    return [_mark(kind, value) for kind, value in named if value]


def _mark(kind: str, value: str) -> int:
    return hash64(f"{kind}:{value}")
