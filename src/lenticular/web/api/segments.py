"""What the admin API answers about segments: their static members."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, get, post
from litestar.datastructures import State
from litestar.params import JSONBody, Parameter, QueryParameter

from lenticular.app.open import Installation
from lenticular.app.static_members import Listed, Listing, change_list, static_members
from lenticular.web.api.sites import MemberPage, SiteKey, profile_id

SegmentKey = Annotated[str, Parameter(description="The key of a segment.")]
After = Annotated[str, QueryParameter(description="The profile id after which the page begins.")]
Limit = Annotated[int, QueryParameter(description="How many members; at most 1,000.")]
_MOST = 1_000


class SegmentsController(Controller):
    """Segments, one by one."""

    path = "/api/sites/{key:str}/segments/{segment:str}"
    tags = ("Segments",)

    @post("/members", summary="Put people on a static list, or take them off", status_code=200)
    async def change(self, state: State, key: SiteKey, segment: SegmentKey, data: JSONBody[Listing]) -> Listed:
        """Change who is a member by hand; answered when it is on disk."""
        return await change_list(_sites(state).site(key), segment, data)

    @get("/static", summary="Who is on a static list")
    async def static(
        self, state: State, key: SiteKey, segment: SegmentKey, after: After = "0", limit: Limit = 100
    ) -> MemberPage:
        """List static members, page by page, as the events store has them."""
        page = max(1, min(limit, _MOST))
        found = await static_members(_sites(state).site(key), segment, page, profile_id(after))
        return MemberPage(found, found[-1].profile if len(found) == page else None)


def _sites(state: State) -> Installation:
    found: Installation = state["installation"]
    return found
