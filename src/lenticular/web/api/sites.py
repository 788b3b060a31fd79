"""What the admin API answers about sites: their catalogs, their properties."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Controller, get, post, put
from litestar.datastructures import State
from litestar.di import Provide
from litestar.params import JSONBody, Parameter

from lenticular.app.open import Installation
from lenticular.app.preparing import Preparing, preparing
from lenticular.app.quarantine import Retried, drop, retry
from lenticular.catalog.site import Site
from lenticular.web.api.author import Asker, actor_of

SiteKey = Annotated[str, Parameter(description="The key of a site.")]


class NewSite(msgspec.Struct, frozen=True, rename="camel"):
    """A site to create, if it does not exist: its IANA time zone is fixed from then on."""

    timezone: str = "UTC"


class SiteInfo(msgspec.Struct, frozen=True, rename="camel"):
    """A site, and what lies between an accepted event and the events store."""

    key: str
    name: str
    timezone: str
    revision: str
    segments: list[str]
    pending: int
    waiting: int


class QuarantinedRow(msgspec.Struct, frozen=True):
    """A row that the events store refused: its id, its table, the row as JSON, and the reason."""

    id: str
    table: str
    row: str
    reason: str


class SomeRows(msgspec.Struct, frozen=True):
    """Rows of the quarantine by their ids; null is all of them."""

    ids: list[str] | None


class Dropped(msgspec.Struct, frozen=True):
    """How many rows were dropped."""

    dropped: int


class SitesController(Controller):
    """Sites and what is asked of them."""

    path = "/api/sites"
    tags = ("Sites",)

    @get("/", summary="The sites", dependencies={"actor": Provide(actor_of)})
    async def sites(self, state: State, actor: Asker) -> list[SiteInfo]:
        """Return every site of this installation that who asks may see."""
        return [_info(site) for site in _sites(state).sites.values() if actor.may("viewer", site.key)]

    @put("/{key:str}", summary="Create a site", status_code=200)
    async def create(self, state: State, key: SiteKey, data: JSONBody[NewSite]) -> SiteInfo:
        """Create a site, or return the one that exists."""
        installation = _sites(state)
        definition = Site(key=key, timezone=data.timezone, write_key=installation.new_id())
        return _info(await installation.ensure(definition))

    @get("/{key:str}/properties", summary="The registered properties")
    async def properties(self, state: State, key: SiteKey) -> dict[str, dict[str, str]]:
        """Return every property by scope and name, with its type."""
        found: dict[str, dict[str, str]] = {}
        for (scope, name), kind in sorted(_sites(state).site(key).types.items()):
            found.setdefault(scope, {})[name] = kind
        return found

    @get("/{key:str}/backfill", summary="How far new behaviours are counted")
    async def backfill(self, state: State, key: SiteKey) -> Preparing:
        """Return the segments whose behaviours are still being counted from the log, and how far that is."""
        return preparing(_sites(state).site(key))

    @get("/{key:str}/quarantine", summary="Rows that the events store refused")
    async def quarantine(self, state: State, key: SiteKey) -> list[QuarantinedRow]:
        """Return the rows that were set aside, and why."""
        rows = _sites(state).site(key).stores.profiles.set_aside()
        return [QuarantinedRow(row.token, row.table, row.line.decode("utf-8", "replace"), row.reason) for row in rows]

    @post("/{key:str}/quarantine/retry", summary="Send refused rows again", status_code=200)
    async def retry(self, state: State, key: SiteKey, data: JSONBody[SomeRows]) -> Retried:
        """Send rows that were set aside once more; one that is taken leaves the quarantine and counts once."""
        return await retry(_sites(state).site(key), data.ids)

    @post("/{key:str}/quarantine/drop", summary="Drop refused rows", status_code=200)
    async def drop(self, state: State, key: SiteKey, data: JSONBody[SomeRows]) -> Dropped:
        """Delete rows that were set aside; they are counted nowhere, ever."""
        return Dropped(await drop(_sites(state).site(key), data.ids))

    @post("/{key:str}/settle", summary="Wait until everything accepted is counted", status_code=200)
    async def settle(self, state: State, key: SiteKey) -> SiteInfo:
        """Return when everything accepted so far is in the profiles and in the events store."""
        site = _sites(state).site(key)
        await site.settle()
        return _info(site)


def _sites(state: State) -> Installation:
    found: Installation = state["installation"]
    return found


def _info(site: Any) -> SiteInfo:
    definition = site.engine.catalog.site
    return SiteInfo(
        key=site.key,
        name=definition.name,
        timezone=definition.timezone,
        revision=site.engine.snapshot.revision,
        segments=list(site.engine.segments.trees),
        pending=site.collector.pending,
        waiting=site.stores.profiles.waiting(),
    )
