"""`lenticular`: the command line."""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path

import click

from lenticular.cli.backup import backup
from lenticular.cli.block import block
from lenticular.cli.catalog import catalog
from lenticular.cli.context import Options, tell
from lenticular.cli.doctor import doctor
from lenticular.cli.export import export
from lenticular.cli.import_ import import_
from lenticular.cli.jobs import jobs
from lenticular.cli.people import people
from lenticular.cli.picture import picture
from lenticular.cli.preview import preview
from lenticular.cli.quarantine import quarantine
from lenticular.cli.replay import replay
from lenticular.cli.restore import restore
from lenticular.cli.segment import segment
from lenticular.cli.serve import demo, serve
from lenticular.cli.site import site
from lenticular.cli.source import source
from lenticular.cli.static_members import add, remove
from lenticular.cli.user import user
from lenticular.cli.visits import never_shown, simulate
from lenticular.cli.webhook import webhook
from lenticular.errors import LenticularError
from lenticular.logs import configure
from lenticular.settings import load


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--data", type=click.Path(path_type=Path), default=None, help="The data folder (LENTICULAR_DATA; data).")
@click.option("--site", default=None, help="The site's key; may be left out if there is one site.")
@click.version_option(version("lenticular"), prog_name="lenticular")
@click.pass_context
def main(context: click.Context, data: Path | None, site: str | None) -> None:
    """Show the right content to the right people at the right time, and know that it worked."""
    try:
        settings = load(os.environ)
    except LenticularError as error:
        tell(error)
        raise SystemExit(1) from None
    configure(settings.log)
    context.obj = Options(data or settings.data, site, settings)


catalog.add_command(simulate)
catalog.add_command(never_shown)
segment.add_command(add)
segment.add_command(remove)
for command in (
    serve,
    demo,
    import_,
    export,
    source,
    segment,
    people,
    catalog,
    site,
    block,
    picture,
    user,
    jobs,
    webhook,
    preview,
    backup,
    restore,
    replay,
    quarantine,
    doctor,
):
    main.add_command(command)
