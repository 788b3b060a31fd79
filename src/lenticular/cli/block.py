"""`lenticular block`: the kinds of blocks of this installation, and new ones."""

from __future__ import annotations

from pathlib import Path

import click

from lenticular.app.block_kinds import block_kinds
from lenticular.app.new_block import new_block
from lenticular.cli.context import run, tell
from lenticular.errors import LenticularError


@click.group()
def block() -> None:
    """Kinds of blocks: what pages and slots can show."""


@block.command("list")
@run
async def list_() -> None:
    """Say which kinds there are, and which installed ones can't be used."""
    kinds = block_kinds()
    for kind in kinds:
        package = f"  ({kinds.package(kind.name)})" if kinds.package(kind.name) else ""
        click.echo(f"{kind.name:<16}{kind.help()}{package}")
    if kinds.problems:
        tell(LenticularError(*kinds.problems))
        raise SystemExit(1)


@block.command("new")
@click.argument("name", metavar="NAME")
@click.option(
    "--in", "home", default=Path(), type=click.Path(path_type=Path), metavar="DIR", help="Where its folder is made."
)
@run
async def new(name: str, home: Path) -> None:
    """Make a package with the kind of block NAME: settings, template and a test."""
    folder = new_block(name, home)
    click.echo(f"{folder} has a block that works. Install it with: pip install -e {folder}")
