"""`lenticular segment`: how many, who, why, and in words."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from lenticular.cli.asking import Api, asking, chosen_site
from lenticular.cli.context import data_option, options, run, site_option, zone_option
from lenticular.criteria.calendar import calendar_of
from lenticular.criteria.explain import Explanation
from lenticular.criteria.explain_text import explanation_text

_at = click.option("--at", default=None, metavar="MOMENT", help="As of a moment, such as 2024-06-01T00:00:00Z.")
_json = click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON.")
_rule = click.argument("rule", metavar="RULE-OR-KEY")
_PAGE = 1_000


@click.group()
def segment() -> None:
    """Ask about a segment, by its key or by a rule in text form."""


@segment.command()
@_rule
@_at
@_json
@data_option
@site_option
@zone_option
@run
async def count(rule: str, at: str | None, as_json: bool) -> None:
    """Print how many people belong."""
    async with asking(options().data) as api:
        answer = await _ask(api, "count", {"rule": rule, "at": at})
    _print_json(answer) if as_json else click.echo(answer["people"])


@segment.command()
@_rule
@_at
@_json
@click.option("--limit", default=0, help="Stop after so many; 0 prints all.")
@data_option
@site_option
@zone_option
@run
async def members(rule: str, at: str | None, as_json: bool, limit: int) -> None:
    """Print who belongs: the user id, or the anonymous one, of each."""
    printed, after = 0, "0"
    async with asking(options().data) as api:
        while True:
            page = min(_PAGE, limit - printed) if limit else _PAGE
            answer = await _ask(api, "members", {"rule": rule, "at": at, "limit": page, "after": after})
            for member in answer["members"]:
                name = member["userId"] or next(iter(member["anonymousIds"]), member["profile"])
                _print_json(member) if as_json else click.echo(name)
            printed, after = printed + len(answer["members"]), answer["next"]
            if after is None or (limit and printed >= limit):
                return


@segment.command()
@_rule
@click.option("--user-id", default="", help="The person, by user id.")
@click.option("--anonymous-id", default="", help="The person, by anonymous id.")
@_at
@_json
@data_option
@site_option
@zone_option
@run
async def explain(rule: str, user_id: str, anonymous_id: str, at: str | None, as_json: bool) -> None:
    """Print why someone belongs or not, and when that will change by itself."""
    if not user_id and not anonymous_id:
        raise click.UsageError("Say whom: --user-id or --anonymous-id.")
    body = {"rule": rule, "at": at, "userId": user_id, "anonymousId": anonymous_id}
    async with asking(options().data) as api:
        site = await chosen_site(api, options())
        answer = await api.ask("POST", f"/api/sites/{site}/explain", body)
        zones = {one["key"]: one["timezone"] for one in await api.ask("GET", "/api/sites")}
    if as_json:
        _print_json(answer)
    else:
        click.echo(explanation_text(msgspec.convert(answer, Explanation), calendar_of(zones[site])))


@segment.command()
@_rule
@click.option("--language", default="en", metavar="TAG", help="en or es; another one is English.")
@_json
@data_option
@site_option
@zone_option
@run
async def sentence(rule: str, language: str, as_json: bool) -> None:
    """Print a rule in words."""
    async with asking(options().data) as api:
        answer = await _ask(api, "sentence", {"rule": rule, "language": language})
    _print_json(answer) if as_json else click.echo(answer["sentence"])


async def _ask(api: Api, what: str, body: dict[str, Any]) -> Any:
    site = await chosen_site(api, options())
    return await api.ask("POST", f"/api/sites/{site}/{what}", body)


def _print_json(value: Any) -> None:
    click.echo(msgspec.json.encode(value).decode())
