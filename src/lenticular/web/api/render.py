"""What the page editor shows: pages, slots and content items as they stand in it."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Controller, Request, post
from litestar.di import Provide
from litestar.params import JSONBody
from markupsafe import escape

from lenticular.app.render import RenderAsked, Rendition, render_edited
from lenticular.catalog.page import Page, plain_path
from lenticular.decide.explanation import Explanation
from lenticular.decide.reason import Reason
from lenticular.errors import Problem
from lenticular.web.api.place import AtSite, site_place
from lenticular.web.pages.document import about_page, sketch
from lenticular.web.pages.frame import UNASKED, Here, frame
from lenticular.web.theme import theme_for


class Rendered(msgspec.Struct, frozen=True):
    """The whole `document` for a sandboxed frame, the `html` in it, and if asked for that of each block by its id.

    Of a page or slot: the `experience` that is shown, why, and what became of the others. `problems` are those of the
    definitions that were sent, each with its place; the rest is shown all the same.
    """

    document: str
    html: str
    blocks: dict[str, str] | None
    experience: str | None
    reason: Reason | None
    explain: Explanation | None
    problems: list[Problem]


class RenderController(Controller):
    """The server's own HTML of what is being edited."""

    path = "/api/sites/{key:str}"
    tags = ("Pages",)
    dependencies = {"site": Provide(site_place)}  # noqa: RUF012  # Litestar's form

    @post("/render", summary="Render what is being edited", status_code=200)
    async def render(self, request: Request[Any, Any, Any], site: AtSite, data: JSONBody[RenderAsked]) -> Rendered:
        """Return the HTML of a page, slot or content item as it stands in an editor. Nothing is kept or counted."""
        made = await render_edited(site.site, data)
        origin = f"{request.url.scheme}://{request.headers.get('host', '')}"
        decision = made.decision
        part = decision and (decision.page or next(iter(decision.slots.values()), None))
        explain = decision.explain if decision is not None else None
        return Rendered(
            document=_document(made, data, origin),
            html=made.html,
            blocks=made.blocks,
            experience=part.experience if part else None,
            reason=part.reason if part else None,
            explain=explain if isinstance(explain, Explanation) else None,
            problems=list(made.problems),
        )


def _document(made: Rendition, asked: RenderAsked, origin: str) -> str:
    site = made.engine.catalog.site
    path = made.decision.page.path if made.decision and made.decision.page else ""
    page = made.engine.pages.get(path) or Page("", plain_path(path or "/"), name=asked.slot or asked.item or "")
    about = about_page(page, site, made.engine.rendering().language(asked.locale), origin)
    about = msgspec.structs.replace(about, noindex=True, theme=f"{origin}{theme_for(site)}")
    if path:
        around = frame(site, Here(path, about.language, said=UNASKED))
        about = msgspec.structs.replace(about, top=around.top, bottom=around.bottom)
    html = made.html
    if asked.slot is not None:
        html = f'<div data-lenticular-slot="{escape(asked.slot)}">{html}</div>'
    return sketch(about, html, origin, path)
