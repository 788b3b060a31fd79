"""What the admin API publishes, plans, undoes, and tells of it."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Controller, delete, get, post
from litestar.di import Provide
from litestar.params import JSONBody, Parameter, QueryParameter

from lenticular.app.accounts.refusals import ForbiddenError
from lenticular.app.history import PublicationDetail, PublicationPage, publication, publications, restore_site, undo
from lenticular.app.moments import ms_of
from lenticular.app.planned import cancel
from lenticular.app.publishing import DraftRef, Preview, preview, publish_drafts
from lenticular.catalog.stored import Publication, PublicationState
from lenticular.errors import Problem
from lenticular.web.api.access import OF_KEYS
from lenticular.web.api.author import Asker, By, actor_of, author_of
from lenticular.web.api.paging import page_size
from lenticular.web.api.place import AtSite, site_place
from lenticular.web.api.segments import Language, Limit

Id = Annotated[int, Parameter(description="The id of a publication.")]
Before = Annotated[int | None, QueryParameter(description="Where the page before ended: its `next`.")]
InState = Annotated[PublicationState | None, QueryParameter(name="in", description="Only those in this state.")]


class NewPublication(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Drafts to publish together, a note for the history, and when (ISO 8601, or ms since 1970); left out: now.

    A draft is `{"kind", "definition", "version"}`, or in short `"segments/students"`.
    """

    drafts: tuple[str | DraftRef, ...]
    note: str = ""
    at: str | int | None = None

    def refs(self) -> list[DraftRef]:
        """Return the drafts that are meant."""
        return [DraftRef(*one.partition("/")[::2]) if isinstance(one, str) else one for one in self.drafts]


class PublicationsController(Controller):
    """What was published, and what is to be."""

    path = "/api/sites/{key:str}/publications"
    tags = ("Publications",)
    dependencies = {  # noqa: RUF012  # Litestar's form
        "author": Provide(author_of),
        "actor": Provide(actor_of),
        "site": Provide(site_place),
    }

    @get("/", summary="The publications of a site")
    async def publications(
        self, site: AtSite, before: Before = None, limit: Limit = 100, in_state: InState = None
    ) -> PublicationPage:
        """List publications, the newest first: what is live, what was, and what is planned."""
        return await publications(site.site, before, page_size(limit), in_state)

    @post("/", summary="Publish drafts", status_code=201)
    async def publish(self, site: AtSite, author: By, data: JSONBody[NewPublication]) -> Publication:
        """Publish several drafts, all of them or none, now or at a set time."""
        return await publish_drafts(site.writable, data.refs(), author, data.note, ms_of(data.at))

    @post("/preview", summary="What publishing drafts would do", status_code=200)
    async def preview(self, site: AtSite, data: JSONBody[NewPublication], language: Language = "en") -> Preview:
        """Tell the differences, who is affected, and what stands against it."""
        return await preview(site.site, data.refs(), language)

    @get("/{publication:int}", summary="A publication")
    async def publication(self, site: AtSite, publication: Id) -> PublicationDetail:
        """Return a publication and the revisions that it brought."""
        return await _publication(site, publication)

    @delete("/{publication:int}", summary="Cancel a planned publication", status_code=200)
    async def cancel(self, site: AtSite, publication: Id) -> Publication:
        """Cancel what is planned; its drafts stay."""
        return await cancel(site.writable, publication)

    @post("/{publication:int}/undo", summary="Undo a publication", status_code=201)
    async def undo(self, site: AtSite, author: By, actor: Asker, publication: Id) -> Publication:
        """Publish what was there before; what was changed since in other fields stays."""
        undone = await _publication(site, publication)
        if not actor.may("admin", site.key) and any(one.kind == OF_KEYS for one in undone.revisions):
            raise ForbiddenError(Problem("access.role", "Only an admin brings a site's earlier keys back."))
        return await undo(site.writable, publication, author)

    @post("/{publication:int}/restore", summary="Restore the catalog of a publication", status_code=201)
    async def restore(self, site: AtSite, author: By, publication: Id) -> Publication:
        """Publish the whole catalog as it was then, but for the site's own definition."""
        return await restore_site(site.writable, publication, author)


async def _publication(site: AtSite, identity: int) -> PublicationDetail:
    return await publication(site.site, identity)
