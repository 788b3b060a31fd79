"""`lenticular backup`: everything, at one position, while the server runs or not."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from lenticular.cli.asking import asking
from lenticular.cli.context import data_option, options, run


@click.command()
@click.argument("target", metavar="DIR-OR-FILE", type=click.Path(path_type=Path))
@click.option("--keep", type=click.IntRange(min=0), default=0, help="How many backups stay in the folder; 0 keeps all.")
@click.option("--json", "as_json", is_flag=True, help="Print what was saved as JSON.")
@data_option
@run
async def backup(target: Path, keep: int, as_json: bool) -> None:
    """Add a backup to a folder, or write one to a new file that ends in .tar."""
    async with asking(options().data) as api:
        made = await api.ask("POST", "/api/backup", {"to": str(target.absolute()), "keep": keep}, patience=None)
    if as_json:
        click.echo(msgspec.json.encode(made).decode())
        raise SystemExit(1 if made["missing"] else 0)
    click.echo(f"{made['path']}   {made['bytes'] / (1 << 20):,.1f} MiB")
    for key, position in made["positions"].items():
        click.echo(f"  site {key}: everything accepted up to number {position:,}")
    if made["catalog"] == "elsewhere":
        click.echo("  NOT in it: the catalog, which is in the database that LENTICULAR_DATABASE names. Save that, too.")
    for path in made["removed"]:
        click.echo(f"  removed {path}")
    for key in made["missing"]:
        click.echo(f"  NOT in it: site {key}, which could not be opened. lenticular doctor says why.", err=True)
    if made["missing"]:
        raise SystemExit(1)
