"""`lenticular import`: events, people, organizations and static members out of files."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, get_args
from urllib.parse import quote

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from lenticular.app.columns import Columns, What
from lenticular.app.mapping import mapping_text, read_mapping
from lenticular.app.report import Report
from lenticular.app.rows import total_bytes
from lenticular.cli.asking import Api, asking, check_zone
from lenticular.cli.context import data_option, options, run, site_option, zone_option
from lenticular.cli.job import Job
from lenticular.cli.reading import look_at
from lenticular.cli.sending import AtSite, Destination, Nowhere, Sending, Told
from lenticular.criteria.tables import Type
from lenticular.errors import LenticularError, Problem
from lenticular.web.now import now

P = ParamSpec("P")
T = TypeVar("T")
_path = click.Path(path_type=Path)


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


def _column(option: str, default: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    return click.option(option, default=None, metavar="COLUMN", show_default=default)


def _shared(command: Callable[P, T]) -> Callable[P, T]:
    """Add what every import has."""
    for option in (
        click.option("--mapping", type=_path, default=None, help="A YAML file that says what the columns mean."),
        click.option("--write-mapping", type=_path, default=None, help="Write what is guessed there, and stop."),
        click.option("--dry-run", is_flag=True, help="Read and check every row; change nothing."),
        click.option("--restart", is_flag=True, help="Begin at the first row, also where an import was stopped."),
        click.option("--report", "report_to", type=_path, default=None, help="Write the report there as JSON."),
        click.option("--rejects", type=_path, default=None, help="Write the refused rows there as CSV."),
        click.option("--json", "as_json", is_flag=True, help="Print the report as JSON."),
        data_option,
        site_option,
        zone_option,
    ):
        command = option(command)
    return command


_type_option = click.option(
    "--type", "types", multiple=True, metavar="COLUMN=TYPE", callback=_types, help="Fix a column's type."
)


@import_.command()
@click.argument("file", type=_path)
@_column("--user-id", "userId")
@_column("--anonymous-id", "anonymousId")
@_column("--event", "event")
@_column("--timestamp", "timestamp")
@_column("--message-id", "messageId")
@click.option("--trait", "traits", multiple=True, metavar="COLUMN", help="Describes the person; may be repeated.")
@_type_option
@_shared
@run
async def events(file: Path, **given: Any) -> None:
    """Import the events in FILE: CSV, JSONL or Parquet, gzipped or not. Again changes nothing."""
    await _import("events", file, given)


@import_.command()
@click.argument("file", type=_path)
@_column("--user-id", "userId")
@_column("--anonymous-id", "anonymousId")
@_column("--timestamp", "timestamp or updatedAt")
@_type_option
@_shared
@run
async def people(file: Path, **given: Any) -> None:
    """Import the people in FILE: a row for each, by either id; every other column is a trait."""
    await _import("people", file, given)


@import_.command()
@click.argument("file", type=_path)
@_column("--group-id", "groupId")
@_column("--user-id", "userId")
@_column("--timestamp", "timestamp or updatedAt")
@_type_option
@_shared
@run
async def organizations(file: Path, **given: Any) -> None:
    """Import the organizations in FILE: a row for each. With a column of user ids, a row makes that person a member."""
    await _import("organizations", file, given)


@import_.command()
@click.argument("key")
@click.argument("file", type=_path)
@_column("--user-id", "userId")
@_column("--anonymous-id", "anonymousId")
@click.option("--create", is_flag=True, help="Whoever is unknown becomes a profile; otherwise they are left out.")
@_shared
@run
async def members(key: str, file: Path, **given: Any) -> None:
    """Put the people in FILE on the static list of the segment KEY."""
    await _import("members", file, given, key)


async def _import(what: What, file: Path, given: dict[str, Any], segment: str = "") -> None:
    columns = _columns(given)
    look = look_at(file, columns, what)
    if given["write_mapping"]:
        _write(given["write_mapping"], mapping_text(columns, look.types, look.header, what).encode())
        return
    dry, as_json = bool(given["dry_run"]), bool(given["as_json"])
    create, restart = bool(given.get("create")), bool(given["restart"])
    rejects = str(given["rejects"] or "")
    job = Job(what, str(file), columns, now(), segment, create, dry, restart, rejects)
    async with AsyncExitStack() as stack:
        api = await _api(stack, dry)
        site = None if api is None else await _site(api, dry or what == "members")
        to: Destination = Nowhere() if api is None or site is None else AtSite(api, site, dry)
        if isinstance(to, Nowhere) and what == "members":
            raise LenticularError(Problem("site.none", "There is no site yet.", hint="Import a catalog first."))
        sending = Sending(job, look, to, api is None or api.alone)
        report = await _send(sending, file, as_json)
        if api is not None and site is not None and not dry:
            await api.ask("POST", f"/api/sites/{site}/settle")
    if given["report_to"]:
        _write(given["report_to"], msgspec.json.format(msgspec.json.encode(report)) + b"\n")
    print_report(report, as_json, dry)


async def _send(sending: Sending, file: Path, quiet: bool) -> Report:
    try:
        with _progress(file, quiet) as told:
            await sending.run(told)
    except asyncio.CancelledError:
        click.echo(
            f"Stopped after {sending.report.rows:,} rows. Give the same command again: it goes on there.", err=True
        )
        raise
    return sending.report


def _columns(given: dict[str, Any]) -> Columns:
    """Return the mapping: that of a file, and what options say beside it."""
    columns = read_mapping(given["mapping"]) if given["mapping"] else Columns()
    said = {name: given[name] for name in Columns.__struct_fields__ if given.get(name)}
    if "types" in said:
        said["types"] = {**columns.types, **said["types"]}
    return msgspec.structs.replace(columns, **said)


async def _api(stack: AsyncExitStack, dry: bool) -> Api | None:
    """Open the API; a trial makes no data folder."""
    if dry and not options().data.is_dir():
        return None
    return await stack.enter_async_context(asking(options().data, create=not dry))


async def _site(api: Api, only_known: bool) -> str | None:
    """Return the site to import into, created if it is new, unless only known ones are wanted: then None."""
    given = options()
    zones = {site["key"]: site["timezone"] for site in await api.ask("GET", "/api/sites")}
    key = given.site or (next(iter(zones)) if len(zones) == 1 else "default")
    check_zone(key, zones.get(key), given.zone)
    if key not in zones:
        if only_known:
            return None
        await api.ask("PUT", f"/api/sites/{quote(key, safe='')}", {"timezone": given.zone or "UTC"})
    return str(key)


@contextmanager
def _progress(file: Path, quiet: bool) -> Iterator[Told]:
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %  {task.fields[rate]}"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=quiet or not console.is_terminal,
    ) as progress:
        task = progress.add_task(file.name, total=total_bytes(file), rate="")
        began, first = time.monotonic(), list[int]()

        def told(read: int, report: Report) -> None:
            first.append(report.rows)
            del first[1:]  # where an import goes on, what was done before says nothing of the speed
            rate = (report.rows - first[0]) / max(time.monotonic() - began, 0.001)
            progress.update(task, completed=read, rate=f"{report.rows:,} rows, {rate:,.0f} rows/s")

        yield told


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise LenticularError(Problem("file", f"It can't be written: {error.strerror}.", str(path))) from None


def print_report(report: Report, as_json: bool, dry: bool = False) -> None:
    """Print a report: counts, reasons, examples."""
    if as_json:
        click.echo(msgspec.json.encode(report).decode())
        return
    unknown = f", {report.unknown:,} unknown" if report.unknown else ""
    would = "  (a trial: nothing was changed)" if dry else ""
    click.echo(
        f"{report.accepted:,} accepted, {report.duplicate:,} duplicate, {report.refused:,} refused{unknown}{would}"
    )
    for reason, count in sorted(report.reasons.items(), key=lambda pair: -pair[1]):
        click.echo(f"  {count:,} × {reason}")
    for one in report.examples[:10]:
        click.echo(f"  line {one.line}: {one.reason}")
    if report.refused + report.unknown > min(10, len(report.examples)):
        click.echo("  …")
