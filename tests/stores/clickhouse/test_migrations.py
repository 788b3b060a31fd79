"""A site's tables from before a step have the rows that they had, and take the new ones."""

from __future__ import annotations

import msgspec
import pytest

from lenticular.profiles.organization import unknown
from lenticular.profiles.profile import Profile
from lenticular.profiles.rows import line, organization_row, profile_row
from lenticular.stores.clickhouse.connection import Connection
from lenticular.stores.clickhouse.events import ClickHouseEvents
from lenticular.stores.clickhouse.migrate import steps
from lenticular.stores.clickhouse.supervisor import ClickHouseChild
from tests.stores.clickhouse.rows import batch_of

pytestmark = pytest.mark.asyncio(loop_scope="session")
OLD = {"profile_id": 1, "version": 1, "user_id": "old", "anonymous_ids": [], "first_seen": 5, "traits": {}, "gone": 0}
READ = "SELECT user_id, organizations, withheld, lists FROM profiles FINAL ORDER BY profile_id"


async def test_profiles_from_before_organizations_belong_to_none(child: ClickHouseChild) -> None:
    database = "site_from_before_organizations"
    connection = Connection(child, database)
    client = await connection.client()
    await client.command(f"CREATE DATABASE {database} ENGINE = Atomic", use_database=False)
    for statement in steps()[0].statements:
        await client.command(statement)
    await client.raw_insert("profiles", insert_block=msgspec.json.encode(OLD), fmt="JSONEachRow")
    await connection.close()
    events = ClickHouseEvents(child, database)
    for _ in range(2):
        await events.open()
    # A row that waited in the outbox over the change comes as it was written.
    await events.insert(batch_of([{**OLD, "profile_id": 2, "user_id": "waited"}], "profiles", 1, 1))
    new = Profile(3, 5, user_id="new", organizations=["acme", "bölt"], withheld=3, lists=["vip"])
    await events.insert(batch_of([msgspec.json.decode(line(profile_row(new)))], "profiles", 2, 2))
    for version in (1, 2):
        acme = organization_row(msgspec.structs.replace(unknown("acme"), version=version))
        await events.insert(batch_of([msgspec.json.decode(line(acme))], "organizations", version, version))
    assert await events.query(READ, {}) == [
        ("old", [], 0, []),
        ("waited", [], 0, []),
        ("new", ["acme", "bölt"], 3, ["vip"]),
    ]
    found = await events.query("SELECT version, toJSONString(traits) FROM organizations FINAL", {})
    assert found == [(2, '{"t_id":"acme"}')]
    await events.close()
