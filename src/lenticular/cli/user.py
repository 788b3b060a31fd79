"""`lenticular user`: who may sign in, and what they may."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import click

from lenticular.accounts.role import EVERYWHERE, ROLES
from lenticular.cli.asking import Api, asking
from lenticular.cli.context import data_option, options, run
from lenticular.errors import LenticularError, Problem

_at = click.option("--at", default=EVERYWHERE, metavar="SITE", help="The site; all of them if left out.")


@click.group()
def user() -> None:
    """Users: who may sign in, and what they may."""


@user.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What they may.")
@_at
@click.option("--name", default="", help="Their name, as the history shows it.")
@click.option("--invite", is_flag=True, help="Print a link with which they choose a password; good once, for a week.")
@data_option
@run
async def add_user(email: str, role: str, at: str, name: str, invite: bool) -> None:
    """Add a user; asks for their password, unless it prints a link."""
    body: dict[str, Any] = {"email": email, "roles": {at: role}}
    if not invite:
        body |= {"name": name, "password": _password()}
    async with asking(options().data) as api:
        answer = await api.ask("POST", "/api/invitations" if invite else "/api/users", body)
        if invite:
            _tell_link(api, answer)
        else:
            click.echo(f"{answer['email']} can sign in: {_said(answer['roles'])}")


@user.command("list")
@data_option
@run
async def list_users() -> None:
    """List the users and the links that are not used yet."""
    async with asking(options().data) as api:
        users = await api.ask("GET", "/api/users")
        links = await api.ask("GET", "/api/invitations")
    for one in users:
        told = [one["email"], one["name"], _said(one["roles"]), "" if one["state"] == "active" else one["state"]]
        click.echo("  ".join(each for each in told if each))
    for one in links:
        click.echo(f"({one['purpose']} link)  {one['email'] or 'the first admin'}  {_said(one['roles'])}")
    if not users:
        click.echo("There are no users yet.")


@user.command("remove")
@click.argument("email")
@data_option
@run
async def remove_user(email: str) -> None:
    """Remove a user; their sessions and tokens end at once."""
    async with asking(options().data) as api:
        await api.ask("DELETE", _path(email))
    click.echo(f"{email} is removed")


@user.command("password")
@click.argument("email")
@click.option("--link", is_flag=True, help="Print a link with which they choose one themselves; good once, for a day.")
@data_option
@run
async def set_password(email: str, link: bool) -> None:
    """Set a new password of a user, who is signed out everywhere; asks for it, unless it prints a link."""
    new = "" if link else _password()
    async with asking(options().data) as api:
        if link:
            _tell_link(api, await api.ask("POST", f"{_path(email)}/reset"))
            return
        await api.ask("PUT", _path(email), {"password": new})
    click.echo(f"{email} has a new password, and is signed out everywhere")


@user.command("role")
@click.argument("email")
@click.argument("role", type=click.Choice([*ROLES, "none"]))
@_at
@data_option
@run
async def set_role(email: str, role: str, at: str) -> None:
    """Give a user a role at a site, or at all of them; `none` takes it away."""
    async with asking(options().data) as api:
        users = await api.ask("GET", "/api/users")
        found = next((one for one in users if one["email"].lower() == email.lower()), None)
        if found is None:
            raise LenticularError(Problem("user.unknown", f"There is no user {email}.", hint="lenticular user list"))
        roles = {site: one for site, one in found["roles"].items() if site != at}
        if role != "none":
            roles[at] = role
        answer = await api.ask("PUT", _path(found["id"]), {"roles": roles})
    click.echo(f"{answer['email']}: {_said(answer['roles'])}")


def _password() -> str:
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))


def _path(name: str) -> str:
    return f"/api/users/{quote(name, safe='')}"


def _tell_link(api: Api, given: Any) -> None:
    settings = options().settings
    url = f"http://{settings.host}:{settings.port}" if api.alone else api.url
    click.echo(f"{url}{given['path']}")
    click.echo("It is good once. Give it to nobody but them: whoever opens it first is in.", err=True)


def _said(roles: dict[str, str]) -> str:
    return (
        ", ".join(f"{role} of {'all sites' if site == EVERYWHERE else site}" for site, role in roles.items())
        or "no role"
    )
