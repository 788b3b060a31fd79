"""A data folder with very many people, and fifty events of each: written into the stores, not sent."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

from benchmarks._site import EVENTS, catalog
from lenticular.app.open import installation
from lenticular.app.publish import publish
from lenticular.app.site import LiveSite
from lenticular.criteria.calendar import DAY
from lenticular.profiles.fold import FoldResult
from lenticular.profiles.profile import Profile, Session
from lenticular.stores.clickhouse.connection import Connection
from lenticular.web.now import new_id, now

EVENTS_EACH = 50
HEAVY = (
    'sequence(event("Event 1"), event("Event 2"), event("Event 3"), span="7d", within="60d")'
    ' or periods("Event 4", every="1d", within="60d") >= 2 or distinct("Event 5", n, within="60d") >= 2'
)
"""The heaviest report there is: it reads and groups most of the log."""
_SLICE = 2_000
_ROWS = 2_000_000


def fill(folder: Path, people: int) -> None:
    """Make the site with so many people, who have no tallies in their profiles: these count from the log's end on."""
    asyncio.run(_fill(folder, people))


async def _fill(folder: Path, people: int) -> None:
    made = catalog()
    async with installation(folder, now, new_id, create=True) as opened:
        site = await opened.ensure(made.site)
        await publish(site, made)
        first = site.stores.profiles.next_id()
        dice, moment = random.Random(9), now()
        for at in range(first, first + people, _SLICE):
            ids = range(at, min(at + _SLICE, first + people))
            site.stores.profiles.commit(_profiles(site, [_profile(each, dice, moment) for each in ids]))
        client = Connection(opened.child, f"site_{site.key}")
        await _log(client, first, people, moment)
        await client.close()


def _profile(number: int, dice: random.Random, moment: int) -> Profile:
    seen = moment - dice.randrange(1, 90) * DAY
    traits = {f"n_n{at}": float(dice.randrange(100)) for at in range(10)}
    session = Session(number, seen, seen + 60_000, 1, {"t_landing_path": "/", "n_number": 1.0, "n_pages": 3.0})
    return Profile(number, seen, 5, "", [f"many{number}"], {**traits, "t_plan": "gold"}, session=session)


def _profiles(site: LiveSite, profiles: list[Profile]) -> FoldResult:
    identities = {("anonymous", each.anonymous_ids[0]): each.id for each in profiles}
    return FoldResult(site.stores.profiles.folded(), profiles, identities, [], {}, {}, [])


async def _log(connection: Connection, first: int, people: int, moment: int) -> None:
    client = await connection.client()
    names = ", ".join(f"'{name}'" for name in EVENTS)
    for at in range(0, people, _ROWS):
        many = min(_ROWS, people - at)
        await client.command(
            "INSERT INTO profiles (profile_id, version, user_id, anonymous_ids, first_seen, traits, gone)"
            f" SELECT number + {first}, 1, '', [concat('many', toString(number + {first}))], {moment - 100 * DAY},"
            ' CAST(\'{"t_plan":"gold"}\' AS JSON(max_dynamic_paths = 1024)), 0'
            f" FROM numbers({at}, {many})"
        )
    for at in range(0, people * EVENTS_EACH, _ROWS):
        many = min(_ROWS, people * EVENTS_EACH - at)
        await client.command(
            "INSERT INTO events (seq, time, tie, profile_id, name, type, session_id, day, minute, received,"
            f" message_id, properties, context) SELECT number + {1 << 40} AS seq,"
            f" {moment} - toInt64(intHash64(number) % {90 * DAY}) AS time, toInt64(intHash32(number)),"
            f" number % {people} + {first}, [{names}][1 + intHash32(number + 7) % {len(EVENTS)}], 'track', number,"
            f" intDiv(time, {DAY}), intDiv(time % {DAY}, 60000), time, toString(number),"
            " CAST(concat('{\"n_n\":', toString(intHash32(number) % 10), '.0}') AS JSON(max_dynamic_paths = 1024)),"
            f" '{{}}' FROM numbers({at}, {many})"
        )
