"""`lenticular source`: databases and files that people, organizations and static members are pulled from."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from lenticular.app.report import Report
from lenticular.cli.asking import Api, asking, chosen_site
from lenticular.cli.context import data_option, options, run, site_option
from lenticular.cli.import_ import print_report
from lenticular.errors import LenticularError, Problem

_name = click.argument("name")
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def source() -> None:
    """Pull data in from databases and files, on a schedule."""


@source.command()
@_name
@click.argument("file", type=click.Path(path_type=Path))
@data_option
@site_option
@run
async def add(name: str, file: Path) -> None:
    """Define the source NAME by the YAML in FILE; a running server begins with it by itself."""
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LenticularError(Problem("source.file", f"It can't be read: {error}.", str(file))) from None
    async with asking(options().data) as api:
        found = await api.ask("PUT", f"{await _path(api)}/{name}", {"yaml": text})
    click.echo(f"{name}: {found['what']} from {found['place']}, {found['schedule']}")


@source.command(name="list")
@_json
@data_option
@site_option
@run
async def list_(as_json: bool) -> None:
    """Print the sources: what each brings, when, how the last run went."""
    async with asking(options().data) as api:
        found = await api.ask("GET", await _path(api))
    for one in found:
        click.echo(msgspec.json.encode(one).decode() if as_json else _line(one))


@source.command()
@_name
@data_option
@site_option
@run
async def remove(name: str) -> None:
    """Forget the source NAME; what it brought stays."""
    async with asking(options().data) as api:
        await api.ask("DELETE", f"{await _path(api)}/{name}")
    click.echo(f"{name} is removed")


@source.command(name="run")
@_name
@_json
@data_option
@site_option
@run
async def run_(name: str, as_json: bool) -> None:
    """Run the source NAME now, and wait until it is done."""
    async with asking(options().data) as api:
        path = await _path(api)
        one = await api.ask("POST", f"{path}/{name}/run")
        while one["running"]:
            await asyncio.sleep(0.2)
            one = next(each for each in await api.ask("GET", path) if each["name"] == name)
        await api.ask("POST", f"{path.removesuffix('/sources')}/settle")
    if one["problem"]:
        raise LenticularError(Problem("source.failed", one["problem"], name))
    print_report(msgspec.convert(one["report"], Report), as_json)


@source.command()
@_name
@_json
@data_option
@site_option
@run
async def test(name: str, as_json: bool) -> None:
    """Read the first thousand rows of the source NAME, say what would become of them, and change nothing."""
    async with asking(options().data) as api:
        found = await api.ask("POST", f"{await _path(api)}/{name}/test")
    if not as_json:
        for row in found["rows"]:
            click.echo(f"  {msgspec.json.encode(row).decode()}")
    print_report(msgspec.convert(found["report"], Report), as_json, dry=True)


async def _path(api: Api) -> str:
    return f"/api/sites/{await chosen_site(api, options())}/sources"


def _line(one: dict[str, Any]) -> str:
    told = [f"{one['name']}: {one['what']} from {one['place']}, {one['schedule']}"]
    if one["running"]:
        told.append(f"runs ({one['rows']:,} rows)")
    elif one["began"]:
        told.append(f"last {_moment(one['began'])}, {one['rows']:,} rows")
    if one["problem"]:
        told.append(f"{one['failures']} × failed: {one['problem']}")
    if one["nextRun"]:
        told.append(f"next {_moment(one['nextRun'])}")
    return "; ".join(told)


def _moment(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
