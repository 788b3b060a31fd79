"""Backfill: publish while events come in; everything counts once, from before and after, whoever merges meanwhile."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from lenticular.app import audience, backfill, past
from lenticular.app import site as live
from lenticular.app.audience import Someone
from lenticular.app.count import Sampling
from lenticular.app.decide import DecideRequest, decide_for
from lenticular.app.members import Asking, members
from lenticular.app.open import Installation, installation
from lenticular.app.past import complete, lacking, past_of
from lenticular.app.preparing import preparing
from lenticular.app.publish import publish
from lenticular.app.site import LiveSite
from lenticular.catalog.catalog import Catalog
from lenticular.criteria.tally.limits import Limits
from lenticular.errors import EventsUnavailableError, Problem
from lenticular.profiles.event import Event
from lenticular.stores.clickhouse.events import ClickHouseEvents
from tests.decide.world import SITE, catalog_of

NOW = 1_795_453_200_000
PEOPLE = 30
SLOT: dict[str, Any] = {
    "promo": {
        "block": {"kind": "ad", "settings": {"x": "nobody"}},
        "experiences": [{"key": "often", "segment": "often", "overrides": {"settings": {"x": "often"}}}],
    }
}
RULES = {
    "often": 'count("Ping", n > 5) >= 20',
    "sums": 'sum("Ping", n, within="30d") >= 150 and distinct("Ping", n, within="30d") >= 9',
    "chain": 'sequence(event("Ping", n == 1), event("Ping", n == 2), event("Ping", n == 3), within="30d")',
}


def catalog(**rules: str) -> Catalog:
    number = {"event.n": {"scope": "event", "name": "n", "type": "number"}}
    slots = {"slots": SLOT} if "often" in rules else {}
    return catalog_of(properties=number, segments={key: {"rule": rule} for key, rule in rules.items()}, **slots)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[LiveSite]:
    names = (f"id{at}" for at in itertools.count())
    async with asyncio.timeout(100), installation(folder, lambda: NOW, lambda: next(names), create=True) as found:
        yield await _site(found)


async def _site(found: Installation) -> LiveSite:
    return await found.ensure(msgspec.structs.replace(SITE))


class Crowd:
    """People on a phone and on a laptop, who ping and now and then sign in."""

    def __init__(self, seed: int) -> None:
        self.dice, self.numbers = Random(seed), itertools.count()
        self.pings: dict[int, Counter[float]] = {who: Counter() for who in range(PEOPLE)}

    def batch(self, size: int) -> list[Event]:
        return [self._event() for _ in range(size)]

    def joins(self) -> list[Event]:
        """Whoever has not signed in everywhere does."""
        return [self._identify(who, device) for who in range(PEOPLE) for device in "pl"]

    def _event(self) -> Event:
        who, device = int(self.dice.random() ** 2 * PEOPLE), self.dice.choice("pl")  # some far more than others
        if self.dice.random() < 0.03:
            return self._identify(who, device)
        n = float(self.dice.randrange(10))
        self.pings[who][n] += 1
        time = NOW - self.dice.randrange(20 * 86_400_000)
        name = f"m{next(self.numbers)}"
        return Event("track", name, time, NOW, f"{device}{who}", name="Ping", properties={"n_n": n})

    def _identify(self, who: int, device: str) -> Event:
        return Event("identify", f"m{next(self.numbers)}", NOW, NOW, f"{device}{who}", f"u{who}")

    def often(self) -> set[str]:
        return {f"u{who}" for who, found in self.pings.items() if sum(found[n] for n in found if n > 5) >= 20}


async def _members(site: LiveSite, segment: str) -> set[str]:
    return {
        one.user_id
        for one in (await members(site, segment, None, Asking(limit=1_000), Sampling(above=1_000_000))).members
    }


async def as_the_log_says(site: LiveSite) -> None:
    """In every segment are those by their profiles whom ClickHouse finds."""
    await site.settle()
    for key in site.engine.segments.trees:
        expected = await _members(site, key)
        found = set()
        for who in range(PEOPLE):
            wanted = site.engine.segments.plan.tallies
            profile = site.collector.current("", f"u{who}", wanted=lambda: wanted)  # noqa: B023  # asked at once
            assert profile
            lacks = lacking(site, profile, [key])
            assert not lacks or complete(site, profile, lacks, await past_of(site, profile, lacks))
            if key in site.engine.segments.matching([key], site.person(profile), NOW):
                found.add(f"u{who}")
        assert found == expected, key


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages and pieces so small that a person's history lies in several of them."""
    monkeypatch.setattr(backfill, "PAGE", 150)
    monkeypatch.setattr(backfill, "PIECE", 20)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("limits", [Limits(), Limits(2, 4, 16)])
