"""`lenticular picture`: pictures of a site."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import click

from lenticular.cli.asking import Api, asking, chosen_site
from lenticular.cli.catalog_pictures import pictures_of, upload
from lenticular.cli.context import data_option, options, run, site_option
from lenticular.errors import LenticularError, Problem
from lenticular.stores.files.emit import emit


@click.group()
def picture() -> None:
    """Pictures that pages and content show."""


@picture.command("add")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--alt", default="", help="What it shows, for who can't see it.")
@click.option("--focus", default="", metavar="X,Y", help="What must stay visible, from the left and the top: 0.5,0.3.")
@click.option("--name", default="", help="What it is called; left out: as its file.")
@site_option
@data_option
@run
async def add_picture(file: Path, alt: str, focus: str, name: str) -> None:
    """Upload FILE, and print what goes into a setting or a field."""
    said = {"name": name or file.name, "alt": alt, **_focus(focus)}
    async with asking(options().data) as api:
        found: Any = await upload(api, await chosen_site(api, options()), file, said)
    for text in found["notes"]:
        click.echo(text, err=True)
    click.echo(emit(found["value"]), nl=False)


@picture.command("list")
@click.argument("words", nargs=-1, metavar="WORDS")
@click.option("--limit", default=50, help="How many.")
@site_option
@data_option
@run
async def list_pictures(words: tuple[str, ...], limit: int) -> None:
    """List the newest pictures, or those that have WORDS in their names."""
    async with asking(options().data) as api:
        path = pictures_of(await chosen_site(api, options()))
        found = await _search(api, path, " ".join(words), limit)
    for one in found:
        value = one["value"]
        size = f"{value['width']}×{value['height']}" if value.get("width") else "any size"
        click.echo(f"{value['src']}  {one['kind']}, {size}, {one['bytes'] / 1_000:,.0f} kB")
    if not found:
        click.echo("There are no pictures.")


@picture.command("remove")
@click.argument("picture")
@site_option
@data_option
@run
async def remove_picture(picture: str) -> None:
    """Remove the picture of a name or a hash, if nothing uses it."""
    async with asking(options().data) as api:
        path = pictures_of(await chosen_site(api, options()))
        named = [one["hash"] for one in await _search(api, path, picture, 1_000) if one["name"] == picture]
        if len(named) > 1:
            hint = f"Say which by its hash: {', '.join(named[:5])}."
            raise LenticularError(Problem("picture.which", f"Several pictures are called {picture}.", hint=hint))
        await api.ask("DELETE", f"{path}/{quote(named[0] if named else picture, safe='')}")
    click.echo(f"{picture} is removed")


async def _search(api: Api, path: str, words: str, limit: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await api.ask("GET", f"{path}?{urlencode({'q': words, 'limit': limit})}"))[
        "pictures"
    ]
    return found


def _focus(text: str) -> dict[str, str]:
    x, comma, y = text.partition(",")
    if text and not comma:
        raise LenticularError(Problem("picture.focus", "This is no place in a picture.", "--focus", "Write 0.5,0.3."))
    return {"x": x.strip(), "y": y.strip()} if text else {}
