"""`lenticular segment`: which there are, how many, who, why, and in words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

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
_language = click.option("--language", default="en", metavar="TAG", help="en or es; another one is English.")
_PAGE = 1_000


@click.group()
def segment() -> None:
    """Ask about a segment, by its key or by a rule in text form."""


@segment.command("list")
@_language
@_json
@data_option
@site_option
@zone_option
@run
async def list_(language: str, as_json: bool) -> None:
    """Print the site's segments: key, sentence and newest size of each."""
    after: str | None = ""
    async with asking(options().data) as api:
        site = await chosen_site(api, options())
        while after is not None:
            query = urlencode({"after": after, "limit": _PAGE, "language": language})
            answer = await api.ask("GET", f"/api/sites/{site}/segments?{query}")
            for one in answer["segments"]:
                _print_json(one) if as_json else click.echo(f"{one['key']}  {one['sentence']}{_marks(one)}{_size(one)}")
            after = answer["next"]


def _marks(one: dict[str, Any]) -> str:
    marks = [one["state"]] if one["state"] != "live" else []
    marks += ["untrusted"] if one["untrusted"] else []
    return f"  ({', '.join(marks)})" if marks else ""


def _size(one: dict[str, Any]) -> str:
    if one["size"] is None:
        return ""
    people = one["size"]["people"]
    return f"  [{people:,} {'person' if people == 1 else 'people'} at {_moment(one['size']['at'])}]"


def _moment(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@segment.command()
@click.argument("key")
@click.option("--from", "first", default="", metavar="DAY", help="The first day; ninety days ago if left out.")
@click.option("--to", "last", default="", metavar="DAY", help="The last day; today if left out.")
@click.option("--hours", is_flag=True, help="Print every count instead of days.")
@_json
@data_option
@site_option
@zone_option
@run
async def history(key: str, first: str, last: str, hours: bool, as_json: bool) -> None:
    """Print how the segment KEY went: size, joined and left of each day, and what was published on it."""
    query = urlencode({"from": first, "to": last, "by": "hour" if hours else "day"})
    async with asking(options().data) as api:
        site = await chosen_site(api, options())
        found = await api.ask("GET", f"/api/sites/{site}/segments/{quote(key, safe='')}/history?{query}")
    for one in found["hours" if hours else "days"]:
        if as_json:
            _print_json(one)
            continue
        when = _moment(one["at"]) if hours else one["day"]
        moved = "" if one["joined"] is None else f"  +{one['joined']:,} -{one['left']:,}"
        click.echo(f"{when}  {one['size']:,}{moved}")
        for publish in one["publishes"]:
            click.echo(f"  published by {publish['author']}: {publish['sentence']}")


@segment.command()
@_rule
@_at
@_json
@click.option("--sample", is_flag=True, help="Where there are very many people, look at a sample of them.")
@data_option
@site_option
@zone_option
@run
async def count(rule: str, at: str | None, as_json: bool, sample: bool) -> None:
    """Print how many people belong."""
    async with asking(options().data) as api:
        answer = await _ask(api, "count", {"rule": rule, "at": at, "exact": not sample})
    if as_json:
        _print_json(answer)
        return
    click.echo(answer["people"])
    if answer["sampled"]:
        click.echo(
            "About: {of:,} people were looked at; 95 % sure: {low:,} to {high:,}.".format(**answer["sampled"]), err=True
        )


@segment.command()
@_rule
@_at
@_json
@click.option("--limit", default=0, help="Stop after so many; 0 prints all.")
@click.option("--sample", default=0, help="Print so many at random instead, at most 1,000; always the same ones.")
@click.option("--field", "fields", multiple=True, metavar="NAME", help="Show a property too, such as user.plan.")
@data_option
@site_option
@zone_option
@run
async def members(rule: str, limit: int, fields: tuple[str, ...], **given: Any) -> None:
    """Print who belongs: the user id, or the anonymous one, of each."""
    printed, after, at = 0, "0", given["at"]
    async with asking(options().data) as api:
        while True:
            body = {"rule": rule, "at": at, "after": after, "sample": given["sample"], "fields": fields}
            body["limit"] = min(_PAGE, limit - printed) if limit else _PAGE
            answer = await _ask(api, "members", body)
            for member in answer["members"][: limit or None]:
                _print_member(member, answer, given["as_json"])
            printed, after, at = printed + len(answer["members"]), answer["next"], at or answer["at"]
            if after is None or (limit and printed >= limit):
                return


def _print_member(member: dict[str, Any], page: dict[str, Any], as_json: bool) -> None:
    if as_json:
        _print_json({**member, **{name: page[name] for name in ("at", "lastVisit", "asOfNow")}})
        return
    name = member["userId"] or next(iter(member["anonymousIds"]), member["profile"])
    shown = [_text(value) for value in member["fields"].values()]
    click.echo("\t".join([name, *shown]))


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


@segment.command()
@_rule
@click.option("--user-id", default="", help="The person, by user id.")
@click.option("--anonymous-id", default="", help="The person, by anonymous id.")
@_at
@_language
@_json
@data_option
@site_option
@zone_option
@run
async def explain(rule: str, user_id: str, anonymous_id: str, language: str, **given: Any) -> None:
    """Print why someone belongs or not, and when that will change by itself."""
    if not user_id and not anonymous_id:
        raise click.UsageError("Say whom: --user-id or --anonymous-id.")
    person = {"userId": user_id, "anonymousId": anonymous_id}
    body = {"rule": rule, "at": given["at"], "language": language, **person}
    async with asking(options().data) as api:
        site = await chosen_site(api, options())
        answer = await api.ask("POST", f"/api/sites/{site}/explain", body)
        zones = {one["key"]: one["timezone"] for one in await api.ask("GET", "/api/sites")}
    if given["as_json"]:
        _print_json(answer)
    else:
        click.echo(explanation_text(msgspec.convert(answer, Explanation), calendar_of(zones[site]), language))


@segment.command()
@_rule
@_language
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
