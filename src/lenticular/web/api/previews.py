"""What the admin API makes for those who look at a site before its visitors do."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, delete, get, post
from litestar.di import Provide
from litestar.params import JSONBody, Parameter

from lenticular.app.preview_link import (
    NewPreview,
    PreviewLink,
    PreviewLinkView,
    hours_of,
    make_preview_link,
    preview_links,
    take_back,
)
from lenticular.web.api.author import Asker, By, actor_of, author_of
from lenticular.web.api.place import AtSite, site_place
from lenticular.web.api.record import note

LinkId = Annotated[str, Parameter(description="The id of a preview link.")]


class PreviewLinkList(msgspec.Struct, frozen=True):
    """The preview links of a site that are not over, the newest first."""

    links: list[PreviewLinkView]


class PreviewsController(Controller):
    """Links that show a site as somebody else, or as it will be."""

    path = "/api/sites/{key:str}"
    tags = ("Pages",)
    dependencies = {  # noqa: RUF012  # Litestar's form
        "site": Provide(site_place),
        "actor": Provide(actor_of),
        "author": Provide(author_of),
    }

    @post("/preview-links", summary="Make a preview link", status_code=201)
    async def make(
        self, request: Request[Any, Any, Any], site: AtSite, author: By, data: JSONBody[NewPreview]
    ) -> PreviewLink:
        """Make a link that works without signing in, until it is over or taken back."""
        found = await make_preview_link(site.installation, site.site, data, author)
        note(request, data.page, f"made a preview link: {_shown(data, found)}, for {hours_of(data)} hours")
        return found

    @get("/preview-links", summary="The preview links of a site")
    async def links(self, site: AtSite) -> PreviewLinkList:
        """List what links show, who made them, and when they were looked at. The links themselves are kept nowhere."""
        return PreviewLinkList(await preview_links(site.installation, site.site))

    @delete("/preview-links/{identity:str}", summary="Take a preview link back", status_code=200)
    async def take_back(
        self, request: Request[Any, Any, Any], site: AtSite, actor: Asker, identity: LinkId
    ) -> PreviewLinkView:
        """Take a link back: it shows nothing from now on. Editors may take back those of others."""
        found = await take_back(site.installation, site.site, identity, actor)
        note(request, found.page, f"took back the preview link {found.id} of {found.author}")
        return found


def _shown(new: NewPreview, made: PreviewLink) -> str:
    """Return what a link shows, for the audit log."""
    who = f"persona {new.persona}" if new.persona is not None else "whoever opens it"
    if made.profile is not None:
        who = f"the person with the profile {made.profile}{'' if new.caps else ' without caps'}"
    segments = "" if new.segments is None else f" in {', '.join(new.segments) or 'no segment'}"
    return f"{who}{segments}{' with drafts' if new.drafts else ''}{f' at {new.at}' if new.at is not None else ''}"