async def test_publish_while_events_stream_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: Limits) -> None:
    monkeypatch.setattr(live, "_LIMITS", limits)
    crowd = Crowd(1)
    async with opened(tmp_path) as site:
        for _ in range(20):
            await site.accept(crowd.batch(50))
        stop = asyncio.Event()
        sending = asyncio.create_task(_stream(site, crowd, stop))
        published = await publish(site, catalog(often=RULES["often"]))
        assert published.preparing == 1
        await asyncio.sleep(0.05)
        folded = site.stores.profiles.folded()
        again = await publish(site, catalog(**RULES))  # while the first is being prepared
        assert again.preparing == 4
        await site.backfill.complete()
        assert site.stores.profiles.folded() > folded, "nothing was folded meanwhile: this says nothing"
        stop.set()
        await sending
        await site.accept(crowd.joins())
        await as_the_log_says(site)
        assert await _members(site, "often") == crowd.often()
        assert crowd.often()
        assert preparing(site).segments == {}
        places = {where for one in site.stores.profiles.everyone() for where in one.away.values()}
        assert limits.row > 4 or places == {"row", "log"}


async def _stream(site: LiveSite, crowd: Crowd, stop: asyncio.Event) -> None:
    while not stop.is_set():
        await site.accept(crowd.batch(5))
        await asyncio.sleep(0.005)


@pytest.mark.usefixtures("small")
async def test_a_decision_knows_a_past_that_is_not_added_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd, gate = Crowd(2), asyncio.Event()
    async with opened(tmp_path) as site:
        await site.accept(crowd.batch(1_000))
        await site.accept(crowd.joins())
        _hold_at(site, gate, pieces=20, monkeypatch=monkeypatch)
        await publish(site, catalog(**RULES))
        await site.accept(crowd.batch(100))
        await _until(lambda: site.backfill.progress(site.backfill.preparing) > 0.05)
        shown = preparing(site)
        assert 0 < shown.progress < 1
        assert shown.segments.keys() == RULES.keys()
        asked = [
            DecideRequest(SITE.key, slots=("promo",), user_id=f"u{who}", explain=True) for who in range(0, PEOPLE, 3)
        ]
        for one in asked:
            decided, _ = await decide_for(site, one, trusted=True)
            slot = decided.outcome.decision.slots["promo"]
            expected = ("TARGETING_MATCH", True) if one.user_id in crowd.often() else ("DEFAULT", False)
            assert (slot.reason, decided.why["often"].member) == expected
        assert (await audience.why(site, "often", Someone(one.user_id))).member is expected[1]
        [key] = site.engine.behaviours["often"]
        for who in range(PEOPLE):  # one of them is half added
            profile = site.collector.current("", f"u{who}")
            assert profile
            lacks = lacking(site, profile, ["often"])
            assert not lacks or complete(site, profile, lacks, await past_of(site, profile, lacks))
            found = profile.tallies.get(key) or [0]
            assert found[0] == sum(count for n, count in crowd.pings[who].items() if n > 5)
        assert site.backfill.preparing
        gate.set()
        await site.backfill.complete()
        await as_the_log_says(site)


