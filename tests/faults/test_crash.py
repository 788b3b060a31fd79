"""`kill -9` of the server, of its ClickHouse child, of both: nothing acknowledged is lost, and nothing counts twice."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import msgspec
import pytest

from lenticular.app.count import count
from lenticular.app.open import installation
from lenticular.app.site import LiveSite
from lenticular.catalog.site import Site
from lenticular.profiles.fold import Fold
from lenticular.profiles.profile import Profile
from lenticular.stores.sqlite.profiles import SqliteProfiles
from lenticular.web.now import new_id, now
from tests.decide.world import catalog_of
from tests.faults.load import ITEM, PEOPLE, Load
from tests.process import COMMAND, ServerProcess, children_of, start

KEY = "shop"
CAP = 3
CATALOG = msgspec.structs.replace(
    catalog_of(
        properties={
            "user.number": {"scope": "user", "name": "number", "type": "number"},
            "organization.tier": {"scope": "organization", "name": "tier", "type": "text"},
            "organization.size": {"scope": "organization", "name": "size", "type": "number"},
        },
        segments={
            "lucky": {"rule": 'count("Ping", n > 5) >= 3'},
            "lately": {"rule": 'count("Ping", within="1d") >= 10 and session.landing_path.starts_with("/p")'},
            "odd": {"rule": 'user.number in [1, 3, 5, 7] or count("Ping", word == "kiwi", within="today") > 5'},
            "golden": {"rule": 'organization(tier == "gold", size >= 10)'},
            "old": {"rule": 'count("Ping", n > 2, before=date("2026-06-30")) >= 3'},
            "shown": {"rule": 'count("Impression") >= 2'},
        },
        content={ITEM: {"type": "ad", "cap": {"limit": CAP, "per": "lifetime"}}},
        collections={"ads": {"items": [ITEM]}},
        slots={
            "promo": {
                "block": {"kind": "ad", "collection": "ads"},
                "experiences": [{"key": "seen", "segment": "shown", "overrides": {}}],
            }
        },
    ),
    site=Site(key=KEY, timezone="Europe/Madrid", write_key="w", secret_key="s"),
)
KILLS = ("server", "child", "both") * 3


def test_three_deaths_of_each_kind(tmp_path: Path) -> None:
    crash(tmp_path, 1)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 124))
def test_two_hundred_deaths(tmp_path: Path, seed: int) -> None:
    crash(tmp_path, seed)


def crash(folder: Path, seed: int) -> None:
    """Kill nine times, at random moments, while batches, history and decisions come in; then look at what is kept."""
    dice = random.Random(seed)
    data, load = folder / "data", Load(seed, "w", "s", decide=True)
    running = start(data)
    try:
        running.api("PUT", f"/api/sites/{KEY}/catalog", msgspec.to_builtins(CATALOG))
        load.url = running.url
        load.begin()
        for victim in dice.sample(KILLS, len(KILLS)):
            time.sleep(dice.uniform(0.05, 1.2))
            running = kill(victim, running, load, dice)
        time.sleep(0.3)
        load.finish()
        running.api("POST", f"/api/sites/{KEY}/settle")
        for least in (1, 50, sorted(load.lucky.values())[PEOPLE // 2]):
            counted = running.api("POST", f"/api/sites/{KEY}/count", {"rule": f'count("Ping", n > 5) >= {least}'})
            assert counted["people"] == sum(count >= least for count in load.lucky.values()), least
    finally:
        load.url = None
        if running.process.poll() is None:
            assert running.stop() == 0
    assert load.tries, "no death has hit a request: this says nothing"
    assert load.decisions > PEOPLE
    assert sum(len(seen) for seen in load.shown.values()) > PEOPLE
    asyncio.run(look(folder, load))


def kill(victim: str, running: ServerProcess, load: Load, dice: random.Random) -> ServerProcess:
    """Kill the victim; return the server that runs after it."""
    children = children_of(running.process.pid)
    if victim != "server":
        for pid in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    if victim == "child":
        return running
    running.kill()
    if dice.random() < 0.4:
        die_while_starting(running.data, dice.uniform(0.2, 2.0))
    again = start(running.data)
    load.url = again.url
    return again


def die_while_starting(data: Path, after: float) -> None:
    """A server that dies again while it takes up what the last one left."""
    command = [COMMAND, "serve", "--port", "0", "--data", str(data)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        time.sleep(after)
        process.kill()


def test_deaths_while_behaviours_are_prepared(tmp_path: Path) -> None:
    """A catalog that comes, goes and comes again, each time with a death in the middle of counting what was before."""
    dice = random.Random(7)
    load, running = Load(7, "w"), start(tmp_path / "data")
    empty = msgspec.structs.replace(CATALOG, segments={}, slots={})
    try:
        running.api("PUT", f"/api/sites/{KEY}/catalog", msgspec.to_builtins(empty))
        load.url = running.url
        load.begin()
        time.sleep(1)
        for catalog in (CATALOG, empty, CATALOG):
            running.api("PUT", f"/api/sites/{KEY}/catalog", msgspec.to_builtins(catalog))
            time.sleep(dice.uniform(0, 0.15))
            if catalog is CATALOG:
                running = kill("server", running, load, dice)
            time.sleep(dice.uniform(0.2, 0.8))
        load.finish()
    finally:
        load.url = None
        if running.process.poll() is None:
            assert running.stop() == 0
    asyncio.run(look(tmp_path, load, afresh=False))


async def look(folder: Path, load: Load, afresh: bool = True) -> None:
    """The log has every event once; the profiles are a fold of the journal; every segment is the same everywhere."""
    async with installation(folder / "data", now, new_id) as opened:
        site = opened.site(KEY)
        await site.settle()
        await site.backfill.complete()
        rows = await site.stores.events.query("SELECT message_id, count() FROM events GROUP BY message_id", {})
        own = "visit-", "exposure-"
        counted = {message_id: count for message_id, count in rows if not message_id.startswith(own)}
        assert set(counted.values()) == {1}, "doubled"
        seen = {message_id for message_id in counted if message_id.endswith(f":{ITEM}")}
        found = counted.keys() - seen
        assert load.sent - found == set(), "acknowledged, and lost"
        assert found - load.sent == set()
        assert load.acknowledged == len(found)
        kept = list(site.stores.profiles.everyone())
        if afresh:  # states that were put together may hold more than is needed
            assert kept == fresh_fold(site, folder / "fresh")
        assert len(kept) == PEOPLE
        look_at_caps(kept, seen, load)
        moment = now()
        for key in CATALOG.segments:
            found_by_sql = await count(site, key, moment)
            live = sum(key in site.engine.segments.matching([key], site.person(each), moment) for each in kept)
            assert found_by_sql.people == live, key


def look_at_caps(kept: list[Profile], seen: set[str], load: Load) -> None:
    """Every answered impression counts once, and nobody has had more than the cap allows."""
    assert set[str]().union(*load.shown.values()) <= seen, "shown, and forgotten"
    counts = {profile.user_id: profile.shown[ITEM].count for profile in kept if ITEM in profile.shown}
    assert sum(counts.values()) == len(seen)
    for person in range(PEOPLE):
        assert len(load.shown[person]) <= counts.get(f"u{person}", 0) <= CAP, person


def fresh_fold(site: LiveSite, folder: Path) -> list[object]:
    """Fold the whole journal once more, in slices of another size."""
    folder.mkdir()
    profiles, after = SqliteProfiles(folder), 0
    try:
        while page := site.stores.journal.read(after, 777):
            fold = Fold(profiles, site.engine.snapshot.calendar, profiles.properties(), site.backfill.plan)
            for seq, event in page:
                fold.apply(seq, event)
            after = page[-1][0]
            profiles.commit(fold.result(after))
        return list(profiles.everyone())
    finally:
        profiles.close()
