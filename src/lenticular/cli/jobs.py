"""`lenticular jobs`: what the server does beside answering."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any, get_args
from urllib.parse import urlencode

import click
import msgspec

from lenticular.cli.asking import Api, asking, chosen_site
from lenticular.cli.context import data_option, options, run, site_option
from lenticular.errors import LenticularError, Problem
from lenticular.jobs.job import State

_id = click.argument("identity", metavar="ID", type=int)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_PAGE = 1_000
_INSTALLATION = ("purge",)
"""Kinds that belong to no site."""


@click.group()
def jobs() -> None:
    """Look at jobs, cancel them, run them again."""


@jobs.command("list")
@click.option("--kind", default="", help="Only those of a kind.")
@click.option("--state", type=click.Choice(get_args(State)), default=None, help="Only those in a state.")
@click.option("--limit", default=50, help="How many, the newest first; 0 prints all.")
@_json
@data_option
@site_option
@run
async def list_(kind: str, state: str | None, limit: int, as_json: bool) -> None:
    """Print jobs, the newest first: those of all sites, unless one is named."""
    printed, before = 0, None
    async with asking(options().data) as api:
        site = None if options().site is None else await chosen_site(api, options())
        while True:
            size = min(_PAGE, limit - printed) if limit else _PAGE
            asked = {"kind": kind, "in": state, "site": site, "before": before, "limit": size}
            query = urlencode({name: value for name, value in asked.items() if value})
            page = await api.ask("GET", f"/api/jobs?{query}")
            for one in page["jobs"]:
                click.echo(_json_of(one) if as_json else line(one))
            printed, before = printed + len(page["jobs"]), page["next"]
            if before is None or (limit and printed >= limit):
                return


@jobs.command()
@_id
@_json
@data_option
@run
async def show(identity: int, as_json: bool) -> None:
    """Print one job: what was asked, how far it is, what was wrong."""
    async with asking(options().data) as api:
        one = await api.ask("GET", f"/api/jobs/{identity}")
    if as_json:
        click.echo(_json_of(one))
        return
    click.echo(line(one))
    for name in ("arguments", "result"):
        if one[name]:
            click.echo(f"  {name}: {_json_of(one[name])}")
    click.echo(f"  asked for by {one['author']['name']} at {_moment(one['created'])}")
    if one["reason"]:
        click.echo(f"  {msgspec.convert(one['reason'], Problem)}")


@jobs.command()
@_id
@data_option
@run
async def cancel(identity: int) -> None:
    """Cancel a job that waits or runs; what it did so far stays."""
    async with asking(options().data) as api:
        click.echo(line(await api.ask("POST", f"/api/jobs/{identity}/cancel")))


@jobs.command()
@_id
@data_option
@run
async def retry(identity: int) -> None:
    """Let a job run again that failed or was cancelled; the server does it."""
    async with asking(options().data) as api:
        click.echo(line(await api.ask("POST", f"/api/jobs/{identity}/retry")))


@jobs.command("run")
@click.argument("kind")
@click.option("--arguments", default="{}", metavar="JSON", help="What the kind wants to know.")
@data_option
@site_option
@run
async def run_(kind: str, arguments: str) -> None:
    """Have a job of a KIND done (purge, retention, segment-sizes, export), and wait until it is."""
    try:
        body = {"kind": kind, "arguments": msgspec.json.decode(arguments, type=dict[str, Any])}
    except msgspec.DecodeError as error:
        raise LenticularError(Problem("job.arguments", f"This is no JSON object: {error}.", "--arguments")) from None
    async with asking(options().data) as api:
        one = await api.ask("POST", await _place(api, kind), body)
        one = await _ended(api, one)
    click.echo(line(one))
    if one["state"] != "done":
        reason = one["reason"] or {"code": "job.state", "message": f"The job is {one['state']}."}
        raise LenticularError(msgspec.convert(reason, Problem))


async def _place(api: Api, kind: str) -> str:
    return "/api/jobs" if kind in _INSTALLATION else f"/api/sites/{await chosen_site(api, options())}/jobs"


async def _ended(api: Api, one: dict[str, Any]) -> dict[str, Any]:
    """Return a job once it has ended, or waits for another try."""
    while one["ended"] is None and not (one["state"] == "waiting" and one["reason"]):
        await asyncio.sleep(0.1)
        one = await api.ask("GET", f"/api/jobs/{one['id']}")
    return one


def line(one: dict[str, Any]) -> str:
    """Return a job in one line."""
    what = "/".join(part for part in (one["site"], one["kind"], one["key"]) if part)
    told = [f"{one['id']}  {what}  {one['state']}"]
    if one["total"]:
        told.append(f"{one['done']:,} of {one['total']:,}")
    elif one["done"]:
        told.append(f"{one['done']:,}")
    if one["state"] == "waiting":
        told.append(f"not before {_moment(one['due'])}")
    if one["ended"]:
        told.append(f"ended {_moment(one['ended'])}")
    if one["reason"]:
        told.append(f"{one['attempt']} × went wrong: {one['reason']['message']}")
    return ", ".join(told)


def _moment(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _json_of(value: Any) -> str:
    return msgspec.json.encode(value).decode()
