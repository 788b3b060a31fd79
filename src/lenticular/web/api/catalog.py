"""What the admin API does with whole catalogs: show the live one, compare another with it, publish that."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import Controller, Response, get, post, put
from litestar.di import Provide
from litestar.params import HeaderParameter, JSONBody, QueryParameter

from lenticular.app.engine import compile_engine
from lenticular.app.publish import Publish, publish
from lenticular.app.publishing import Preview, preview_catalog
from lenticular.catalog.catalog import Catalog
from lenticular.errors import CatalogError, Problem
from lenticular.web.api.author import By, author_of
from lenticular.web.api.place import AtSite, site_place
from lenticular.web.api.segments import Language

IfMatch = Annotated[str, HeaderParameter(name="If-Match", description="The revision that the catalog came from.")]
Note = Annotated[str, QueryParameter(description="A note for the history.")]


class CatalogController(Controller):
    """The catalog of a site as a whole."""

    path = "/api/sites/{key:str}/catalog"
    tags = ("Catalog",)
    dependencies = {"site": Provide(site_place), "author": Provide(author_of)}  # noqa: RUF012  # Litestar's form

    @get("/", summary="The live catalog")
    async def catalog(self, site: AtSite) -> Response[Any]:
        """Return what is published; its ETag is the revision."""
        engine = site.site.engine
        return Response(msgspec.to_builtins(engine.catalog), headers={"etag": f'"{engine.snapshot.revision}"'})

    @put("/", summary="Publish a catalog", status_code=200)
    async def publish(
        self,
        site: AtSite,
        author: By,
        data: JSONBody[dict[str, Any]],
        if_match: IfMatch = "",
        note: Note = "",
    ) -> Publish:
        """Check a catalog and make it the live one, all of it at once."""
        catalog, installation = _catalog(data, site.key), site.installation
        if site.key not in installation.sites:  # a wrong catalog must not leave an empty site behind
            await asyncio.to_thread(compile_engine, catalog, {})
        live = await installation.ensure(catalog.site)
        return await publish(live, catalog, author, note, if_match.strip().strip('"'))

    @post("/preview", summary="What publishing a catalog would do", status_code=200)
    async def preview(self, site: AtSite, data: JSONBody[dict[str, Any]], language: Language = "en") -> Preview:
        """Tell the differences from the live catalog, who is affected, and what stands against it."""
        return await preview_catalog(site.site, _catalog(data, site.key), language)


def _catalog(data: dict[str, Any], key: str) -> Catalog:
    try:
        catalog = msgspec.convert(data, Catalog)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at ")
        raise CatalogError(Problem("catalog.shape", f"{message}.", place.strip("`"))) from None
    if catalog.site.key != key:
        message = f"This is the catalog of the site {catalog.site.key!r}, not of {key!r}."
        raise CatalogError(Problem("catalog.site", message, "$.site.key"))
    return catalog
