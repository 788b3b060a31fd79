"""`lenticular doctor`: what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from importlib.metadata import version
from pathlib import Path

import click
import msgspec

from lenticular.app.check_folder import check_place, offline
from lenticular.app.finding import Finding, fine, wrong
from lenticular.app.folder import Folder
from lenticular.cli.asking import asking
from lenticular.cli.context import data_option, options, run
from lenticular.errors import LenticularError, StoreError
from lenticular.web.running import SERVER_FILE, running_server

_MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "wrong": ("✗", "red")}


@click.command()
@click.option("--repair", is_flag=True, help="Mend what can be mended without losing anything.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@data_option
@run
async def doctor(repair: bool, as_json: bool) -> None:
    """Look whether the data folder and its stores work; exit with 1 if something is wrong."""
    data = options().data
    findings = check_place(data)
    if data.is_dir():
        findings += _owner(data, repair)
        findings += [finding async for finding in _stores(data, repair) if finding not in findings]
    if as_json:
        click.echo(msgspec.json.encode(findings).decode())
    else:
        click.echo(f"Lenticular {version('lenticular')}, data folder {data}")
        for each in findings:
            _tell(each)
    if any(each.level == "wrong" for each in findings):
        raise SystemExit(1)


def _tell(finding: Finding) -> None:
    mark, color = _MARKS[finding.level]
    where = f"site {finding.site}: " if finding.site else ""
    click.echo(f"  {click.style(mark, fg=color)} {where}{finding.message}")
    for line in (finding.done, finding.hint if finding.level != "ok" else ""):
        if line:
            click.echo(f"      {line}")


def _owner(data: Path, repair: bool) -> list[Finding]:
    """Look who owns the folder, and whether a server that was killed left its address there."""
    try:
        folder = Folder(data)
    except StoreError as error:
        if error.problems[0].code != "data.in-use":
            return []
        running = running_server(data)
        if running:
            return [fine("server", f"a server is running on it: {running.url}, process {running.pid}")]
        hint = "Wait until it has started, or stop it."
        return [wrong("server.silent", "another process holds it and does not say where it answers.", hint)]
    try:
        left = (data / SERVER_FILE).exists()
        if left and repair:
            (data / SERVER_FILE).unlink(missing_ok=True)
    finally:
        folder.release()
    text = "no server is running on it"
    if left:
        text += "; the one before was killed" + (", and its server.json is removed" if repair else "")
    return [fine("server", text)]


async def _stores(data: Path, repair: bool) -> AsyncIterator[Finding]:
    try:
        async with asking(data) as api:
            for each in await api.ask("POST" if repair else "GET", "/api/doctor", patience=None):
                yield msgspec.convert(each, Finding)
    except LenticularError as error:
        for problem in error.problems:
            where = f"{problem.place}: " if problem.place else ""
            yield wrong(problem.code, f"{where}{problem.message}", problem.hint)
        for each in offline(data):
            yield each
