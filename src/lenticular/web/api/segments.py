"""What the admin API answers about segments: which there are, and their static members."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Controller, get, post
from litestar.datastructures import State
from litestar.params import JSONBody, Parameter, QueryParameter

from lenticular.app.list_segments import SegmentPage, list_segments, with_sizes
from lenticular.app.members import Member
from lenticular.app.open import Installation
from lenticular.app.static_members import Listed, Listing, change_list, static_members
from lenticular.web.api.paging import page_size, profile_id
from lenticular.web.api.sites import SiteKey

SegmentKey = Annotated[str, Parameter(description="The key of a segment.")]
AfterKey = Annotated[str, QueryParameter(description="The key after which the page begins.")]
AfterProfile = Annotated[str, QueryParameter(description="The profile id after which the page begins.")]
Limit = Annotated[int, QueryParameter(description="How many; at most 1,000.")]
Language = Annotated[str, QueryParameter(description="The language of the sentences: en, es; another tag is English.")]


class StaticPage(msgspec.Struct, frozen=True):
    """Static members in the order of their profile ids, and where the next page begins, if there is one."""

    members: list[Member]
    next: str | None


class SegmentsController(Controller):
    """Segments: all of them, and one by one."""

    path = "/api/sites/{key:str}/segments"
    tags = ("Segments",)

    @get("/", summary="The segments of a site")
    async def segments(
        self, state: State, key: SiteKey, after: AfterKey = "", limit: Limit = 100, language: Language = "en"
    ) -> SegmentPage:
        """List the live segments, page by page: each rule, what it needs, what it names, and its size."""
        site = _sites(state).site(key)
        return await with_sizes(site, list_segments(site, after, page_size(limit), language))

    @post("/{segment:str}/members", summary="Put people on a static list, or take them off", status_code=200)
    async def change(self, state: State, key: SiteKey, segment: SegmentKey, data: JSONBody[Listing]) -> Listed:
        """Change who is a member by hand; answered when it is on disk."""
        return await change_list(_sites(state).site(key), segment, data)

    @get("/{segment:str}/static", summary="Who is on a static list")
    async def static(
        self, state: State, key: SiteKey, segment: SegmentKey, after: AfterProfile = "0", limit: Limit = 100
    ) -> StaticPage:
        """List static members, page by page, as the events store has them."""
        page = page_size(limit)
        found = await static_members(_sites(state).site(key), segment, page, profile_id(after))
        return StaticPage(found, found[-1].profile if len(found) == page else None)


def _sites(state: State) -> Installation:
    found: Installation = state["installation"]
    return found
