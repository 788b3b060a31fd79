"""`lenticular catalog simulate` and `never-shown`: what visitors would see, and what none of them ever does."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import click
import msgspec

from lenticular.cli.asking import Api, asking, chosen_site
from lenticular.cli.context import data_option, options, run, site_option, tell
from lenticular.errors import LenticularError, Problem

NEVER = "catalog.never-shown"
_language = click.option("--language", default="en", metavar="TAG", help="en or es; another one is English.")
_json = click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON.")


@click.command()
@click.argument("drafts", metavar="[DRAFT]...", nargs=-1)
@click.option("--page", default=None, metavar="PATH", help="The page to look at, by its path.")
@click.option("--slot", default=None, metavar="KEY", help="Or the slot.")
@click.option("--collection", default=None, metavar="KEY", help="Or the collection.")
@click.option("--days", default=7, show_default=True, help="How many days of visits to replay.")
@_language
@_json
@data_option
@site_option
@run
async def simulate(drafts: tuple[str, ...], days: int, language: str, as_json: bool, **where: Any) -> None:
    """Say what the visits of the last days would have seen with drafts (segments/students); with all if none is named.

    Old beside new, as a flow with counts; it is measured, nothing is proven.
    """
    async with asking(options().data) as api:
        site = await chosen_site(api, options())
        if not drafts:
            found = (await api.ask("GET", f"/api/sites/{site}/drafts"))["drafts"]
            drafts = tuple(f"{one['kind']}/{one['definition']}" for one in found)
        body = {**where, "drafts": drafts, "days": days}
        answer = await api.ask("POST", f"/api/sites/{site}/simulate?{urlencode({'language': language})}", body)
    if as_json:
        click.echo(msgspec.json.encode(answer).decode())
        return
    share = "" if answer["share"] == 1 else f", those of {answer['share']:.1%} of the people"
    click.echo(f"{answer['visits']:,} visits of {answer['people']:,} people in the last {days} days{share}.")
    for sentence in answer["sentences"]:
        click.echo(sentence)
    for one in answer["experiences"]:
        change = one["visits"] - one["liveVisits"]
        named = one["name"] or "the default"
        click.echo(f"  {named}: {one['liveVisits']:,} visits, then {one['visits']:,} ({change:+,})")


@click.command("never-shown")
@click.option("--proven", is_flag=True, help="Look at the rules alone, not at the visits of the last seven days.")
@_language
@data_option
@site_option
@run
async def never_shown(proven: bool, language: str) -> None:
    """Say which live experiences nobody can see: proven from the rules, or seen by no visit of the last seven days.

    Ends with 1 if something is proven.
    """
    async with asking(options().data) as api:
        site = await chosen_site(api, options())
        catalog = await api.ask("GET", f"/api/sites/{site}/catalog")
        query = urlencode({"language": language})
        preview = await api.ask("POST", f"/api/sites/{site}/catalog/preview?{query}", catalog)
        found = [msgspec.convert(one, Problem) for one in preview["warnings"] if one["code"] == NEVER]
        if found:
            click.echo("Proven from the rules:", err=True)
            tell(LenticularError(*found))
        if not proven:
            await _measured(api, site, catalog, query)
    if found:
        raise SystemExit(1)
    if proven:
        click.echo("Nothing is proven never to be shown.")


async def _measured(api: Api, site: str, catalog: dict[str, Any], query: str) -> None:
    places = [(f"page {one['path']}", {"page": one["path"]}, one) for one in catalog.get("pages", {}).values()]
    places += [(f"slot {key}", {"slot": key}, one) for key, one in catalog.get("slots", {}).items()]
    unseen = 0
    for name, where, one in places:
        if not one.get("experiences"):
            continue
        answer = await api.ask("POST", f"/api/sites/{site}/reach?{query}", where)
        if not answer["visits"]:
            click.echo(f"{name}: nobody came by in the last seven days.")
            continue
        for each in answer["experiences"]:
            if each["never"]:
                unseen += 1
                click.echo(
                    f"{name}: {each['name']}: none of {answer['visits']:,} visits saw it in the last seven days."
                )
    if not unseen:
        click.echo("Every other experience was seen in the last seven days.")
