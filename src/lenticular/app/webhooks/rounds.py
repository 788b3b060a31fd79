"""Looking at many people, a page at a time between two commits: everyone at the beginning and after a change of a rule,
and within the hour those whom time alone may have moved."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from functools import partial

from lenticular.app.site import LiveSite
from lenticular.app.webhooks.watch import Watch
from lenticular.criteria.text import to_text
from lenticular.criteria.tree import segments_in
from lenticular.errors import LenticularError
from lenticular.ids import short_hash
from lenticular.profiles.move import Told, Watched
from lenticular.webhooks.webhook import Webhook

_PAGE = 100
_PAUSE = 0.002
"""Seconds between two pages, in which events are folded and decisions made."""
_WAIT = 1.0
_log = logging.getLogger(__name__)


class Rounds:
    """The looking of one site. `moved` is called when there are moves to be told."""

    def __init__(self, site: LiveSite, moved: Callable[[], None]) -> None:
        self.watch, self._site, self._moved = Watch(site), site, moved
        self._webhooks: list[Webhook] = []
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def begin(self, webhooks: Iterable[Webhook]) -> None:
        """Watch what webhooks are told of, before anything is folded. Raises StoreError."""
        self._webhooks = list(webhooks)
        self.watch.follow(*self._followed())
        self._site.on_published.append(lambda _: self._start())
        self._site.collector.on_commit.append(self._committed)

    def start(self) -> None:
        """Begin to look; once the site is open."""
        self._start()

    async def follow(self, webhooks: Iterable[Webhook]) -> None:
        """Watch what webhooks are told of from now on, and nothing else."""
        self._webhooks = list(webhooks)
        await self._follow()
        self._start()

    async def close(self) -> None:
        """Stop; it goes on after the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def time_moved(self, segment: str, joined: Collection[int], left: Collection[int], at: int) -> None:
        """Tell whom time alone moved, by the two last lists of a segment's members; `at` (ms) is when this one began.

        Who was told of since the list before that may be elsewhere now, and is in no difference of lists: they are
        looked at too. The first time everyone is looked at: there may be no list from before that was noted.
        """
        watched, profiles = self.watch.watched.get(segment), self._site.stores.profiles
        if watched is None or watched.new:
            return
        since, began = watched.checked, self._site.clock()
        if not since:
            watched.checked, watched.upto, watched.last = min(at, began), 0, profiles.next_id() - 1
            self._start()
            return
        verdicts = {**dict.fromkeys(left, False), **dict.fromkeys(joined, True)}
        ids = sorted({*verdicts, *profiles.told.touched(segment, since)})
        for first in range(0, len(ids), _PAGE):
            page = ids[first : first + _PAGE]
            await self._site.collector.between(partial(self._look_at, segment, page, verdicts))
            await asyncio.sleep(_PAUSE)
        watched.checked = min(at, began)
        await self._site.collector.between(partial(profiles.told.settle, Told(), watched))
        await self._site.collector.between(partial(profiles.told.forget_left, segment, since))
        self._moved()

    async def counted(self, at: int) -> None:
        """Look again at all that was told of since the last time: the members of all segments were counted."""
        for segment in list(self.watch.watched):
            await self.time_moved(segment, (), (), at)

    def _look_at(self, segment: str, ids: Iterable[int], verdicts: Mapping[int, bool]) -> None:
        profiles = self._site.stores.profiles
        found = [one for one in map(profiles.get, ids) if one is not None]
        told = self.watch.look(found, segment, verdicts, quiet=False)
        if told.inside:
            profiles.told.settle(told)

    def _committed(self) -> None:
        if self.watch.news:
            self.watch.news = False
            self._moved()

    def _followed(self) -> tuple[dict[str, str], list[str]]:
        """Return the segments that webhooks are told of, with their rules, and the traits that they are told."""
        trees = self._site.engine.segments.trees
        wanted = {key for one in self._webhooks for key in one.segments if one.watches(key) and key in trees}
        rules = {key: self._rule(key) for key in sorted(wanted)}
        return rules, [name for one in self._webhooks if one.on for name in one.traits]

    def _rule(self, segment: str) -> str:
        """Return what stands for all that a segment means, with the segments that it names."""
        trees = self._site.engine.segments.trees
        inner = [self._rule(key) for key in segments_in(trees[segment]) if key in trees]
        return short_hash(" ".join([to_text(trees[segment]), *inner]))

    async def _follow(self) -> None:
        segments, traits = self._followed()
        await self._site.collector.between(partial(self.watch.follow, segments, traits))

    def _start(self) -> None:
        self._wanted.set()
        if (self._webhooks or self.watch.watched) and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._go_on())

    async def _go_on(self) -> None:
        while True:
            self._wanted.clear()
            try:
                if self._followed()[0].keys() != self.watch.watched.keys():
                    await self._follow()  # a segment came, or went
                for one in list(self.watch.watched.values()):
                    await self._look_at_everyone(one)
                await self._wanted.wait()
            except LenticularError as error:
                _log.warning("Who is in a segment is looked at later: %s.", error.codes, extra={"site": self._site.key})
                with suppress(TimeoutError):
                    async with asyncio.timeout(_WAIT):
                        await self._wanted.wait()
            except Exception:
                _log.exception("Who is in a segment can't be looked at.", extra={"site": self._site.key})
                await self._wanted.wait()

    async def _look_at_everyone(self, watched: Watched) -> None:
        """Look at all who were there, as far as that is not done, and again by a rule that has changed.

        A segment whose behaviours are still being counted is looked at later.
        """
        site = self._site
        while self.watch.watched.get(watched.segment) is watched and watched.segment in site.engine.segments.trees:
            if watched.upto >= watched.last and not watched.new:
                rule = self._rule(watched.segment)
                if rule == watched.rule:
                    return
                watched.rule, watched.upto, watched.last = rule, 0, site.stores.profiles.next_id() - 1
            if site.engine.behaviours_of([watched.segment]) & site.backfill.preparing.keys():
                asyncio.get_running_loop().call_later(_WAIT, self._wanted.set)  # it is still being counted
                return
            await site.collector.between(partial(self._page, watched))
            self._moved()
            await asyncio.sleep(_PAUSE)

    def _page(self, watched: Watched) -> None:
        if self.watch.watched.get(watched.segment) is not watched:
            return
        profiles = self._site.stores.profiles
        found = [one for one in profiles.some(watched.upto, _PAGE) if one.id <= watched.last]
        told = self.watch.look(found, watched.segment, {}, quiet=watched.new)
        watched.upto = found[-1].id if len(found) == _PAGE else watched.last
        if watched.upto >= watched.last:
            watched.new = False
        profiles.told.settle(told, watched)
