"""A site to measure: a hundred segments, a page with five experiences, three slots, some thousand people."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

import msgspec

from lenticular.app.open import installation
from lenticular.app.publish import publish
from lenticular.catalog.catalog import Catalog
from lenticular.profiles.event import Event, Values
from lenticular.web.now import new_id, now

PEOPLE = 5_000
WRITE_KEY = "bench"
EVENTS = tuple(f"Event {at}" for at in range(10))
"""Each is counted by ten of the segments."""
_PLANS = ("basic", "gold", "family", "student")
_PAGES = ("/", "/college", "/prices", "/blog/one")


def catalog() -> Catalog:
    """Return the site's catalog."""
    number = {"scope": "user", "type": "number"}
    properties = {f"user.n{at}": {**number, "name": f"n{at}"} for at in range(10)}
    properties |= {"user.plan": {"scope": "user", "type": "text", "name": "plan"}}
    segments = {f"s{at}": {"key": f"s{at}", "rule": _rule(at)} for at in range(100)}
    content = {f"i{at}": {"key": f"i{at}", "type": "offer", "fields": {"title": f"Offer {at}"}} for at in range(30)}
    content["i0"]["cap"] = {"limit": 3, "per": "day"}
    collections = {
        f"c{at}": {
            "key": f"c{at}",
            "items": [f"i{at * 10 + each}" for each in range(3)],
            "variations": [
                {"segment": f"s{10 + at * 5 + each}", "items": [f"i{at * 10 + 3 + each}"]} for each in range(5)
            ],
        }
        for at in range(3)
    }
    body = {
        "site": {"key": "bench", "timezone": "Europe/Madrid", "writeKey": WRITE_KEY},
        "properties": properties,
        "segments": segments,
        "content": content,
        "collections": collections,
        "pages": {"home": _page()},
        "slots": {
            f"slot{at}": {"key": f"slot{at}", "block": {"kind": "ad", "collection": f"c{at}"}} for at in range(3)
        },
    }
    return msgspec.convert(body, Catalog)


def _page() -> dict[str, Any]:
    blocks = {
        f"b{at}": {"kind": "banner", "position": f"a{at}", "settings": {"title": f"Block {at}", "text": "x" * 60}}
        for at in range(6)
    }
    experiences = [
        {"key": f"e{at}", "segment": f"s{at}", "overrides": {f"b{at}": {"settings": {"title": f"For e{at}"}}}}
        for at in range(5)
    ]
    return {"key": "home", "path": "/", "blocks": blocks, "experiences": experiences}


def _rule(at: int) -> str:
    """Five conditions: traits, the session, and what was done lately."""
    return (
        f"user.n{at % 10} >= {at * 7 % 90} and user.n{(at + 3) % 10} < {40 + at % 60}"
        f' and (user.plan == "{_PLANS[at % 4]}" or session.landing_path.starts_with("{_PAGES[at % 4]}"))'
        f' and count("{EVENTS[at % 10]}", n > {at % 5}, within="{1 + at % 30}d") >= {1 + at % 3}'
    )


def fill(folder: Path) -> None:
    """Make the site and let its people come by."""
    asyncio.run(_fill(folder))


async def _fill(folder: Path) -> None:
    made, dice, moment = catalog(), random.Random(5), now()
    async with installation(folder, now, new_id, create=True) as opened:
        site = await opened.ensure(made.site)
        await publish(site, made)
        events: list[Event] = []
        for person in range(PEOPLE):
            traits: Values = {f"n_n{at}": float(dice.randrange(100)) for at in range(10)}
            traits["t_plan"] = dice.choice(_PLANS)
            for at in range(5):
                time = moment - dice.randrange(20 * 86_400_000)
                events.append(
                    Event(
                        type="track",
                        message_id=f"{person}-{at}",
                        time=time,
                        received=moment,
                        anonymous_id=f"a{person}",
                        name=dice.choice(EVENTS),
                        properties={"n_n": float(dice.randrange(10))},
                        traits=traits if at == 0 else {},
                        context={"t_url": f"https://bench.example{dice.choice(_PAGES)}"},
                    )
                )
        for first in range(0, len(events), 5_000):
            await site.accept(events[first : first + 5_000])
        await site.settle()
