"""The first test to read: an event, from HTTP to the decision that it changes."""

from pathlib import Path

import httpx

from lenticular.app.count import count
from lenticular.app.publish import publish
from lenticular.demo.bank import bank_catalog
from tests.running import running

LANDED = {"url": "https://bank.example/college/start"}


async def test_an_event_changes_the_very_next_decision(tmp_path: Path) -> None:
    async with running(tmp_path) as (installation, url):
        bank = bank_catalog()
        site = await installation.ensure(bank.site)
        await publish(site, bank)
        async with httpx.AsyncClient(base_url=url, auth=(bank.site.write_key, "")) as browser:

            async def home() -> tuple[str, str]:
                asked = {"site": "aurora", "page": "/", "anonymousId": "a1", "context": LANDED}
                page = (await browser.post("/v1/decide", json=asked)).json()["page"]
                return page["experience"], page["reason"]

            # Nobody knows her age yet: she is a prospect, because she has no checking account.
            assert await home() == ("free-checking-prospects", "TARGETING_MATCH")

            # She says who she is; 200 means: on disk. The next decision knows it.
            ana = {"anonymousId": "a1", "userId": "ana", "traits": {"birth_date": "2005-05-04"}}
            assert (await browser.post("/v1/identify", json=ana)).json() == {"success": True}
            assert await home() == ("students", "TARGETING_MATCH")

            # She looks at the Gold Card; the rule of Students says: not today any more.
            viewed = {"anonymousId": "a1", "event": "Offer Viewed", "properties": {"offer": "gold-card"}}
            assert (await browser.post("/v1/track", json=viewed)).status_code == 200
            assert await home() == ("free-checking-prospects", "TARGETING_MATCH")
        await site.settle()  # and the log says the same: nobody is a student now
        assert ((await count(site, "students")).people, (await count(site, "True")).people) == (0, 1)