def _hold_at(site: LiveSite, gate: asyncio.Event, pieces: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the backfill add some pieces, and go on when the gate opens."""
    between, left = site.collector.between, itertools.count(pieces, -1)

    async def held(change: Any) -> Any:
        if next(left) < 0:
            await gate.wait()
        return await between(change)

    monkeypatch.setattr(site.collector, "between", held)


async def _until(holds: Any) -> None:
    async with asyncio.timeout(30):
        while not holds():
            await asyncio.sleep(0.005)


@pytest.mark.usefixtures("small")
async def test_a_restart_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd = Crowd(3)
    async with opened(tmp_path) as site:
        await site.accept(crowd.batch(800))
        _hold_at(site, asyncio.Event(), pieces=40, monkeypatch=monkeypatch)
        await publish(site, catalog(**RULES))
        await site.accept(crowd.batch(100))
        await _until(lambda: 0.2 < preparing(site).progress < 1)
        before = preparing(site)
    async with opened(tmp_path) as site:
        assert 0.2 < preparing(site).progress <= 1
        assert before.progress < 1
        await site.accept(crowd.joins())
        await site.backfill.complete()
        await as_the_log_says(site)


@pytest.mark.usefixtures("small")
async def test_what_was_dropped_and_comes_again_is_counted_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd = Crowd(4)
    async with opened(tmp_path) as site:
        await site.accept(crowd.batch(500))
        await publish(site, catalog(**RULES))
        await site.backfill.complete()
        _hold_at(site, gate := asyncio.Event(), pieces=10, monkeypatch=monkeypatch)
        await publish(site, catalog(sums=RULES["sums"]))
        await site.accept(crowd.batch(300))
        await site.settle()
        assert (await publish(site, catalog(**RULES))).preparing == 2
        await publish(site, catalog(sums=RULES["sums"], chain=RULES["chain"]))  # not wanted any more, half prepared
        gate.set()
        await publish(site, catalog(**RULES))
        await site.accept(crowd.joins())
        await site.backfill.complete()
        await as_the_log_says(site)


async def test_a_log_that_does_not_answer_costs_only_what_needs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd = Crowd(5)
    async with opened(tmp_path) as site:
        await site.accept(crowd.batch(500))
        await site.accept(crowd.joins())
        monkeypatch.setattr(past, "PATIENCE", 0.2)
        with monkeypatch.context() as broken:
            broken.setattr(ClickHouseEvents, "query", _silent)
            await publish(site, catalog(**RULES))
            who = sorted(crowd.often())[0]
            decided, _ = await decide_for(site, DecideRequest(SITE.key, slots=("promo",), user_id=who))
            promo = decided.outcome.decision.slots["promo"]
            assert (promo.reason, promo.experience, promo.block and promo.block.settings) == (
                "ERROR",
                None,
                {"x": "nobody"},
            )
            new, _ = await decide_for(site, DecideRequest(SITE.key, slots=("promo",), user_id="someone new"))
            assert new.outcome.decision.slots["promo"].reason == "DEFAULT"
        await site.backfill.complete()
        decided, _ = await decide_for(site, DecideRequest(SITE.key, slots=("promo",), user_id=who))
        assert decided.outcome.decision.slots["promo"].reason == "TARGETING_MATCH"


async def _silent(self: ClickHouseEvents, sql: str, parameters: Any) -> Sequence[Any]:
    await asyncio.sleep(0.5)
    raise EventsUnavailableError(Problem("silent", "No answer."))


async def test_what_has_outgrown_its_profile_is_asked_of_the_log(tmp_path: Path) -> None:
    async with opened(tmp_path) as site:
        rules = {"often": 'sum("Ping", n, within="30d") > 2500'}
        await publish(site, catalog(**rules))
        events = [
            Event("track", f"m{at}", NOW - at * 1_000, NOW, "p", name="Ping", properties={"n_n": float(at % 3)})
            for at in range(2_502)
        ]
        seen = []
        for upto in (400, 700, 2_100, 2_500, 2_502):
            await site.accept(events[site.stores.journal.last() : upto])
            decided, _ = await decide_for(site, DecideRequest(SITE.key, slots=("promo",), anonymous_id="p"))
            profile = site.collector.current("p", "")
            assert profile
            seen.append((set(profile.away.values()), decided.outcome.decision.slots["promo"].reason))
        assert seen == [
            (set(), "DEFAULT"),
            ({"row"}, "DEFAULT"),
            ({"log"}, "DEFAULT"),
            ({"log"}, "DEFAULT"),
            ({"log"}, "TARGETING_MATCH"),
        ]
        assert (await audience.why(site, "often", Someone(anonymous_id="p"))).member
