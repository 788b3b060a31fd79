"""`lenticular people`: one person at a time."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import click
import msgspec

from lenticular.cli.asking import asking, chosen_site
from lenticular.cli.context import data_option, options, run, site_option
from lenticular.criteria.calendar import calendar_of
from lenticular.criteria.explain import Explanation
from lenticular.criteria.explain_text import explanation_text


@click.group()
def people() -> None:
    """People, one by one."""


@people.command()
@click.option("--user-id", default="", help="The user id that is to leave the profile that it was joined to.")
@click.option("--anonymous-id", default="", help="Or the anonymous id.")
@data_option
@site_option
@run
async def unmerge(user_id: str, anonymous_id: str) -> None:
    """Undo a merge that was wrong: the latest one of a person, if it brought this id."""
    async with asking(options().data) as api:
        site = await chosen_site(api, options())
        body = {"userId": user_id, "anonymousId": anonymous_id}
        answer = await api.ask("POST", f"/api/sites/{site}/people/unmerge", body)
        await api.ask("POST", f"/api/sites/{site}/settle")
    click.echo(f"{_named(answer['back'])} is a person again, apart from {_named(answer['taken'])}")


@people.command()
@click.option("--user-id", default="", help="Whom to explain, by their user id.")
@click.option("--anonymous-id", default="", help="Or by their anonymous id.")
@click.option("--all", "every", is_flag=True, help="Also the segments that they are not in, and why not.")
@click.option("--language", default="en", metavar="TAG", help="en or es; another one is English.")
@data_option
@site_option
@run
async def explain(user_id: str, anonymous_id: str, every: bool, language: str) -> None:
    """Say which segments someone is in, and why."""
    if not user_id and not anonymous_id:
        raise click.UsageError("Say whom: --user-id or --anonymous-id.")
    person = {"userId": user_id, "anonymousId": anonymous_id, "language": language}
    after: str | None = ""
    belongs = 0
    async with asking(options().data) as api:
        site = await chosen_site(api, options())
        zones = {one["key"]: one["timezone"] for one in await api.ask("GET", "/api/sites")}
        while after is not None:
            answer = await api.ask("GET", f"/api/sites/{site}/segments?{urlencode({'after': after, 'limit': 1000})}")
            after = answer["next"]
            for one in answer["segments"]:
                found = await api.ask("POST", f"/api/sites/{site}/explain", {"rule": one["key"], **person})
                belongs += found["member"]
                if every or found["member"]:
                    told = msgspec.convert(found, Explanation)
                    click.echo(explanation_text(told, calendar_of(zones[site]), language))
    click.echo(f"In {belongs} segment{'' if belongs == 1 else 's'}.")


def _named(someone: dict[str, Any]) -> str:
    ids = (someone["userId"], *someone["otherUserIds"], *someone["anonymousIds"])
    return ", ".join(each for each in ids if each) or someone["profile"]
