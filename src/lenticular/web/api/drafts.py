"""What the admin API does with drafts."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Controller, Response, delete, get, put
from litestar.di import Provide
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, JSONBody

from lenticular.app.drafts import (
    ANY,
    DraftView,
    NewDraft,
    discard_draft,
    draft_of,
    drafts,
    merge_draft,
    save_draft,
)
from lenticular.catalog.merge import Merge
from lenticular.catalog.stored import Draft
from lenticular.errors import Problem
from lenticular.web.api.author import By, author_of
from lenticular.web.api.etags import etag, expected
from lenticular.web.api.place import AtPlace, AtSite, place, site_place
from lenticular.web.api.problems import MEDIA

IfMatch = Annotated[str | None, HeaderParameter(name="If-Match", description="The ETag that the change began from.")]


class Drafts(msgspec.Struct, frozen=True):
    """All that is being edited, in the order of kinds and keys."""

    drafts: list[DraftView]


class MergeNeeded(msgspec.Struct, frozen=True):
    """The problem document (RFC 9457) of a draft that was saved too late: what is there, and what became of both."""

    type: str
    title: str
    status: int
    problems: list[Problem]
    current: Draft | None
    merge: Merge


_TOO_LATE = {
    412: ResponseSpec(MergeNeeded, generate_examples=False, description="Someone else saved since.", media_type=MEDIA)
}


class DraftsController(Controller):
    """What is being edited. Visitors see nothing of it."""

    path = "/api/sites/{key:str}/drafts"
    tags = ("Drafts",)
    dependencies = {"author": Provide(author_of)}  # noqa: RUF012  # Litestar declares it so

    @get("/", summary="The drafts of a site", dependencies={"site": Provide(site_place)})
    async def drafts(self, site: AtSite) -> Drafts:
        """Return all drafts, each with what stands against publishing it."""
        return Drafts(await drafts(site.site))

    @get("/{kind:str}/{definition:str}", summary="A draft", dependencies={"at": Provide(place)})
    async def draft(self, at: AtPlace) -> Response[DraftView]:
        """Return the draft of a definition."""
        return _answer(await draft_of(at.site, at.kind, at.name))

    @get(
        "/{kind:str}/{definition:str}/merge",
        summary="How a draft merges with what was published since",
        dependencies={"at": Provide(place)},
    )
    async def merge(self, at: AtPlace) -> Merge:
        """Merge a draft, field by field, with what was published since it began."""
        return await merge_draft(at.site, at.kind, at.name)

    @put(
        "/{kind:str}/{definition:str}",
        summary="Create or change a draft",
        status_code=200,
        dependencies={"at": Provide(place)},
        responses=_TOO_LATE,
    )
    async def save(
        self, at: AtPlace, author: By, data: JSONBody[NewDraft], if_match: IfMatch = None
    ) -> Response[DraftView]:
        """Save a draft; 412 with both changes merged if someone else saved one since."""
        version = expected(if_match, 0)
        return _answer(await save_draft(at.writable, (at.kind, at.name), data, version, author))

    @delete(
        "/{kind:str}/{definition:str}", summary="Discard a draft", status_code=204, dependencies={"at": Provide(place)}
    )
    async def discard(self, at: AtPlace, author: By, if_match: IfMatch = None) -> None:
        """Drop a draft; a definition that was never published goes with it."""
        await discard_draft(at.writable, at.kind, at.name, expected(if_match, ANY), author)


def _answer(draft: DraftView) -> Response[DraftView]:
    return Response(draft, headers={"etag": etag(draft.version)})
