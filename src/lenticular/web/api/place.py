"""What a request is about: a site, and a definition of it."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import Parameter, SkipValidation

from lenticular.app.open import Installation
from lenticular.app.site import LiveSite
from lenticular.errors import ConflictError, Problem
from lenticular.web.api.sites import SiteKey

Kind = Annotated[str, Parameter(description="A kind of definition: segments, pages, slots, …, or site.")]
Name = Annotated[str, Parameter(description="The id or the key of a definition.")]


class SitePlace(msgspec.Struct, frozen=True):
    """A site of an installation."""

    installation: Installation
    key: str

    @property
    def site(self) -> LiveSite:
        """The site. Raises LenticularError."""
        return self.installation.site(self.key)

    @property
    def writable(self) -> LiveSite:
        """The site, if its catalog is edited here. Raises LenticularError, ConflictError where files rule."""
        if self.installation.settings.catalog == "files":
            message = "The catalog of this installation comes from files, and screens only show it."
            hint = "Change the files, and run `lenticular catalog apply`; or unset LENTICULAR_CATALOG."
            raise ConflictError(Problem("catalog.files", message, hint=hint))
        return self.site


class Place(SitePlace, frozen=True):
    """A definition of a site, by its id or key."""

    kind: str
    name: str


AtSite = NamedDependency[SkipValidation[SitePlace]]
AtPlace = NamedDependency[SkipValidation[Place]]


async def site_place(state: State, key: SiteKey) -> SitePlace:
    """Return the site of a request."""
    return SitePlace(state["installation"], key)


async def place(state: State, key: SiteKey, kind: Kind, definition: Name) -> Place:
    """Return the definition of a request."""
    return Place(state["installation"], key, kind, definition)
