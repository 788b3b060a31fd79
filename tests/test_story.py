"""The first test to read: one event, from HTTP to the decision that it changes."""

from __future__ import annotations

from pathlib import Path

import httpx

from lenticular.app.audience import count
from lenticular.app.publish import publish
from lenticular.demo.bank import bank_catalog
from tests.running import running


async def test_an_event_changes_the_very_next_decision(tmp_path: Path) -> None:
    async with running(tmp_path) as (installation, url):
        bank = bank_catalog()
        await publish(await installation.ensure(bank.site), bank)
        async with httpx.AsyncClient(base_url=url, auth=(bank.site.write_key, "")) as browser:

            async def home() -> dict[str, object]:
                """Ask what Ana sees: she came to the bank's college page."""
                context = {"url": "https://bank.example/college/start"}
                asked = {"site": "aurora", "page": "/", "anonymousId": "a1", "context": context}
                page: dict[str, object] = (await browser.post("/v1/decide", json=asked)).json()["page"]
                return page

            # Nobody knows her age yet: she is a prospect, because she has no checking account.
            assert (await home())["experience"] == "free-checking-prospects"

            # She says who she is. 200 means: on disk.
            ana = {"anonymousId": "a1", "userId": "ana", "traits": {"birth_date": "2005-05-04"}}
            assert (await browser.post("/v1/identify", json=ana)).json() == {"success": True}
            page = await home()
            assert (page["experience"], page["reason"]) == ("students", "TARGETING_MATCH")

            # She looks at the Gold Card; the rule of Students says: not today any more.
            viewed = {"anonymousId": "a1", "event": "Offer Viewed", "properties": {"offer": "gold-card"}}
            assert (await browser.post("/v1/track", json=viewed)).status_code == 200
            assert (await home())["experience"] == "free-checking-prospects"

        # The same rule, asked of the log: nobody is a student now.
        site = installation.site("aurora")
        await site.settle()
        assert (await count(site, "students")).people == 0
        assert (await count(site, "free-checking-prospects")).people == 1
