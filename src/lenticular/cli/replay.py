"""`lenticular replay`: the log made again from the last backup and the journal."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from lenticular.cli.asking import asking
from lenticular.cli.context import data_option, options, run


@click.command()
@click.option(
    "--backup",
    type=click.Path(path_type=Path),
    default=None,
    help="A backup (a folder or a .tar), or a folder of them; else the last one.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@data_option
@run
async def replay(backup: Path | None, as_json: bool) -> None:
    """Give the events store what it lacks, when it was deleted or is damaged."""
    body = {"backup": str(backup.absolute()) if backup else None}
    async with asking(options().data) as api:
        made = await api.ask("POST", "/api/replay", body, patience=None)
    if as_json:
        click.echo(msgspec.json.encode(made).decode())
        return
    for site in made:
        click.echo(f"site {site['site']}:")
        for line in told(site):
            click.echo(f"  {line}")


def told(site: dict[str, Any]) -> list[str]:
    """Return what was done for a site, in sentences."""
    lines = [
        f"{site['fromBackup']:,} events from the backup",
        f"{site['fromJournal']:,} events of the journal are there, each once",
    ]
    lost = site["lost"]
    if lost:
        count = lost["last"] - lost["first"] + 1
        since = f"after {_moment(lost['since'])}" if lost["since"] is not None else "from the beginning"
        until = f" and before {_moment(lost['until'])}" if lost["until"] is not None else ""
        lines.append(f"lost: up to {count:,} events accepted {since}{until} are in no backup and no journal")
    return lines


def _moment(moment: int) -> str:
    return datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
