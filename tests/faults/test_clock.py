"""The machine's clock is set while the server runs: back an hour, on a day; nothing is lost or doubled."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from lenticular.app.count import count
from tests.faults.test_crash import fresh_fold
from tests.web.shop import HOUR, open_shop

MOVES = [0, -HOUR, HOUR // 2, 24 * HOUR, -24 * HOUR, -HOUR, 60_000, 26 * HOUR, -1, -30 * 24 * HOUR, 31 * 24 * HOUR]
PEOPLE = 5


async def test_a_clock_that_is_set(tmp_path: Path) -> None:
    async with open_shop(tmp_path / "data") as shop:
        sent: Counter[str] = Counter()
        for number, move in enumerate(MOVES):
            shop.now += move
            for person in range(PEOPLE):
                name = f"a{person}"
                for each in range(2):
                    message_id = f"m{number}-{person}-{each}"
                    await shop.track(name, "Bought", messageId=message_id, properties={"price": 20})
                    sent[message_id] += 1
                context = {"url": "https://shop.example/college/x"}
                decision = await shop.decide(name, page="/", slots=["promo"], impression=True, context=context)
                assert decision["page"]["reason"] == "TARGETING_MATCH", decision
                assert "ERROR" not in str(decision)
                # What was accepted just now is in this decision, whatever the clock says.
                assert "buyers" in decision["segments"], (number, move)
        await shop.settled()
        await shop.ask("settle")
        site = shop.site
        rows = await site.stores.events.query("SELECT message_id, count() FROM events GROUP BY message_id", {})
        assert {key: times for key, times in rows if key.startswith("m")} == sent
        kept = list(site.stores.profiles.everyone())
        assert kept == fresh_fold(site, tmp_path / "fresh")
        for moment in (shop.now, shop.now + 40 * 24 * HOUR):
            for key in site.engine.segments.trees:
                live = sum(key in site.engine.segments.matching([key], site.person(each), moment) for each in kept)
                assert (await count(site, key, moment)).people == live, (key, moment)
