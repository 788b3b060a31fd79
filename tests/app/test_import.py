"""Import: a row counts once, however often and however late its file comes again."""

from __future__ import annotations

from pathlib import Path

from lenticular.app.columns import Columns
from lenticular.app.import_ import Rows, import_rows
from lenticular.catalog.site import Site
from lenticular.criteria.tables import Type
from lenticular.profiles.builtin import MAX_PROPERTIES
from tests.running import MONDAY, running

_MONTH = 31 * 86_400_000
_ROWS = [(line, {"user_id": f"u{line}", "event": "Paid", "timestamp": "2026-11-01"}) for line in range(2, 502)]


async def test_a_file_again_after_a_month_that_the_log_slept_through(tmp_path: Path) -> None:
    """The profiles have forgotten the message ids by then, and not every row had reached the log before."""
    clock = [MONDAY]
    async with running(tmp_path, lambda: clock[0]) as (installation, _):
        site = await installation.ensure(Site(key="shop", timezone="UTC", write_key="shop"))
        part = Rows("paid.csv", Columns(user_id="user_id"), {}, _ROWS)
        assert (await import_rows(site, part)).accepted == len(_ROWS)
        clock[0] += _MONTH
        newer = Rows("more.csv", part.columns, {}, [(2, _ROWS[0][1])])
        assert (await import_rows(site, newer)).accepted == 1
        report = await import_rows(site, part)
    assert (report.accepted, report.duplicate) == (0, len(_ROWS))


async def test_people_and_organizations_as_rows(tmp_path: Path) -> None:
    async with running(tmp_path) as (installation, _):
        site = await installation.ensure(Site(key="shop", timezone="UTC", write_key="shop"))
        people = [(2, {"id": "u1", "seats": "5"}), (3, {"id": "", "seats": "6"})]
        found = await import_rows(site, Rows("p.csv", Columns(user_id="id"), {"seats": "number"}, people, "people"))
        assert (found.accepted, found.refused) == (1, 1)
        accounts = [(2, {"groupId": "acme", "tier": "gold", "userId": "u1"})]
        await import_rows(site, Rows("o.csv", Columns(), {"tier": "text"}, accounts, "organizations"))
        await site.settle()
        profile = site.collector.current("", "u1")
        assert profile is not None and (profile.traits, profile.organizations) == ({"n_seats": 5.0}, ["acme"])
        [acme] = site.collector.organizations(["acme"])
        assert acme.traits == {"t_id": "acme", "t_tier": "gold"}


async def test_a_site_learns_no_more_properties_than_it_may_have(tmp_path: Path) -> None:
    async with running(tmp_path) as (installation, _):
        site = await installation.ensure(Site(key="shop", timezone="UTC", write_key="shop"))
        guessed: dict[str, Type] = {f"p{at}": "number" for at in range(3_000)}
        row = {"userId": "u1", "event": "Paid", "timestamp": "2026-11-01", **dict.fromkeys(guessed, "5")}
        assert (await import_rows(site, Rows("wide.csv", Columns(), guessed, [(2, row)]))).accepted == 1
        assert len(site.types) == MAX_PROPERTIES
