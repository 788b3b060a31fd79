"""Collect: accepted events go to disk, then into the profiles (DESIGN §6, ADR 0004)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

from lenticular.app.pending import Identity, Pending, identities_of
from lenticular.app.sheets.folding import fold_sheet
from lenticular.app.sheets.waiting import Waiting, identities_in
from lenticular.app.writing import Writing
from lenticular.criteria.calendar import Calendar
from lenticular.criteria.tables import EVENTS
from lenticular.errors import StoreError
from lenticular.ports import FoldResult, Journal, ProfileStore
from lenticular.profiles.builtin import BUILT_IN
from lenticular.profiles.event import Event
from lenticular.profiles.fold import Fold, LookUps, register
from lenticular.profiles.laid import Laid
from lenticular.profiles.merge import Tallies
from lenticular.profiles.organization import Organization, describe, unknown
from lenticular.profiles.profile import Profile
from lenticular.profiles.sheet import Sheet
from lenticular.stores.streams import lines_in

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

SLICE = 0.001
"""Seconds of the event loop that folding takes at once."""
_COMMIT, _COMMIT_IMPORTED = 1_000, 5_000
"""Events per commit."""
_PAGE = 5_000
_NOT_FOLDED = "Event %d can't be folded; it stays in the journal, and is left out of the profiles."
_BACK_OFF = (0.1, 0.5, 2.0, 5.0)


class Collector:
    """One site's way from an accepted event to its profile. All of it runs on one event loop.

    `plan` counts behaviour; `max_pending` (events not folded) and `max_waiting` (rows not sent) say when it is
    `overloaded`. `types` are the properties known at the door, (scope, name) to type: whoever accepts messages
    reads them and adds to them. `on_commit` is called when the outbox has new rows. `watch` adds to what folding gave,
    in the thread of the profiles, what somebody outside is to be told of. `accepted`, `duplicates` and
    `skipped` count events since `open`.
    """

    def __init__(
        self,
        journal: Journal,
        profiles: ProfileStore,
        zone: Calendar,
        plan: Tallies,
        max_pending: int = 100_000,
        max_waiting: int = 1_000_000,
    ) -> None:
        self.types: dict[tuple[str, str], str] = dict(BUILT_IN)
        self.on_commit: list[Callable[[], None]] = []
        self.watch: Callable[[FoldResult], None] | None = None
        self.skipped = self.accepted = self.duplicates = 0
        self._journal = journal
        self._profiles = profiles
        self._zone = zone
        self._plan = plan
        self._limits = max_pending, max_waiting
        self._registered: dict[tuple[str, str], str] = {}
        self._pending = Pending()
        self._fold: Fold | None = None
        self._writing = Writing(journal, self._take)
        self._profile_thread = ThreadPoolExecutor(1, "profiles")
        self._written, self._committed = asyncio.Event(), asyncio.Event()
        self._folding = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def overloaded(self) -> bool:
        """Whether new events should be refused for a while (429)."""
        max_pending, max_waiting = self._limits
        return len(self._pending) + self._writing.waiting > max_pending or self._profiles.waiting() > max_waiting

    @property
    def pending(self) -> int:
        """How many accepted events are not folded yet."""
        return len(self._pending)

    @property
    def oldest(self) -> Event | None:
        """The oldest accepted event that is not folded yet."""
        return self._pending.oldest

    async def open(self) -> None:
        """Take up what the journal has beyond the last commit, and begin. Raises StoreError.

        More than memory should hold (after a restore) is folded here, before anyone is answered.
        """
        self._registered = self._profiles.properties()
        self.types.update(self._registered)
        after = self._profiles.folded()
        while page := self._journal.read(after, _PAGE):
            for _, event in page:
                register(event, self.types)
            for first, events in _runs(page):
                self._pending.add(first, events)
            after = page[-1][0]
            await asyncio.sleep(0)
            while len(self._pending) > self._limits[0] // 2:
                async with self._folding:
                    await self._fold_chunk()
        self._written.set()
        self._tasks = [asyncio.create_task(self._writing.run()), asyncio.create_task(self._fold_on())]

    async def close(self) -> None:
        """Stop. What was accepted is in the journal, and is folded after the next `open`."""
        self._writing.refuse()
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task
        self._writing.close()
        self._profile_thread.shutdown()

    async def accept(self, events: Sequence[Event] | Sheet) -> None:
        """Return when the events are on disk. Callers at the same time share one fsync. Raises StoreError.

        Events lie in the journal in the order in which this was called.
        """
        await self._writing.accept(events)

    @property
    def trouble(self) -> str:
        """Why the newest events were refused, "" if they were not."""
        return self._writing.trouble

    def current(
        self,
        anonymous_id: str,
        user_id: str,
        extra: Event | None = None,
        wanted: Callable[[], Iterable[str]] = tuple,
    ) -> Profile | None:
        """Return the profile of these ids as of everything accepted, and `extra`; None for a stranger.

        `wanted` gives the keys of the tallies to be read also where they are in rows of their own. Nothing is kept:
        `extra` (a visit, say) must be accepted to stay, and the id of a profile that no commit has reached yet is not
        settled. Raises StoreError.
        """
        asked: list[Identity] = [("anonymous", anonymous_id)] if anonymous_id else []
        asked += [("user", user_id)] if user_id else []
        asked += identities_of(extra) if extra else []
        look: LookUps = self._fold or self._profiles.ahead(asked, ())
        events = self._pending.concerning(asked, look)
        fold = Fold(look if events else _AllNew(look), self._zone, self._registered, self._plan)
        for seq, event in events:
            _apply(fold, seq, event)
        if extra:
            fold.apply(self._journal.last() + 1, extra)
        profile = fold.profile_of(anonymous_id, user_id)
        if profile is not None and profile.away:
            fold.bring(profile, wanted())
        return profile

    def objection(self, event: Event) -> str | None:
        """Return why an event could not do what it asks for, "" if it could, None if it was accepted before.

        As of everything accepted; nothing is kept. Raises StoreError.
        """
        asked = identities_of(event)
        look: LookUps = self._fold or self._profiles
        fold = Fold(look, self._zone, self._registered, self._plan)
        for seq, each in self._pending.concerning(asked, look):
            _apply(fold, seq, each)
        if self._pending.has(event.message_id):
            return None
        seq = self._journal.last() + 1
        if fold.apply(seq, event) == "duplicate":
            return None
        return next((reason for ignored, reason in fold.ignored if ignored == seq), "")

    def organizations(self, organization_ids: Iterable[str]) -> list[Organization]:
        """Return organizations as of everything accepted; nothing is kept. Raises StoreError."""
        look = self._fold or self._profiles
        found = []
        for each in organization_ids:
            organization = look.organization(each) or unknown(each)
            for event in self._pending.about(each):
                if not look.has_seen((look.mark(event.message_id),)):
                    describe(organization, event, (event.time, event.tie))
            found.append(organization)
        return found

    async def drain(self) -> None:
        """Return when everything accepted so far is folded and committed. While `paused`, that is not to be."""
        upto = self._journal.last()
        while self._profiles.folded() < upto:
            self._committed.clear()
            await self._committed.wait()

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Hold the folding still, at a commit; events are accepted all the same."""
        async with self._folding:
            yield

    async def between(self, change: Callable[[], _T]) -> _T:
        """Change the profiles between two commits, in their thread; tried again until their store can write."""
        async with self._folding:
            return await self._insist(change)

    async def look(self, ask: Callable[[], _T]) -> _T:
        """Look something up in the thread of the profiles. Raises StoreError."""
        return await asyncio.get_running_loop().run_in_executor(self._profile_thread, ask)

    def swap(self, plan: Tallies) -> None:
        """Count by another plan of behavioural conditions; only while `paused`."""
        if not self._folding.locked():
            raise RuntimeError("swap() belongs inside paused().")
        self._plan = plan

    def _take(self, first: int, events: Sequence[Event] | Sheet) -> None:
        if isinstance(events, Sheet):
            self._pending.add_sheet(first, events)
        else:
            self._pending.add(first, events)
        self.accepted += len(events)
        self._written.set()

    async def _fold_on(self) -> None:
        while True:
            await self._written.wait()
            self._written.clear()
            while self._pending:
                async with self._folding:
                    await self._fold_chunk()

    async def _fold_chunk(self) -> None:
        waiting = self._pending.sheet()
        chunk = self._pending.next(_COMMIT)
        if chunk and chunk[-1][1].imported:
            chunk = self._pending.next(_COMMIT_IMPORTED)
        try:
            upto = await (self._begin(chunk) if waiting is None else self._begin_sheet(waiting))
        except StoreError as error:
            _log.error("The profiles can't be read; trying again: %s.", error.codes)
            self._fold = None
            await asyncio.sleep(_BACK_OFF[0])
            return
        fold = self._fold
        if fold is None:
            raise RuntimeError("Nothing was begun.")
        result = await self._insist(lambda: self._result(fold, upto))
        await self._insist(lambda: self._profiles.commit(result))
        if result.properties:
            self._registered = {**self._registered, **result.properties}
        self._fold = None
        self._committed.set()
        for told in self.on_commit:
            told()

    async def _begin(self, chunk: list[tuple[int, Event]]) -> int:
        """Fold events, and return the number of the last. Raises StoreError."""
        ahead = await self._insist(lambda: _ahead(self._profiles, chunk))
        fold = self._fold = Fold(ahead, self._zone, self._registered, self._plan)
        await self._apply_in_slices(fold, chunk)
        return chunk[-1][0]

    async def _begin_sheet(self, waiting: Waiting) -> int:
        """Fold a sheet, and return the number of its last event. Raises StoreError."""
        laid, ahead = await self._insist(lambda: self._lay_out(waiting))
        fold = self._fold = Fold(ahead, self._zone, self._registered, self._plan)
        found = await fold_sheet(fold, waiting, laid, _apply, SLICE)
        self._pending.pop_sheet()
        self._note(fold, found.duplicates, found.skipped)
        return waiting.first + len(waiting.sheet) - 1

    def _lay_out(self, waiting: Waiting) -> tuple[Laid, LookUps]:
        from lenticular.app.sheets.lay_out import lay_out  # this too

        sheet = waiting.sheet
        marks = self._profiles.marks(sheet.message_ids)
        laid = lay_out(sheet, waiting.first, marks, self._zone, self._plan.concerned)
        return laid, self._profiles.ahead(identities_in(sheet), marks)

    def _note(self, fold: Fold, duplicates: int, skipped: int) -> None:
        for seq, error in fold.failed:
            _log.error(_NOT_FOLDED, seq, exc_info=error)
        self.duplicates += duplicates
        self.skipped += skipped + len(fold.failed)

    def _result(self, fold: Fold, upto: int) -> FoldResult:
        result = fold.result(upto)
        if result.laid:
            from lenticular.app.sheets.columns import columns_of  # half a second that a start need not wait

            count, stream = columns_of(result.laid)
            # Rows of one slice are one batch: where some are lines, all are.
            result.text = {EVENTS: (count, lines_in(stream) if EVENTS in result.rows else stream)}
        if self.watch is not None:
            try:
                self.watch(result)
            except StoreError:
                raise
            except Exception:
                _log.exception("Who moved between segments can't be told; it is looked at again within the hour.")
        return result

    async def _apply_in_slices(self, fold: Fold, chunk: list[tuple[int, Event]]) -> None:
        """Move events from the queue into a fold; if the store fails, they are all back in the queue."""
        moved = duplicates = skipped = 0
        began = time.perf_counter()
        try:
            while moved < len(chunk):
                run = fold.apply_run(chunk, moved)
                if not run:
                    done = _apply(fold, *chunk[moved])
                    if done != "folded":
                        skipped += done is None
                        duplicates += done is not None
                self._pending.pop(run or 1)
                moved += run or 1
                if time.perf_counter() - began > SLICE:
                    await asyncio.sleep(0)
                    began = time.perf_counter()
        except StoreError:
            self._pending.put_back(chunk[:moved])
            raise
        self._note(fold, duplicates, skipped)

    async def _insist(self, ask: Callable[[], _T]) -> _T:
        """Ask the profile store in its thread until it answers: a full disk holds up the folding, and loses nothing."""
        loop = asyncio.get_running_loop()
        tries = 0
        while True:
            try:
                return await loop.run_in_executor(self._profile_thread, ask)
            except StoreError as error:
                _log.error("The profiles can't be written; trying again: %s.", error.codes)
            await asyncio.sleep(_BACK_OFF[min(tries, len(_BACK_OFF) - 1)])
            tries += 1


