"""What the admin API makes for those who look at a site before its visitors do."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Request, post
from litestar.di import Provide
from litestar.params import JSONBody

from lenticular.app.preview_link import NewPreview, PreviewLink, make_preview_link
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
        note(request, data.page, f"made a preview link: {_shown(data)}, for {data.hours} hours")
        return found


def _shown(new: NewPreview) -> str:
    """Return what a link shows, for the audit log."""
    who = f"persona {new.persona}" if new.persona is not None else "whoever opens it"
    segments = "" if new.segments is None else f" in {', '.join(new.segments) or 'no segment'}"
    return f"{who}{segments}{' with drafts' if new.drafts else ''}{f' at {new.at}' if new.at is not None else ''}"
