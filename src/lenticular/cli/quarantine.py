"""`lenticular quarantine`: the rows that the events store refused."""

from __future__ import annotations

import click
import msgspec

from lenticular.cli.asking import asking, chosen_site
from lenticular.cli.context import data_option, options, run, site_option
from lenticular.errors import LenticularError, Problem


@click.group()
def quarantine() -> None:
    """Rows that the events store refused: look, send again, drop."""


@quarantine.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line, with the row.")
@data_option
@site_option
@run
async def list_(as_json: bool) -> None:
    """Print the rows that were refused, and why."""
    async with asking(options().data) as api:
        site = await chosen_site(api, options())
        for row in await api.ask("GET", f"/api/sites/{site}/quarantine"):
            click.echo(
                msgspec.json.encode(row).decode() if as_json else f"{row['id']}\t{row['table']}\t{row['reason']}"
            )


@quarantine.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
@data_option
@site_option
@run
async def retry(ids: tuple[str, ...]) -> None:
    """Send rows once more: those that are named, or all."""
    async with asking(options().data) as api:
        site = await chosen_site(api, options())
        done = await api.ask("POST", f"/api/sites/{site}/quarantine/retry", {"ids": list(ids) or None}, patience=None)
    click.echo(f"{done['sent']:,} rows were taken, {done['refused']:,} refused again.")
    if done["refused"]:
        raise SystemExit(1)


@quarantine.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All rows.")
@data_option
@site_option
@run
async def drop(ids: tuple[str, ...], everything: bool) -> None:
    """Delete rows: those that are named, or all."""
    if bool(ids) == everything:
        raise LenticularError(Problem("quarantine.which", "Name the rows by their ids, or say --all.", hint=""))
    async with asking(options().data) as api:
        site = await chosen_site(api, options())
        done = await api.ask("POST", f"/api/sites/{site}/quarantine/drop", {"ids": list(ids) if ids else None})
    click.echo(f"{done['dropped']:,} rows were dropped.")
