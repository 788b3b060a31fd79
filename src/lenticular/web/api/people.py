"""What the admin API answers about people."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, post
from litestar.datastructures import State
from litestar.params import JSONBody, Parameter

from lenticular.app.open import Installation
from lenticular.app.unmerge import Unmerged, Unmerging, unmerge

SiteKey = Annotated[str, Parameter(description="The key of a site.")]


class PeopleController(Controller):
    """People, one by one."""

    path = "/api/sites/{key:str}/people"
    tags = ("People",)

    @post("/unmerge", summary="Undo a merge", status_code=200)
    async def unmerge(self, state: State, key: SiteKey, data: JSONBody[Unmerging]) -> Unmerged:
        """Take an identity out of the profile that it was joined to."""
        installation: Installation = state["installation"]
        return await unmerge(installation.site(key), data)
