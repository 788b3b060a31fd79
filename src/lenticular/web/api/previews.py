"""What the admin API makes for those who look at a site before its visitors do."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Request, post
from litestar.di import Provide
from litestar.params import JSONBody

from lenticular.app.preview_link import NewPreview, PreviewLink, hours_of, make_preview_link
from lenticular.web.api.place import AtSite, site_place
from lenticular.web.api.record import note


class PreviewsController(Controller):
    """Links that show a site as somebody else, or as it will be."""

    path = "/api/sites/{key:str}"
    tags = ("Pages",)
    dependencies = {"site": Provide(site_place)}  # noqa: RUF012  # Litestar's form

    @post("/preview-links", summary="Make a preview link", status_code=201)
    async def make(self, request: Request[Any, Any, Any], site: AtSite, data: JSONBody[NewPreview]) -> PreviewLink:
        """Make a link that works without signing in, until it is over."""
        found = await make_preview_link(site.installation, site.site, data)
        note(request, data.page, f"made a preview link: {_shown(data, found)}, for {hours_of(data)} hours")
        return found


def _shown(new: NewPreview, made: PreviewLink) -> str:
    """Return what a link shows, for the audit log."""
    who = f"persona {new.persona}" if new.persona is not None else "whoever opens it"
    if made.profile is not None:
        who = f"the person with the profile {made.profile}{'' if new.caps else ' without caps'}"
    segments = "" if new.segments is None else f" in {', '.join(new.segments) or 'no segment'}"
    return f"{who}{segments}{' with drafts' if new.drafts else ''}{f' at {new.at}' if new.at is not None else ''}"
