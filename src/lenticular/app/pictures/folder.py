"""Take in the pictures of a catalog that is a folder of files."""

from __future__ import annotations

import asyncio
from pathlib import Path

from lenticular.app.pictures.pictures import Incoming, Pictures
from lenticular.app.pictures.value import checked_name
from lenticular.catalog.author import ADMIN
from lenticular.stores.files.catalog_pictures import name_of, picture_files


async def take_folder(pictures: Pictures, site: str, folder: Path) -> int:
    """Take in those pictures of a catalog's folder that a site lacks; return how many.

    Raises LenticularError for one that is no picture, StoreError.
    """
    found = await asyncio.to_thread(picture_files, folder)
    missing = [path for name, path in found.items() if not pictures.has(site, name)]
    for path in missing:
        data = await asyncio.to_thread(path.read_bytes)
        await pictures.take(site, Incoming(data, ADMIN, checked_name(name_of(path))))
    return len(missing)
