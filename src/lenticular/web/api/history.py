"""What the admin API tells of a definition's history, and brings back from it."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Controller, get, post
from litestar.di import Provide
from litestar.params import JSONBody, Parameter, QueryParameter

from lenticular.app.drafts import DraftView
from lenticular.app.history import RevisionPage, restore, revision, revisions
from lenticular.catalog.stored import Publication, Revision
from lenticular.web.api.author import By, author_of
from lenticular.web.api.paging import page_size
from lenticular.web.api.place import AtPlace, place
from lenticular.web.api.segments import Limit

Number = Annotated[int, Parameter(description="The number of a revision; the first is 1.")]
Before = Annotated[int | None, QueryParameter(description="Where the page before ended: its `next`.")]


class Restore(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether to publish the revision at once; else it becomes the draft."""

    publish: bool = False


class Restored(msgspec.Struct, frozen=True):
    """What a restored revision became: a draft, or what was published."""

    draft: DraftView | None = None
    publication: Publication | None = None


class HistoryController(Controller):
    """The revisions of a definition."""

    path = "/api/sites/{key:str}/definitions/{kind:str}/{definition:str}/revisions"
    tags = ("History",)
    dependencies = {"author": Provide(author_of), "at": Provide(place)}  # noqa: RUF012  # Litestar's form

    @get("/", summary="The revisions of a definition")
    async def revisions(self, at: AtPlace, before: Before = None, limit: Limit = 100) -> RevisionPage:
        """List what a definition was, the newest first: when, by whom, and what was different."""
        return await revisions(at.site, (at.kind, at.name), before, page_size(limit))

    @get("/{number:int}", summary="A revision")
    async def revision(self, at: AtPlace, number: Number) -> Revision:
        """Return a definition as it was."""
        return await revision(at.site, (at.kind, at.name), number)

    @post("/{number:int}/restore", summary="Restore a revision", status_code=201)
    async def restore(self, at: AtPlace, author: By, number: Number, data: JSONBody[Restore]) -> Restored:
        """Bring a revision back: as a draft, or at once."""
        found = await restore(at.writable, (at.kind, at.name), number, data.publish, author)
        return Restored(draft=found) if isinstance(found, DraftView) else Restored(publication=found)
