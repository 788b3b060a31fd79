"""What the admin API answers about imports: where one stands, and its parts."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, delete, get, post
from litestar.datastructures import State
from litestar.di import Provide
from litestar.params import JSONBody, Parameter, QueryParameter

from lenticular.app.import_ import Rows, import_rows
from lenticular.app.import_part import Beginning, Note, Part, Taken
from lenticular.app.imports import begin, forget, take_part, unfinished
from lenticular.app.jobs.import_ import ImportKind
from lenticular.app.open import Installation
from lenticular.app.report import Report
from lenticular.errors import LenticularError, Problem
from lenticular.web.api.author import By, author_of
from lenticular.web.api.sites import SiteKey

ImportId = Annotated[str, Parameter(description="The id of an import.")]
DryRun = Annotated[bool, QueryParameter(name="dryRun", description="Change nothing.")]
_parts = msgspec.msgpack.Decoder(Part)


class ImportsController(Controller):
    """Imports: rows in one request, or a file in parts."""

    path = "/api/sites/{key:str}"
    tags = ("Imports",)
    dependencies = {"author": Provide(author_of)}  # noqa: RUF012  # Litestar's form

    @post("/import", summary="Import rows of a file", status_code=200)
    async def rows(self, state: State, key: SiteKey, data: JSONBody[Rows]) -> Report:
        """Take in a part of a file; a row that was imported before changes nothing."""
        return await import_rows(_sites(state).site(key), data)

    @get("/imports", summary="The imports that are not complete")
    async def imports(self, state: State, key: SiteKey) -> list[Note]:
        """List how far each has come."""
        return unfinished(_sites(state).site(key))

    @post("/imports", summary="Begin an import, or go on with it", status_code=200)
    async def begin(
        self, state: State, key: SiteKey, data: JSONBody[Beginning], author: By, dry_run: DryRun = False
    ) -> Note:
        """Return how far the import of a file has come."""
        site = _sites(state).site(key)
        note = begin(site, data, dry_run)
        if not dry_run:
            await _shown(state).begun(site, note, author)
        return note

    @post("/imports/{name:str}", summary="A part of an import", status_code=200)
    async def part(self, state: State, key: SiteKey, name: ImportId, request: Request[Any, Any, Any]) -> Taken:
        """Take in a part, which is MessagePack; answered when it is on disk."""
        try:
            part = _parts.decode(await request.body())
        except msgspec.MsgspecError as error:
            raise LenticularError(
                Problem("import.part", f"The part can't be read: {error}.", hint="Send what `lenticular import` sends.")
            ) from None
        site = _sites(state).site(key)
        taken = await take_part(site, name, part)
        if not part.dry:
            await _shown(state).went_on(site, name, part)
        return taken

    @delete("/imports/{name:str}", summary="Forget how far an import has come", status_code=200)
    async def forget(self, state: State, key: SiteKey, name: ImportId) -> list[Note]:
        """Forget an import that will not go on; what it brought stays. Returns the others."""
        site = _sites(state).site(key)
        forget(site, name)
        await _shown(state).forgotten(site, name)
        return unfinished(site)


def _sites(state: State) -> Installation:
    found: Installation = state["installation"]
    return found


def _shown(state: State) -> ImportKind:
    kind = _sites(state).jobs.kind(ImportKind.name)
    if not isinstance(kind, ImportKind):
        raise RuntimeError("The kind of imports is another one.")
    return kind
