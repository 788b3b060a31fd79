"""`lenticular people`: one person at a time."""

from __future__ import annotations

from typing import Any

import click

from lenticular.cli.asking import asking, chosen_site
from lenticular.cli.context import data_option, options, run, site_option


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


def _named(someone: dict[str, Any]) -> str:
    ids = (someone["userId"], *someone["otherUserIds"], *someone["anonymousIds"])
    return ", ".join(each for each in ids if each) or someone["profile"]
