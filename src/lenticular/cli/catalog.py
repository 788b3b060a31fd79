"""`lenticular catalog`: a site's definitions from files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from lenticular.catalog.catalog import Catalog
from lenticular.catalog.check import fatal
from lenticular.catalog.rules import RuleReader, rule_reader, schema_of
from lenticular.cli.asking import asking
from lenticular.cli.context import data_option, options, run, tell
from lenticular.criteria.types import Schema
from lenticular.errors import CatalogError, Problem
from lenticular.stores.files.catalog import read_catalog

_folder = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))


@click.group()
def catalog() -> None:
    """A site's pages, segments and content, as files."""


@catalog.command("check")
@_folder
@run
async def check_(folder: Path) -> None:
    """Say everything that is wrong with the files in DIR."""
    found = _read(folder, None)
    click.echo(f"{_contents(found)}. Nothing is wrong that stands against importing it.")


@catalog.command("import")
@_folder
@data_option
@run
async def import_(folder: Path) -> None:
    """Check the files in DIR and make them live, all at once."""
    if fatal(read_catalog(folder, rule_reader(Schema(open=True)))[1]):
        _read(folder, None)  # says all that is wrong; it is no reason to open the data
    async with asking(options().data, create=True) as api:
        known = {site["key"] for site in await api.ask("GET", "/api/sites")}
        found = read_catalog(folder, rule_reader(Schema(open=True)))[0]
        if found is None:
            raise CatalogError(Problem("catalog", "The folder has changed while it was read.", str(folder)))
        key = found.site.key
        registered = await api.ask("GET", f"/api/sites/{key}/properties") if key in known else {}
        found = _read(folder, _reader(found, registered))
        answer = await api.ask("PUT", f"/api/sites/{key}/catalog", msgspec.to_builtins(found))
    click.echo(f"{_contents(found)}. Live now as revision {answer['revision']}.")


def _reader(found: Catalog, registered: dict[str, Any]) -> RuleReader:
    """Rules may also read what data has brought and no file defines."""
    own = schema_of(found)
    pairs = {(scope, name): kind for scope, names in registered.items() for name, kind in names.items()}
    return rule_reader(msgspec.structs.replace(own, types={**pairs, **own.types}))


def _read(folder: Path, reader: RuleReader | None) -> Catalog:
    found, problems = read_catalog(folder, reader)
    if problems:
        tell(CatalogError(*problems))
    stop = fatal(problems)
    if stop or found is None:
        count = len(stop)
        click.echo(f"{count} problem{'' if count == 1 else 's'}; nothing was changed.", err=True)
        raise SystemExit(1)
    return found


def _contents(found: Catalog) -> str:
    parts = [
        (len(found.segments), "segment"),
        (len(found.pages), "page"),
        (len(found.slots), "slot"),
        (len(found.collections), "collection"),
        (len(found.content), "content item"),
    ]
    return f"Site {found.site.key}: " + ", ".join(f"{n} {name}{'' if n == 1 else 's'}" for n, name in parts)
