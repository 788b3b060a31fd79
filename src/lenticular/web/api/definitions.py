"""What the admin API answers about definitions of all kinds."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter

from lenticular.app.definitions import Definition, DefinitionPage, Uses, definition, list_definitions, uses
from lenticular.catalog.stored import Search
from lenticular.web.api.paging import page_size
from lenticular.web.api.place import AtPlace, AtSite, place, site_place
from lenticular.web.api.segments import Limit

OfKind = Annotated[str, QueryParameter(name="kind", description="Only this kind.")]
Words = Annotated[str, QueryParameter(description="Words of its name, key, description or rule; all of them.")]
Tag = Annotated[str, QueryParameter(description="Only those with this tag.")]
InState = Annotated[str, QueryParameter(name="in", description="new, live, archived, deleted; else all but the last.")]
WithDraft = Annotated[bool, QueryParameter(description="Only those with a draft.")]
After = Annotated[str, QueryParameter(description="Where the page before ended: its `next`.")]


async def wanted(
    of_kind: OfKind = "", q: Words = "", tag: Tag = "", in_state: InState = "", drafts: WithDraft = False
) -> Search:
    """Return which definitions a request asks for."""
    return Search(of_kind, tag, in_state, tuple(q.split()), drafts)


class DefinitionsController(Controller):
    """Definitions of all kinds, as they are published."""

    path = "/api/sites/{key:str}/definitions"
    tags = ("Definitions",)

    @get(
        "/",
        summary="The definitions of a site",
        dependencies={"site": Provide(site_place), "search": Provide(wanted)},
    )
    async def definitions(
        self, site: AtSite, search: NamedDependency[Search], after: After = "", limit: Limit = 100
    ) -> DefinitionPage:
        """List definitions, page by page."""
        kind, _, key = after.partition("/")
        paged = msgspec.structs.replace(search, after=(kind, key), limit=page_size(limit))
        return await list_definitions(site.site, paged)

    @get("/{kind:str}/{definition:str}", summary="A definition", dependencies={"at": Provide(place)})
    async def definition(self, at: AtPlace) -> Definition:
        """Return a definition: what is published, and its draft."""
        return await definition(at.site, at.kind, at.name)

    @get("/{kind:str}/{definition:str}/uses", summary="Who uses a definition", dependencies={"at": Provide(place)})
    async def uses(self, at: AtPlace) -> Uses:
        """Return the live definitions that use it, directly or through segments."""
        return await uses(at.site, at.kind, at.name)
