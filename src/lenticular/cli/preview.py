"""`lenticular preview`: links that show a site as somebody else, or as it will be."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import click

from lenticular.cli.asking import asking, chosen_site
from lenticular.cli.context import data_option, options, run, site_option
from lenticular.errors import LenticularError, Problem


@click.group()
def preview() -> None:
    """Preview links: a site as somebody else sees it, or as it will be."""


@preview.command("link")
@click.argument("page", default="/")
@click.option(
    "--segment", "segments", multiple=True, metavar="KEY", help="As someone in this segment; several: in all."
)
@click.option("--persona", default=None, metavar="KEY", help="As a persona.")
@click.option("--user-id", default="", help="As a real person, by their user id.")
@click.option("--anonymous-id", default="", help="As a real person, by their anonymous id.")
@click.option("--no-caps", is_flag=True, help="Of a real person: whatever they have seen already.")
@click.option("--drafts", is_flag=True, help="As if all drafts were published.")
@click.option("--at", default=None, metavar="TIME", help="As of a moment: 2026-11-27T09:00Z.")
@click.option("--hours", default=None, type=int, help="How long it lasts: 72 hours, of a real person 8.")
@site_option
@data_option
@run
async def make_link(page: str, segments: tuple[str, ...], no_caps: bool, **asked: Any) -> None:
    """Make a link to a page and print it: what goes behind the site's address."""
    told = {"userId": asked.pop("user_id"), "anonymousId": asked.pop("anonymous_id"), **asked}
    body = {"page": page, "segments": list(segments) or None, "caps": not no_caps, **told}
    async with asking(options().data) as api:
        site = await chosen_site(api, options())
        made = await api.ask("POST", f"/api/sites/{quote(site, safe='')}/preview-links", body)
    click.echo(made["path"])
    click.echo(f"{made['id']}  until {_minute(made['expires'])}", err=True)


@preview.command("list")
@site_option
@data_option
@run
async def list_links() -> None:
    """List the links that are not over, the newest first."""
    async with asking(options().data) as api:
        site = await chosen_site(api, options())
        found = (await api.ask("GET", f"/api/sites/{quote(site, safe='')}/preview-links"))["links"]
    for one in found:
        click.echo(_line(one))
    if not found:
        click.echo("There are no preview links.")


@preview.command("revoke")
@click.argument("id")
@site_option
@data_option
@run
async def revoke_link(id: str) -> None:
    """Take a link back: it shows nothing from then on."""
    if not id:
        raise LenticularError(Problem("preview-link.unknown", "Which one?", hint="lenticular preview list shows ids."))
    async with asking(options().data) as api:
        site = await chosen_site(api, options())
        found = await api.ask("DELETE", f"/api/sites/{quote(site, safe='')}/preview-links/{quote(id, safe='')}")
    click.echo(_line(found))


def _line(one: dict[str, Any]) -> str:
    who = "whoever opens it"
    if one["persona"] is not None:
        who = f"persona {one['persona']}"
    if one["profile"] is not None:
        who = f"profile {one['profile']}{'' if one['caps'] else ' without caps'}"
    if one["segments"] is not None:
        who += f" in {', '.join(one['segments']) or 'no segment'}"
    more = [" with drafts"] if one["drafts"] else []
    more += [f" at {_minute(one['at'])}"] if one["at"] is not None else []
    end = f"until {_minute(one['expires'])}"
    if one["ended"] is not None:
        end = f"taken back {_minute(one['ended'])}"
    used = f"looked at {_minute(one['used'])[:10]}" if one["used"] is not None else "never looked at"
    return f"{one['id']}  {one['page']}  as {who}{''.join(more)}  by {one['author']}  {end}  {used}"


def _minute(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
