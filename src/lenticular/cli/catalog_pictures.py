"""The pictures of a catalog that is a folder: written there, and uploaded from there where the server lacks them."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, urlencode

import click
import msgspec

from lenticular.catalog.catalog import Catalog
from lenticular.catalog.picture import mentioned
from lenticular.cli.asking import Api
from lenticular.errors import LenticularError, Problem
from lenticular.stores.files.catalog_pictures import file_name, name_of, picture_files, remove_others

_ANY = "application/octet-stream"


def pictures_of(site: str) -> str:
    """Return where the API has the pictures of a site."""
    return f"/api/sites/{quote(site, safe='')}/pictures"


async def known(api: Api, site: str) -> set[str]:
    """Return the hashes of all pictures of a site. Raises LenticularError."""
    found: set[str] = set()
    query = ""
    while True:
        page = await api.ask("GET", f"{pictures_of(site)}?limit=1000{query}")
        found |= {one["hash"] for one in page["pictures"]}
        if page["next"] is None:
            return found
        query = f"&before={page['next']}"


async def lacking(api: Api, found: Catalog, folder: Path) -> set[str]:
    """Return the hashes of pictures that the server has, if a catalog names any that are not in its folder."""
    return await known(api, found.site.key) if mentioned(found) - picture_files(folder).keys() else set()


async def export_pictures(api: Api, found: Catalog, folder: Path) -> list[str]:
    """Write the pictures that a catalog names as they were uploaded; return the names of files that changed."""
    site, there, changed = pictures_of(found.site.key), picture_files(folder), []
    wanted = {f"pictures/{path.name}" for name, path in there.items() if name in mentioned(found)}
    for name in sorted(mentioned(found) - there.keys()):
        try:
            picture = (await api.ask("GET", f"{site}/{name}"))["picture"]
        except LenticularError as error:
            if error.problems[0].code != "picture.unknown":
                raise
            continue  # it is missing, and `catalog check` says where
        slug = picture["value"]["src"].rpartition("/")[2].rpartition(".")[0]
        path = folder / file_name(name, slug, picture["kind"])
        path.parent.mkdir(exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        with part.open("wb") as file:
            await api.download(f"{site}/{name}/original", [], file.write)
        part.replace(path)
        changed.append(f"pictures/{path.name}")
        wanted.add(f"pictures/{path.name}")
    return [*changed, *remove_others(folder, wanted)]


async def tell_missing(api: Api, site: str, folder: Path, new: bool) -> None:
    """Say which pictures would be uploaded."""
    files = picture_files(folder)
    there = await known(api, site) if files and not new else set()
    for name in [path.name for one, path in files.items() if one not in there]:
        click.echo(f"+ picture {name}")


async def upload_missing(api: Api, site: str, folder: Path) -> None:
    """Upload those pictures of a folder that the server lacks. Raises LenticularError with the file's name."""
    files = picture_files(folder)
    there = await known(api, site) if files else set()
    for path in [path for one, path in files.items() if one not in there]:
        await upload(api, site, path, {"name": name_of(path)})


async def upload(api: Api, site: str, path: Path, said: dict[str, str]) -> dict[str, object]:
    """Upload a file; return what the API says of the picture. Raises LenticularError with the file's name."""
    try:
        found: dict[str, object] = await api.send(f"{pictures_of(site)}?{urlencode(said)}", path.read_bytes(), _ANY)
        return found
    except LenticularError as error:
        raise LenticularError(*(_at(path, problem) for problem in error.problems)) from None


def _at(path: Path, problem: Problem) -> Problem:
    place = f"{path}, {problem.place}" if problem.place else str(path)
    return msgspec.structs.replace(problem, place=place)
