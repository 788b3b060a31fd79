"""The registered definition of a trait, session attribute, event field or context field."""

from __future__ import annotations

from typing import Any, Literal

from lenticular.catalog.definition import Definition
from lenticular.criteria.tables import Type
from lenticular.criteria.tree import Scope

Purpose = Literal["analytics", "personalization"]


class AllowedValue(Definition, frozen=True):
    """One value of a vocabulary, and what people call it."""

    value: Any
    label: str = ""


class Property(Definition, frozen=True):
    """One property: rules read it as `user.birth_date`, or as a bare name for the `event` scope.

    `purpose` says why its data may be used; a segment needs the purposes of everything that it reads. Left out, it is
    what its scope needs by itself (`criteria.needs`). Only servers can write a `trusted` property. `values` is its
    vocabulary: those that editors choose from, and rules are told when they ask for another; data may have others.
    """

    scope: Scope
    name: str
    type: Type
    label: str = ""
    purpose: Purpose | None = None
    trusted: bool = False
    values: tuple[AllowedValue, ...] = ()
    description: str = ""
    tags: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Its scope and name: `user.birth_date`."""
        return f"{self.scope}.{self.name}"
