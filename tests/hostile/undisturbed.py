"""Nothing else is disturbed: normal visitors are served, and the log holds what was accepted and no more."""

from __future__ import annotations

from tests.web.shop import Shop


class Undisturbed:
    """Looks at a shop before something hostile comes, and after it."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._journal = shop.site.stores.journal.last()

    async def look(self) -> None:
        """An event and a decision of a normal visitor work, and all stores hold the same events, each once."""
        shop, me = self._shop, self._shop.someone()
        for number in range(2):
            message_id = f"normal-{me}-{number}"
            await shop.track(me, "Bought", messageId=message_id, properties={"price": 11, "note": "fine"})
        decision = await shop.decide(me, page="/", slots=["promo", "plain"])
        assert decision["segments"] == ["buyers"]
        assert decision["page"]["experience"] == "buyers"
        assert "problems" not in decision
        await shop.settled()
        await shop.ask("settle")
        rule = 'count("Bought", price == 11, note == "fine", within="1h") >= 2'
        assert (await shop.ask("explain", rule=rule, anonymousId=me))["member"] is True
        assert (await shop.admin.get("/api/sites/shop/quarantine")).json() == []
        assert shop.site.collector.skipped == 0
        await self._same_events_everywhere(me)

    async def _same_events_everywhere(self, me: str) -> None:
        """What the journal has since the beginning is in the log once, by its id; nothing else is."""
        stores = self._shop.site.stores
        accepted = {event.message_id for _, event in stores.journal.read(self._journal, 10**7)}
        assert {f"normal-{me}-0", f"normal-{me}-1"} <= accepted
        rows = await stores.events.query(
            f"SELECT message_id, count() FROM events WHERE seq > {self._journal} GROUP BY message_id", {}
        )
        logged = dict(rows)
        assert set(logged.values()) <= {1}
        assert logged.keys() <= accepted
        assert f"normal-{me}-1" in logged
