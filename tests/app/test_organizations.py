"""Organizations as of everything accepted: also what someone else has just said of them."""

from __future__ import annotations

from pathlib import Path

from lenticular.profiles.event import Event
from tests.app.test_collect import opened
from tests.profiles.worlds import event


def group(message_id: str, at: float, user_id: str, tier: str, of: str = "acme") -> Event:
    return event(
        message_id, at, type="group", name="", user_id=user_id, group_id=of, properties={"t_tier": tier} if tier else {}
    )


async def test_what_a_colleague_says_counts_at_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as site:
        await site.collector.accept([group("m1", 1, "ana", "tin"), group("m2", 1, "ana", "", of="bolt")])
        await site.collector.drain()
        async with site.collector.paused():
            # The second m3 is another message with the same id: it counts no more here than in the fold.
            await site.collector.accept([group("m3", 2, "rui", "gold"), group("m3", 3, "rui", "twice")])
            await site.collector.accept([group("m1", 9, "rui", "again"), group("m4", 4, "eva", "", of="core")])
            ana = site.collector.current("", "ana")
            assert ana is not None
            assert sorted(ana.organizations) == ["acme", "bolt"]
            before = site.collector.organizations(["acme", "bolt", "core", "never named"])
            assert [each.traits for each in before] == [
                {"t_id": "acme", "t_tier": "gold"},
                {"t_id": "bolt"},
                {"t_id": "core"},
                {"t_id": "never named"},
            ]
            stored = site.profiles.organization("acme")
            assert stored is not None
            assert stored.traits["t_tier"] == "tin"
        await site.collector.drain()
        assert site.collector.organizations(["acme", "core"]) == [before[0], before[2]]
    async with opened(tmp_path) as site:
        assert site.profiles.organization("acme") == site.collector.organizations(["acme"])[0] == before[0]
        assert site.profiles.organization("never named") is None
        assert site.profiles.properties() == {("organization", "tier"): "text"}


async def test_a_restart_folds_organizations_that_were_left(tmp_path: Path) -> None:
    async with opened(tmp_path) as site, site.collector.paused():
        await site.collector.accept([group("m1", 1, "ana", "gold")])
    async with opened(tmp_path) as site:
        assert site.collector.types["organization", "tier"] == "text"
        assert site.collector.organizations(["acme"])[0].traits == {"t_id": "acme", "t_tier": "gold"}
