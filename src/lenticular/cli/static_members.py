"""`lenticular segment add` and `remove`: who is on a segment's static list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

import click

from lenticular.catalog.segment import MOST_LISTED
from lenticular.cli.asking import asking, chosen_site
from lenticular.cli.context import data_option, options, run, site_option
from lenticular.errors import LenticularError, Problem

_SUFFIXES = (".txt", ".csv")
_key = click.argument("key", metavar="KEY")
_who = click.argument("who", nargs=-1, required=True, metavar="ID-OR-FILE...")
_anonymous = click.option("--anonymous", is_flag=True, help="The ids are anonymous ids, not user ids.")


@click.command()
@_key
@_who
@_anonymous
@data_option
@site_option
@run
async def add(key: str, who: tuple[str, ...], anonymous: bool) -> None:
    """Put people on the static list of the segment KEY: by id, or a file with one id per line."""
    click.echo(f"{await _change(key, who, anonymous, remove=False):,} added")


@click.command()
@_key
@_who
@_anonymous
@data_option
@site_option
@run
async def remove(key: str, who: tuple[str, ...], anonymous: bool) -> None:
    """Take people off the static list of the segment KEY: by id, or a file with one id per line."""
    click.echo(f"{await _change(key, who, anonymous, remove=True):,} removed")


async def _change(key: str, who: Iterable[str], anonymous: bool, remove: bool) -> int:
    ids = list(dict.fromkeys(each for one in who for each in _read(one)))
    if not ids:
        raise LenticularError(Problem("members.none", "There is no id in it.", ", ".join(who), "One id per line."))
    changed = 0
    async with asking(options().data) as api:
        site = await chosen_site(api, options())
        for at in range(0, len(ids), MOST_LISTED):
            body = {"anonymousIds" if anonymous else "userIds": ids[at : at + MOST_LISTED], "remove": remove}
            answer = await api.ask("POST", f"/api/sites/{site}/segments/{quote(key, safe='')}/members", body)
            changed += answer["ids"]
        await api.ask("POST", f"/api/sites/{site}/settle")
    return changed


def _read(one: str) -> Iterator[str]:
    """Yield the ids of a file, or the id itself if there is no such file. Raises LenticularError."""
    path = Path(one)
    if not _is_file(path):
        if path.suffix.lower() in _SUFFIXES:
            raise LenticularError(Problem("members.file", "There is no such file.", one, "Look at the path."))
        yield one
        return
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LenticularError(Problem("members.file", f"The file can't be read: {error}.", one)) from None
    yield from (line.strip() for line in lines if line.strip())


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # an id longer than a name may be
        return False
