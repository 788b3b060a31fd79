"""`lenticular doctor`: what is wrong, and what to do."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from importlib.metadata import version
from pathlib import Path

import click

from lenticular.app.folder import Folder
from lenticular.cli.asking import asking
from lenticular.cli.context import data_option, options, run
from lenticular.errors import LenticularError, StoreError
from lenticular.web.running import running_server

_LITTLE_DISK = 2 << 30


@click.command()
@data_option
@run
async def doctor() -> None:
    """Look whether the data folder and its stores work; exit with 1 if something is wrong."""
    data = options().data
    click.echo(f"Lenticular {version('lenticular')}, data folder {data}")
    findings = list(_folder(data))
    if not any(wrong for wrong, _ in findings):
        findings += [finding async for finding in _stores(data)]
    for wrong, text in findings:
        click.echo(f"  {click.style('✗', fg='red') if wrong else click.style('✓', fg='green')} {text}")
    if any(wrong for wrong, _ in findings):
        raise SystemExit(1)


Finding = tuple[bool, str]
"""Whether it is wrong, and what was found."""


def _folder(data: Path) -> Iterator[Finding]:
    if not data.is_dir():
        yield True, f"{data} does not exist. Create it with `lenticular serve`, or name another one with --data."
        return
    if not os.access(data, os.W_OK):
        yield True, f"{data} can't be written to. Give the user that runs Lenticular the right to."
        return
    yield False, "the folder exists and can be written to"
    free = shutil.disk_usage(data).free
    amount = f"{free / (1 << 30):.1f} GiB free on its disk"
    yield (
        free < _LITTLE_DISK,
        amount + (". Free some: events are refused when it is full." if free < _LITTLE_DISK else ""),
    )
    try:
        Folder(data).release()
        yield False, "no server is running on it"
    except StoreError:
        running = running_server(data)
        if running:
            yield False, f"a server is running on it: {running.url}, process {running.pid}"
        else:
            yield (
                True,
                "another process holds it and does not say where it answers. Wait until it has started, or stop it.",
            )


async def _stores(data: Path) -> AsyncIterator[Finding]:
    try:
        async with asking(data) as api:
            yield False, "the events store (ClickHouse) and the sites' stores open"
            for site in await api.ask("GET", "/api/sites"):
                behind = site["pending"] + site["waiting"]
                late = f", {behind:,} events on their way to reports" if behind else ""
                yield False, f"site {site['key']}: {len(site['segments'])} segments, zone {site['timezone']}{late}"
                refused = await api.ask("GET", f"/api/sites/{site['key']}/quarantine")
                if refused:
                    yield (
                        True,
                        f"site {site['key']}: the events store refused {len(refused)} rows: {refused[0]['reason']}",
                    )
    except LenticularError as error:
        for problem in error.problems:
            yield True, str(problem)
