"""What admins of a site do with its keys."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Controller, Request, delete, get, post
from litestar.di import Provide
from litestar.params import JSONBody, Parameter

from lenticular.app.rotate import GivenKey, KeyView, NewKey, end_key, new_key, site_keys
from lenticular.web.api.author import By, author_of
from lenticular.web.api.place import AtSite, site_place
from lenticular.web.api.record import note

KeyId = Annotated[str, Parameter(description="The id of a key.")]


class KeysController(Controller):
    """The public and secret keys of a site."""

    path = "/api/sites/{key:str}/keys"
    tags = ("Sites",)
    dependencies = {"site": Provide(site_place), "author": Provide(author_of)}  # noqa: RUF012  # Litestar's form

    @get("/", summary="The keys of a site")
    async def keys(self, site: AtSite) -> list[KeyView]:
        """List all keys, the newest first: who made them, when they end, on which day they were used last."""
        return await site_keys(site.site)

    @post("/", summary="Make a new key", status_code=201)
    async def new(self, request: Request[Any, Any, Any], site: AtSite, author: By, data: JSONBody[NewKey]) -> GivenKey:
        """Make a key. The ones before stay good for a while, or end now; a secret key is shown this once."""
        found = await new_key(site.site, data, author)
        grace = f"; grace for those before: {data.grace}" if data.grace else ""
        note(request, found.key.id, f"made a new {data.use} key{grace}")
        return found

    @delete("/{identity:str}", summary="End a key", status_code=200)
    async def end(self, request: Request[Any, Any, Any], site: AtSite, identity: KeyId) -> KeyView:
        """End a key at once: what is sent with it is refused from now on."""
        found = await end_key(site.site, identity)
        note(request, found.id, f"ended a {found.use} key{f' (…{found.tail})' if found.tail else ''}")
        return found
