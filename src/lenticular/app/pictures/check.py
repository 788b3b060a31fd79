"""Whether the files of pictures are there and whole; what is derived of them is made again, nothing else is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from lenticular.app.finding import Finding, fine, warning, wrong
from lenticular.app.pictures.pictures import Pictures
from lenticular.catalog.picture import FORMATS, KeptPicture, widths_of
from lenticular.errors import LenticularError
from lenticular.stores.codecs.encode import RECIPE

_MOST_NAMED = 5
Done = dict[tuple[str, str], str]
"""By site and code of a finding: what a repair did about it."""


async def check_pictures(pictures: Pictures) -> list[Finding]:
    """Look at the files of all pictures. Raises StoreError."""
    rows = await pictures.in_store(pictures.store.every)
    damaged = await _those(rows, lambda row: not pictures.is_whole(row.hash))
    lost = await _those([row for row in rows if row not in damaged], lambda row: _lacks(pictures, row))
    unnamed = await asyncio.to_thread(_unnamed, pictures, rows)
    found: list[Finding] = []
    for site in sorted({row.site for row in [*damaged, *lost]}):
        if names := _named(damaged, site):
            hint = "Restore the folder pictures/ of a backup, or upload them once more; blocks are shown without them."
            found.append(wrong("pictures.damaged", f"Pictures' files are missing or damaged: {names}.", hint, site))
        if names := _named(lost, site):
            hint = "lenticular doctor --repair makes them again."
            found.append(wrong("pictures.variants", f"Pictures lack sizes that they had: {names}.", hint, site))
    if unnamed:
        hint = "lenticular doctor --repair puts them aside. They may be of a catalog that was older or newer."
        message = f"{len(unnamed):,} pictures have files and belong to no site, such as {unnamed[0]}."
        found.append(warning("pictures.unnamed", message, hint))
    return found or [fine("pictures", f"the files of {len(rows):,} pictures are whole")]


async def mend_pictures(pictures: Pictures, done: Done) -> None:
    """Make again what is derived, put aside what belongs to nobody. Raises StoreError."""
    rows = await pictures.in_store(pictures.store.every)
    for row in await _those(rows, lambda row: pictures.is_whole(row.hash) and _lacks(pictures, row)):
        try:
            await pictures.derive(row)
            done[row.site, "pictures.variants"] = "They were made again."
        except LenticularError as error:
            done[row.site, "pictures.variants"] = f"Some could not be made: {error.problems[0]}"
    if unnamed := await asyncio.to_thread(_unnamed, pictures, rows):
        where = f"pictures.unnamed-{pictures.clock()}"
        await asyncio.to_thread(pictures.files.set_aside, unnamed, where)
        done["", "pictures.unnamed"] = f"They are in {where} now."


async def _those(rows: list[KeptPicture], like: Callable[[KeptPicture], bool]) -> list[KeptPicture]:
    return await asyncio.to_thread(lambda: [row for row in rows if like(row)])


def _lacks(pictures: Pictures, row: KeptPicture) -> bool:
    """Return whether a picture lacks something that was made of it."""
    wanted = [f"fallback.{row.extension}"]
    if row.made == RECIPE and row.width and row.extension != "svg":
        wanted += [f"{width}.{form}" for width in widths_of(row.width) for form in FORMATS]
    return any(pictures.files.find(row.hash, file) is None for file in wanted)


def _unnamed(pictures: Pictures, rows: list[KeptPicture]) -> list[str]:
    named = {row.hash for row in rows}
    return [name for name in pictures.files.names() if name not in named and not pictures.fallback(name)]


def _named(rows: list[KeptPicture], site: str) -> str:
    names = [f"{row.name} ({row.hash})" for row in rows if row.site == site]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"{', '.join(names[:_MOST_NAMED])}{more}" if names else ""
