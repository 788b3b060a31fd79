"""`lenticular catalog`: a site's definitions from files, and as files."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click
import msgspec

from lenticular.app.block_kinds import block_kinds
from lenticular.catalog.catalog import KINDS, Catalog
from lenticular.catalog.check import fatal
from lenticular.catalog.findings import NOUNS
from lenticular.catalog.rules import RuleReader, rule_reader, schema_of
from lenticular.cli.asking import Api, asking, chosen_site
from lenticular.cli.catalog_pictures import export_pictures, lacking, tell_missing, upload_missing
from lenticular.cli.context import data_option, options, run, site_option, tell
from lenticular.cli.plan import tell_plan
from lenticular.criteria.types import Schema
from lenticular.errors import CatalogError, Problem
from lenticular.stores.files.catalog import read_catalog
from lenticular.stores.files.write import write_catalog

_folder = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
_language = click.option("--language", default="en", metavar="TAG", help="en or es; another one is English.")


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


@catalog.command("export")
@_folder
@data_option
@site_option
@run
async def export(folder: Path) -> None:
    """Write what is live into DIR, one file per definition; remove files of what is gone."""
    async with asking(options().data) as api:
        site = await chosen_site(api, options())
        found = msgspec.convert(await api.ask("GET", f"/api/sites/{site}/catalog"), Catalog)
        changed = write_catalog(folder, found)
        changed += await export_pictures(api, found, folder)
    click.echo(f"{_contents(found)}. {len(changed)} file{'' if len(changed) == 1 else 's'} changed in {folder}.")


@catalog.command("import")
@_folder
@data_option
@run
async def import_(folder: Path) -> None:
    """Check the files in DIR and make them live, all at once."""
    _refuse_early(folder)
    async with asking(options().data, create=True) as api:
        found, _ = await _read_for(api, folder)
        answer = await api.ask("PUT", f"/api/sites/{found.site.key}/catalog", msgspec.to_builtins(found))
        await upload_missing(api, found.site.key, folder)
    click.echo(f"{_contents(found)}. Live now as revision {answer['revision']}.")


@catalog.command("plan")
@_folder
@_language
@data_option
@run
async def plan(folder: Path, language: str) -> None:
    """Say what making the files in DIR live would change, and for how many people."""
    _refuse_early(folder)
    async with asking(options().data) as api:
        found, revision = await _read_for(api, folder)
        await tell_missing(api, found.site.key, folder, new=revision is None)
        await _plan(api, found, revision, language)


@catalog.command("apply")
@_folder
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.option("--note", default="", help="A note for the history.")
@_language
@data_option
@run
async def apply(folder: Path, yes: bool, note: str, language: str) -> None:
    """Say what making the files in DIR live would change, ask, and do it."""
    _refuse_early(folder)
    async with asking(options().data, create=True) as api:
        found, revision = await _read_for(api, folder)
        await tell_missing(api, found.site.key, folder, new=revision is None)
        if not await _plan(api, found, revision, language):
            await upload_missing(api, found.site.key, folder)
            if found.site.secret_key:  # it is no part of what is live: whether it is new is the server's to know
                await api.ask("PUT", f"/api/sites/{found.site.key}/catalog", msgspec.to_builtins(found))
            return
        if not yes:
            click.confirm("Make this live?", abort=True)
        if revision is not None:  # so that no visitor sees a page without them
            await upload_missing(api, found.site.key, folder)
        path = f"/api/sites/{found.site.key}/catalog?{urlencode({'note': note})}"
        headers = {"if-match": f'"{revision}"'} if revision else {}
        answer = await api.ask("PUT", path, msgspec.to_builtins(found), headers=headers)
        await upload_missing(api, found.site.key, folder)
    click.echo(f"Live now as revision {answer['revision']}.")


async def _plan(api: Api, found: Catalog, revision: str | None, language: str) -> bool:
    """Print the plan; return whether anything changes. Ends the command if something stands against it."""
    key = found.site.key
    if revision is None:
        click.echo(f"The site {key} is new. {_contents(found)}.")
        return True
    query = urlencode({"language": language})
    plain = msgspec.structs.replace(found, site=msgspec.structs.replace(found.site, secret_key=""))
    answer: Any = {"differences": [], "problems": []}
    if revision != plain.revision:
        answer = await api.ask("POST", f"/api/sites/{key}/catalog/preview?{query}", msgspec.to_builtins(plain))
    if not answer["differences"] and not answer["problems"]:
        click.echo("Nothing changes.")
        return False
    if not tell_plan(answer):
        raise SystemExit(1)
    return bool(answer["differences"])


def _refuse_early(folder: Path) -> None:
    """Say all that is wrong before the data is opened: it is no reason to."""
    if fatal(read_catalog(folder, rule_reader(Schema(open=True)))[1]):
        _read(folder, None)


async def _read_for(api: Api, folder: Path) -> tuple[Catalog, str | None]:
    """Return the catalog of a folder, checked beside what data has brought, and the site's live revision."""
    revisions = {site["key"]: site["revision"] for site in await api.ask("GET", "/api/sites")}
    found = read_catalog(folder, rule_reader(Schema(open=True)))[0]
    if found is None:
        raise CatalogError(Problem("catalog", "The folder has changed while it was read.", str(folder)))
    key = found.site.key
    registered = await api.ask("GET", f"/api/sites/{key}/properties") if key in revisions else {}
    there = await lacking(api, found, folder) if key in revisions else []
    return _read(folder, _reader(found, registered), there), revisions.get(key)


def _reader(found: Catalog, registered: dict[str, Any]) -> RuleReader:
    """Rules may also read what data has brought and no file defines."""
    own = schema_of(found)
    pairs = {(scope, name): kind for scope, names in registered.items() for name, kind in names.items()}
    return rule_reader(msgspec.structs.replace(own, types={**pairs, **own.types}))


def _read(folder: Path, reader: RuleReader | None, pictures: Collection[str] = ()) -> Catalog:
    found, problems = read_catalog(folder, reader, block_kinds(), pictures)
    if problems:
        tell(CatalogError(*problems))
    stop = fatal(problems)
    if stop or found is None:
        count = len(stop)
        click.echo(f"{count} problem{'' if count == 1 else 's'}; nothing was changed.", err=True)
        raise SystemExit(1)
    return found


_ALWAYS = ("segments", "pages", "slots", "collections", "content")


def _contents(found: Catalog) -> str:
    sizes = {kind: len(getattr(found, kind)) for kind in (*_ALWAYS, *KINDS) if kind != "properties"}
    parts = [(size, NOUNS[kind]) for kind, size in sizes.items() if size or kind in _ALWAYS]
    return f"Site {found.site.key}: " + ", ".join(f"{n} {name}{'' if n == 1 else 's'}" for n, name in parts)
