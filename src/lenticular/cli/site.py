"""`lenticular site`: what belongs to a site and is no definition."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import click

from lenticular.cli.asking import asking, chosen_site
from lenticular.cli.context import data_option, options, run, site_option


@click.group()
def site() -> None:
    """A site's own things."""


@site.group()
def keys() -> None:
    """The keys with which pages and servers speak for a site."""


@keys.command("list")
@data_option
@site_option
@run
async def list_keys() -> None:
    """List the keys, the newest first: which is in use, when the others end, when each was used last."""
    async with asking(options().data) as api:
        key = await chosen_site(api, options())
        for one in await api.ask("GET", f"/api/sites/{quote(key)}/keys"):
            click.echo(_told(one))


@keys.command("new")
@click.option("--secret", is_flag=True, help="A secret key, for servers; else a public one, for pages.")
@click.option("--grace", default=None, metavar="TIME", help="How long those before stay good: 12h, 30d, now.")
@data_option
@site_option
@run
async def new_key(secret: bool, grace: str | None) -> None:
    """Make a new key. Those before it stay good for 30 days, secret ones for 24 hours."""
    body: dict[str, Any] = {"use": "secret" if secret else "public"}
    if grace is not None:
        body["grace"] = grace
    async with asking(options().data) as api:
        key = await chosen_site(api, options())
        given = await api.ask("POST", f"/api/sites/{quote(key)}/keys", body)
    click.echo(given["secret"] or given["key"]["key"])
    if secret:
        click.echo("It is shown this once.", err=True)
    for one in given["others"]:
        click.echo(_told(one), err=True)


@keys.command("end")
@click.argument("id")
@data_option
@site_option
@run
async def end_key(id: str) -> None:
    """End a key at once: what is sent with it is refused from then on."""
    async with asking(options().data) as api:
        key = await chosen_site(api, options())
        click.echo(_told(await api.ask("DELETE", f"/api/sites/{quote(key)}/keys/{quote(id, safe='')}")))


_STATES = {"current": "in use", "ended": "ended"}


def _told(one: dict[str, Any]) -> str:
    name = one["key"] or (f"…{one['tail']}" if one["tail"] else "(kept as a hash)")
    until = f"until {_minute(one['ends'])}" if one["state"] == "ending" else _STATES[one["state"]]
    used = f"last used {_day(one['used'])}" if one["used"] is not None else "never used"
    return f"{one['id']}  {one['use']}  {name}  {until}  {used}"


def _minute(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _day(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d")
