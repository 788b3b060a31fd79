"""`lenticular export`: events, people, organizations and members as files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, get_args

import click

from lenticular.app.file_formats import Format
from lenticular.cli.asking import asking, chosen_site
from lenticular.cli.context import data_option, options, run, site_option
from lenticular.errors import LenticularError, Problem

P = ParamSpec("P")
T = TypeVar("T")
_FORMATS = get_args(Format)
_PIPE = "-"
Write = Callable[[bytes], object]


@click.group()
def export() -> None:
    """Write data out as files."""


def _shared(command: Callable[P, T]) -> Callable[P, T]:
    """Add what every export has."""
    for option in (
        click.option(
            "--format", type=click.Choice(_FORMATS), default=None, help="The form; told by --out if left out."
        ),
        click.option("--out", default=_PIPE, metavar="FILE", help="Where to, gzipped if it ends in .gz; - prints it."),
        click.option("--excel-safe", is_flag=True, help="Put ' before texts that a spreadsheet takes for formulas."),
        data_option,
        site_option,
    ):
        command = option(command)
    return command


_field = click.option("--field", "fields", multiple=True, metavar="NAME", help="user.… or session.…; may be repeated.")
_at = click.option("--at", default=None, metavar="MOMENT", help="Who belongs at a moment; now if left out.")
_segment = click.option("--segment", default="", metavar="KEY-OR-RULE", help="Only those who belong.")


@export.command()
@click.option("--from", "start", default=None, metavar="MOMENT", help="Events that happened then or later.")
@click.option("--to", "end", default=None, metavar="MOMENT", help="Events that happened before.")
@_shared
@run
async def events(start: str | None, end: str | None, **given: Any) -> None:
    """Export events in the order of time."""
    await _export("events", given, {"from": start, "to": end})


@export.command()
@_segment
@_field
@_at
@_shared
@run
async def people(segment: str, fields: tuple[str, ...], at: str | None, **given: Any) -> None:
    """Export people with all their traits, or with some properties."""
    await _export("people", given, {"segment": segment, "at": at}, fields)


@export.command()
@_shared
@run
async def organizations(**given: Any) -> None:
    """Export organizations with their traits."""
    await _export("organizations", given, {})


@export.command()
@click.option("--segment", required=True, metavar="KEY-OR-RULE", help="Whose members.")
@_field
@_at
@_shared
@run
async def members(segment: str, fields: tuple[str, ...], at: str | None, **given: Any) -> None:
    """Export the members of a segment or a rule: their ids, and the properties asked for."""
    await _export("members", given, {"segment": segment, "at": at}, fields)


async def _export(what: str, given: dict[str, Any], asked: dict[str, str | None], fields: tuple[str, ...] = ()) -> None:
    out, form = str(given["out"]), _format(given["format"], str(given["out"]))
    query = [(name, value) for name, value in asked.items() if value]
    query += [("format", form), *(("field", name) for name in fields)]
    query += [("gzip", "true")] if out.endswith(".gz") else []
    query += [("excelSafe", "true")] if given["excel_safe"] else []
    async with asking(options().data) as api:
        site = await chosen_site(api, options())
        with _sink(out) as write:
            await api.download(f"/api/sites/{site}/export/{what}", query, write)


def _format(given: str | None, out: str) -> str:
    told = Path(out.removesuffix(".gz")).suffix.removeprefix(".")
    found = given or told.replace("ndjson", "jsonl")
    if found not in _FORMATS:
        hint = f"Give --format {'|'.join(_FORMATS)}, or name a file that ends so."
        raise LenticularError(Problem("export.format", "Which form?", out, hint))
    return found


@contextmanager
def _sink(out: str) -> Iterator[Write]:
    """Give what writes to a file, which is there as a whole or not at all; or to standard output."""
    if out == _PIPE:
        stream = sys.stdout.buffer
        yield stream.write
        stream.flush()
        return
    path = Path(out)
    beside = path.with_name(f".{path.name}.part")
    try:
        try:
            with beside.open("wb") as file:
                yield file.write
            beside.replace(path)
        except OSError as error:
            message = f"It can't be written: {error.strerror}."
            raise LenticularError(Problem("export.file", message, out, "Look at the path and the disk.")) from None
    finally:
        beside.unlink(missing_ok=True)
