"""`lenticular restore`: a backup becomes a data folder."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from lenticular.cli.context import data_option, options, run


@click.command()
@click.argument("backup", metavar="BACKUP", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Set a data folder aside that is there; it is not deleted.")
@click.option("--journal", type=click.Path(path_type=Path), default=None, help="A data folder whose journal survived.")
@click.option("--json", "as_json", is_flag=True, help="Print what was restored as JSON.")
@data_option
@run
async def restore(backup: Path, force: bool, journal: Path | None, as_json: bool) -> None:
    """Make a data folder from a backup, or from the newest one in a folder of backups."""
    # These cost a second that the other commands need not spend.
    from lenticular.app.restore import Plan
    from lenticular.app.restore import restore as make
    from lenticular.web.now import new_id, now

    plan = Plan(backup, options().data, force, journal)
    made = await make(plan, options().settings, now, new_id)
    if as_json:
        click.echo(msgspec.json.encode(made).decode())
        return
    click.echo(f"{made.data} is ready to serve.")
    for site in made.sites:
        click.echo(f"  site {site.key}: everything accepted up to number {site.position:,}")
        if site.tail is None:
            continue
        click.echo(f"    {site.tail.taken:,} events of it come from the journal in {journal}")
        if site.tail.lost:
            first, last = site.tail.lost
            click.echo(f"    lost: numbers {first:,} to {last:,}, which neither the backup nor the journal has")
        if site.tail.trouble:
            click.echo(f"    {site.tail.trouble}")
    for key in made.empty:
        click.echo(f"  site {key}: its catalog only; the backup has no data of it")
    if made.aside:
        click.echo(f"  What was there before is in {made.aside}")
