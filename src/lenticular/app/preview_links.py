"""The preview links of an installation while it is open: which were taken back, and which were looked at.

What was taken back is held in memory, so that looking at a link asks no database. A link itself is nowhere kept
(ADR 0042).
"""

from __future__ import annotations

from contextlib import suppress

from lenticular.accounts.shared_preview import SharedPreview
from lenticular.app.in_store import InStore
from lenticular.app.preview_token import Preview, PreviewError
from lenticular.app.used_days import UsedDays
from lenticular.errors import ConflictError, Problem, StoreError
from lenticular.ports import Clock, PreviewStore

MOST = 1_000
"""So many links of a site are good at once."""
_DAY = 86_400_000


class PreviewLinks:
    """The links of all sites; `in_store` asks their database in a thread of its own."""

    def __init__(self, clock: Clock, in_store: InStore) -> None:
        self.clock, self._in_store = clock, in_store
        self._store: PreviewStore | None = None
        self._ended: dict[str, int] = {}
        self._used: dict[str, int] = {}
        self._uses = UsedDays("preview links", lambda days: in_store(self._kept.used, days))

    async def open(self, store: PreviewStore, noting: bool = True) -> None:
        """Hold what was taken back, and begin to note every minute what is looked at. Raises StoreError."""
        self._store = store
        self._ended = await self._in_store(store.ended, self.clock())
        if noting:
            self._uses.begin()

    async def close(self) -> None:
        """Stop, with everything noted."""
        await self._uses.close()

    @property
    def _kept(self) -> PreviewStore:
        if self._store is None:
            raise RuntimeError("The preview links are not open.")
        return self._store

    def look(self, preview: Preview) -> None:
        """Note that a link is looked at. Raises PreviewError for one that was taken back."""
        if preview.id in self._ended:
            hint = "Ask whoever gave you this link for a new one."
            raise PreviewError(Problem("preview.taken-back", "This preview link was taken back.", hint=hint))
        if preview.id:
            today = self.clock() // _DAY * _DAY
            if self._used.get(preview.id) != today:
                self._used[preview.id] = self._uses.unnoted[preview.id] = today

    async def add(self, new: SharedPreview) -> None:
        """Keep a new link. Raises ConflictError if there are too many, StoreError."""
        if not await self._in_store(self._kept.add, new, MOST):
            hint = "Take back those that nobody needs any more."
            raise ConflictError(Problem("preview.many", f"There are {MOST:,} preview links that are good.", hint=hint))

    async def of(self, site: str) -> list[SharedPreview]:
        """Return the links of a site that are not over, the newest first. Raises StoreError."""
        with suppress(StoreError):  # a database that can't be written to has the list all the same
            await self._uses.note()
        now = self.clock()
        return [one for one in await self._in_store(self._kept.of, site) if one.expires > now]

    async def end(self, link: SharedPreview) -> None:
        """Take a link back: it shows nothing from now on. Raises StoreError, and it goes on then."""
        await self._in_store(self._kept.end, link.id, self.clock())
        self._ended[link.id] = link.expires

    async def forget(self) -> int:
        """Let go of what is over; return how many links. Raises StoreError."""
        now = self.clock()
        self._ended = {identity: expires for identity, expires in self._ended.items() if expires > now}
        self._used.clear()
        return await self._in_store(self._kept.forget, now)
