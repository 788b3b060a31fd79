"""`lenticular serve` and `lenticular demo`: the server, until it is told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from lenticular.cli.context import data_option, options, tell, told
from lenticular.errors import LenticularError
from lenticular.settings import Settings
from lenticular.web.running import Running

# The server's own imports stand in the commands: the other commands need not wait a second for them.
if TYPE_CHECKING:
    from lenticular.app.open import Installation

DEMO_DATA = Path("demo-data")
_host = click.option("--host", default=None, help="Where to listen (LENTICULAR_HOST; 127.0.0.1).")
_port = click.option(
    "--port", default=None, type=click.IntRange(0, 65_535), help="The port (LENTICULAR_PORT; 8400); 0 takes a free one."
)


@click.command()
@_host
@_port
@data_option
def serve(host: str | None, port: int | None) -> None:
    """Start the server."""
    from lenticular.accounts.actor import COMMAND_LINE
    from lenticular.app.accounts.accounts import Accounts
    from lenticular.app.accounts.links import set_up
    from lenticular.web.run import serve as run_server

    settings = _settings(options().data, host, port)

    async def started(installation: Installation, running: Running) -> None:
        link = None if installation.to_read else await set_up(Accounts(installation), COMMAND_LINE)
        click.echo(f"Lenticular answers at {running.url}   (data in {settings.data}; stop with Ctrl-C)")
        for site in installation.sites.values():
            definition = site.engine.catalog.site
            click.echo(f"  site {site.key}: write key {definition.write_key}")
        click.echo(f"  admin API: {running.url}/api/openapi.json, with the token {running.token}")
        if installation.to_read:
            click.echo(f"  The data folder can't be written to ({installation.folder.refusal}):")
            click.echo("  decisions are made from what is there, and events are refused until it can.")
        if link is not None:
            click.echo("  There are no users yet. This link makes the first admin, once, within a day:")
            click.echo(f"  {running.url}{link.path}")

    _run(run_server(settings, started))


@click.command()
@_host
@_port
@click.option("--people", default=5_000, show_default=True, help="How many people's traffic comes in behind the page.")
@click.option(
    "--foreign-port",
    default=None,
    type=click.IntRange(0, 65_535),
    help="The port of the magazine, a foreign site with the tag on it; left out: the one after --port.",
)
@data_option
def demo(host: str | None, port: int | None, people: int, foreign_port: int | None) -> None:
    """Start the server with the demo bank, and print where to look."""
    from lenticular.demo.bank import Demo
    from lenticular.demo.magazine import Magazine
    from lenticular.demo.routes import demo_routes
    from lenticular.web.run import serve as run_server

    given = options().data
    data = DEMO_DATA if given == options().settings.data and given == Path("data") else given
    settings = _settings(data, host, port)
    bank = Demo(people, demo_routes)
    beside = settings.port + 1 if 0 < settings.port < 65_535 else 0

    async def started(installation: Installation, running: Running) -> None:
        await bank.prepare(installation, running.url)
        click.echo(
            f"\n  The demo bank Aurora:   {running.url}/      a site of its own; /sign-in makes you one of five people"
        )
        click.echo(f"  The control room:       {running.url}/demo  what each of the five sees, and why")
        moved = f"   (port {magazine.wanted} is taken)" if magazine.moved else ""
        click.echo(f"  A magazine:             {magazine.url}/      a foreign site with the tag on it{moved}\n")
        click.echo("  Try:")
        for line in bank.curl(running.url):
            click.echo(f"    {line}")
        click.echo(f"\n  {people:,} people's traffic of four weeks comes in meanwhile. Stop with Ctrl-C.")
        await bank.send_traffic()

    try:
        with Magazine(beside if foreign_port is None else foreign_port, lambda: bank.url) as magazine:
            bank.magazine = magazine.url
            _run(run_server(settings, started, bank.routes))
    except LenticularError as error:
        tell(told(error))
        raise SystemExit(1) from None


def _settings(data: Path, host: str | None, port: int | None) -> Settings:
    settings = options().settings
    return msgspec.structs.replace(
        settings,
        data=data,
        host=settings.host if host is None else host,
        port=settings.port if port is None else port,
    )


def _run(serving: Coroutine[Any, Any, None]) -> None:
    import uvloop

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serving)
    except (LenticularError, OSError, UnicodeError) as error:
        tell(told(error))
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(0) from None