class _AllNew:
    """Look-ups for an event that was made just now: it is in no list of message ids, so nobody looks there."""

    def __init__(self, look: LookUps) -> None:
        self.find, self.get, self.next_id, self.mark = look.find, look.get, look.next_id, look.mark
        self.organization, self.tally, self.kept = look.organization, look.tally, look.kept

    def has_seen(self, message_hashes: Iterable[int]) -> set[int]:
        return set()


def _runs(page: list[tuple[int, Event]]) -> Iterator[tuple[int, list[Event]]]:
    """Cut a page of the journal where numbers are missing: what a damaged journal lost is not there."""
    start = 0
    for at in range(1, len(page) + 1):
        if at == len(page) or page[at][0] != page[at - 1][0] + 1:
            yield page[start][0], [event for _, event in page[start:at]]
            start = at


def _ahead(profiles: ProfileStore, chunk: list[tuple[int, Event]]) -> LookUps:
    return profiles.ahead(
        [identity for _, event in chunk for identity in identities_of(event)],
        [profiles.mark(event.message_id) for _, event in chunk],
    )


def _apply(fold: Fold, seq: int, event: Event) -> str | None:
    """Fold an event; one that can't be folded (None) is a defect of ours and must not hold up those behind it."""
    try:
        return fold.apply(seq, event)
    except StoreError:
        raise
    except Exception:
        _log.exception(_NOT_FOLDED, seq)
        return None
