"""`lenticular import`: events out of files."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any, get_args
from urllib.parse import quote

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from lenticular.app.columns import Columns, guess_types, row_time
from lenticular.app.import_ import Report, Rows
from lenticular.app.rows import Row, header_of, read_rows, total_bytes
from lenticular.cli.asking import Api, asking, check_zone
from lenticular.cli.context import data_option, options, run, site_option, zone_option
from lenticular.criteria.tables import Type
from lenticular.errors import LenticularError, Problem
from lenticular.intake.refused import RefusedError

_SAMPLE = 10_000
_CHUNK = 10_000
_STRETCH = 100_000


@click.group("import")
def import_() -> None:
    """Bring data in from files."""


def _types(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> dict[str, Type]:
    types: dict[str, Type] = {}
    for value in values:
        column, _, kind = value.rpartition("=")
        if not column or kind not in get_args(Type):
            raise click.BadParameter(f"{value!r}: write COLUMN=TYPE, with one of {', '.join(get_args(Type))}.")
        types[column] = msgspec.convert(kind, Type)
    return types


@import_.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--user-id", default="userId", metavar="COLUMN", show_default=True)
@click.option("--anonymous-id", default="anonymousId", metavar="COLUMN", show_default=True)
@click.option("--event", default="event", metavar="COLUMN", show_default=True)
@click.option("--timestamp", default="timestamp", metavar="COLUMN", show_default=True)
@click.option("--message-id", default="messageId", metavar="COLUMN", show_default=True)
@click.option(
    "--trait", "traits", multiple=True, metavar="COLUMN", help="Describes the person; may be repeated, or a,b."
)
@click.option("--type", "types", multiple=True, metavar="COLUMN=TYPE", callback=_types, help="Fix a column's type.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@data_option
@site_option
@zone_option
@run
async def events(file: Path, as_json: bool, types: dict[str, Type], **columns: Any) -> None:
    """Import the events in FILE: CSV, JSONL or Parquet, gzipped or not. Again changes nothing."""
    meaning, console = Columns(**columns, types=types), Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %  {task.fields[rate]}"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=as_json or not console.is_terminal,
    ) as progress:
        task = progress.add_task(file.name, total=total_bytes(file), rate="")
        rows = read_rows(file, lambda read: progress.update(task, completed=read))
        sample = list(islice(rows, _SAMPLE))
        guessed = _guess(file, sample, meaning)
        async with asking(options().data, create=True) as api:
            site = await _site(api)
            report = Report()
            for chunk in _chunks(sample, rows, meaning):
                good = [(line, cells) for line, cells in chunk if isinstance(cells, dict)]
                for line, cells in chunk:
                    if isinstance(cells, Problem):
                        report.refuse(line, cells)
                body = Rows(file.name, meaning, guessed, good)
                answer = await api.ask("POST", f"/api/sites/{site}/import", body)
                report.add(msgspec.convert(answer, Report))
                taken = report.accepted + report.duplicate + report.refused
                seconds = progress.tasks[task].elapsed or 1
                progress.update(task, rate=f"{taken:,} rows, {taken / seconds:,.0f} rows/s")
            await api.ask("POST", f"/api/sites/{site}/settle")
    report.examples.sort(key=lambda one: one.line)
    _print(report, as_json)


def _guess(file: Path, sample: list[Row], meaning: Columns) -> dict[str, Type]:
    good = [cells for _, cells in sample if isinstance(cells, dict)]
    header = {*(header_of(file) or ()), *(name for cells in good for name in cells)}
    if header and (problems := meaning.missing(header)):
        raise LenticularError(*(msgspec.structs.replace(one, place=str(file)) for one in problems))
    return guess_types(good, meaning)


async def _site(api: Api) -> str:
    """Return the site to import into, created if it is new."""
    given = options()
    zones = {site["key"]: site["timezone"] for site in await api.ask("GET", "/api/sites")}
    key = given.site or (next(iter(zones)) if len(zones) == 1 else "default")
    if key not in zones:
        await api.ask("PUT", f"/api/sites/{quote(key, safe='')}", {"timezone": given.zone or "UTC"})
    check_zone(key, zones.get(key), given.zone)
    return str(key)


def _chunks(sample: list[Row], rows: Iterator[Row], meaning: Columns) -> Iterator[list[Row]]:
    """Yield the rows in parts, in the order of time as far as a stretch of the file goes: visits follow each other."""
    ahead = chain(sample, rows)
    while stretch := list(islice(ahead, _STRETCH)):
        stretch.sort(key=lambda row: _when(row, meaning))
        for at in range(0, len(stretch), _CHUNK):
            yield stretch[at : at + _CHUNK]


def _when(row: Row, meaning: Columns) -> int:
    cells = row[1]
    try:
        return (row_time(cells, meaning) or 0) if isinstance(cells, dict) else 0
    except RefusedError:
        return 0  # it is refused, with its line, when its turn comes


def _print(report: Report, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode(report).decode())
        return
    click.echo(f"{report.accepted:,} accepted, {report.duplicate:,} duplicate, {report.refused:,} refused")
    for reason, count in sorted(report.reasons.items(), key=lambda pair: -pair[1]):
        click.echo(f"  {count:,} × {reason}")
    for one in report.examples[:10]:
        click.echo(f"  line {one.line}: {one.reason}")
    if report.refused > min(10, len(report.examples)):
        click.echo("  …")
