"""What the admin API answers about sources: which there are, how they went, and that they run."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Controller, delete, get, post, put
from litestar.datastructures import State
from litestar.di import Provide
from litestar.params import JSONBody, Parameter

from lenticular.app.open import Installation
from lenticular.app.pulling import SourceInfo, put_source, remove_source
from lenticular.app.report import Report
from lenticular.web.api.author import By, author_of
from lenticular.web.api.sites import SiteKey

SourceName = Annotated[str, Parameter(description="The name of a source.")]


class NewSource(msgspec.Struct, frozen=True):
    """A source as YAML."""

    yaml: str


class Trial(msgspec.Struct, frozen=True):
    """The first rows of a source as they come, and what would become of the first thousand."""

    rows: list[dict[str, Any]]
    report: Report


class SourcesController(Controller):
    """Where people, organizations and static members are pulled from."""

    path = "/api/sites/{key:str}/sources"
    tags = ("Sources",)
    dependencies = {"author": Provide(author_of)}  # noqa: RUF012  # Litestar's form

    @get("/", summary="The sources of a site")
    async def sources(self, state: State, key: SiteKey) -> list[SourceInfo]:
        """List them, with how the last run of each went."""
        installation = _sites(state)
        return installation.pulling.infos(installation.site(key))

    @put("/{name:str}", summary="Define a source", status_code=200)
    async def define(self, state: State, key: SiteKey, name: SourceName, data: JSONBody[NewSource]) -> SourceInfo:
        """Define a source, or define it anew: then it begins again."""
        installation = _sites(state)
        site = installation.site(key)
        put_source(site, name, data.yaml)
        installation.pulling.wake()
        return installation.pulling.info(site, name)

    @delete("/{name:str}", summary="Forget a source", status_code=200)
    async def remove(self, state: State, key: SiteKey, name: SourceName) -> list[SourceInfo]:
        """Forget a source; what it brought stays. Returns the others."""
        installation = _sites(state)
        site = installation.site(key)
        remove_source(site, name)
        return installation.pulling.infos(site)

    @post("/{name:str}/run", summary="Run a source", status_code=200)
    async def run(self, state: State, key: SiteKey, name: SourceName, author: By) -> SourceInfo:
        """Run a source as soon as no other runs; answers at once."""
        installation = _sites(state)
        site = installation.site(key)
        await installation.pulling.ask(site, name, author)
        return installation.pulling.info(site, name)

    @post("/{name:str}/test", summary="Try a source", status_code=200)
    async def test(self, state: State, key: SiteKey, name: SourceName) -> Trial:
        """Read the first rows of a source, and change nothing."""
        installation = _sites(state)
        tried = await installation.pulling.trial(installation.site(key), name)
        return Trial(tried.sample, tried.report)


def _sites(state: State) -> Installation:
    found: Installation = state["installation"]
    return found
