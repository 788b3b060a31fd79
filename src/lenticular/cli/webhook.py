"""`lenticular webhook`: who is told by HTTP what happens."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import click

from lenticular.cli.asking import Api, asking, chosen_site
from lenticular.cli.context import data_option, options, run, site_option
from lenticular.errors import LenticularError, Problem
from lenticular.webhooks.webhook import EVENTS


@click.group()
def webhook() -> None:
    """Webhooks: other systems that are told by HTTP what happens."""


@webhook.command("add")
@click.argument("url")
@click.option("--event", "events", type=click.Choice(EVENTS), multiple=True, required=True, help="What it is told.")
@click.option("--segment", "segments", multiple=True, metavar="KEY", help="A segment whose moves it is told.")
@click.option("--trait", "traits", multiple=True, metavar="NAME", help="A trait that it is told of people.")
@click.option("--name", default="", help="What it is called.")
@site_option
@data_option
@run
async def add_webhook(url: str, events: list[str], segments: list[str], traits: list[str], name: str) -> None:
    """Add a webhook and print its secret, which is shown this once."""
    body = {"url": url, "events": events, "segments": segments, "traits": traits, "name": name}
    async with asking(options().data) as api:
        given = await api.ask("POST", await _path(api), body)
    click.echo(_line(given["webhook"]))
    click.echo(f"secret: {given['secret']}")
    click.echo("The secret is shown this once: give it to whoever receives.", err=True)


@webhook.command("list")
@site_option
@data_option
@run
async def list_webhooks() -> None:
    """List the webhooks of a site."""
    async with asking(options().data) as api:
        found = (await api.ask("GET", await _path(api)))["webhooks"]
    for one in found:
        click.echo(_line(one))
        for problem in one["problems"]:
            click.echo(f"    {problem['message']}")
    if not found:
        click.echo("There are no webhooks.")


@webhook.command("test")
@click.argument("webhook")
@click.option("--event", type=click.Choice(EVENTS), default=None, help="Of what the sample is.")
@site_option
@data_option
@run
async def test_webhook(webhook: str, event: str | None) -> None:
    """Send a sample now, and print what came back."""
    async with asking(options().data) as api:
        tried = await api.ask("POST", f"{await _path(api, webhook)}/test", {"event": event})
    click.echo(_tried(tried))
    if not 200 <= (tried["status"] or 0) < 300:
        message = "The receiver did not take it."
        raise LenticularError(Problem("webhook.test", message, hint="Any status from 200 to 299 is a yes."))


@webhook.command("log")
@click.argument("webhook")
@click.option("--limit", default=20, help="How many tries.")
@site_option
@data_option
@run
async def log_webhook(webhook: str, limit: int) -> None:
    """Print how the newest tries went, the newest first, and what waits."""
    async with asking(options().data) as api:
        found = await api.ask("GET", f"{await _path(api, webhook)}/log?limit={limit}")
    for one in found["attempts"]:
        click.echo(_tried(one))
    for one in found["deliveries"]:
        if one["state"] != "delivered":
            click.echo(f"{one['state']}  {one['event']}  {one['id']}  after {one['attempts']} tries")
    if not found["attempts"]:
        click.echo("Nothing was sent yet.")


@webhook.command("remove")
@click.argument("webhook")
@site_option
@data_option
@run
async def remove_webhook(webhook: str) -> None:
    """Remove a webhook, with its log and what waits for it."""
    async with asking(options().data) as api:
        await api.ask("DELETE", await _path(api, webhook))
    click.echo(f"{webhook} is removed")


async def _path(api: Api, webhook: str = "") -> str:
    site = await chosen_site(api, options())
    path = f"/api/sites/{quote(site, safe='')}/webhooks"
    return f"{path}/{quote(await _id(api, path, webhook), safe='')}" if webhook else path


async def _id(api: Api, path: str, name: str) -> str:
    """Return the id of a webhook that is named by its id or its name. Raises LenticularError."""
    every = (await api.ask("GET", path))["webhooks"]
    found = [one["id"] for one in every if name in (one["id"], one["name"])]
    if len(found) != 1:
        message = f"There is no webhook {name}." if not found else f"There are several webhooks called {name}."
        raise LenticularError(Problem("webhook.unknown", message, hint="lenticular webhook list shows their ids."))
    return str(found[0])


def _line(one: dict[str, Any]) -> str:
    segments = f" of {', '.join(one['segments'])}" if one["segments"] else ""
    state = "" if one["on"] else f"off ({one['reason']})" if one["reason"] else "off"
    waiting = f"{one['waiting']} waiting" if one["waiting"] else ""
    told = [one["id"], one["name"], one["url"], f"{', '.join(one['events'])}{segments}", state, waiting]
    return "  ".join(each for each in told if each)


def _tried(one: dict[str, Any]) -> str:
    at = datetime.fromtimestamp(one["at"] / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    answer = " ".join(one["answer"].split())[:80]
    said = one["error"] or f"{one['status']} {answer}".strip()
    return f"{at}  {one['event']}  {one['delivery']}  try {one['attempt']}, {one['ms']} ms: {said}"
