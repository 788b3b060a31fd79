"""The form of a kind's settings, as JSON Schema (2020-12) with what a form needs beside it.

`title` and `description` are the label and the help of a field, `x-order` its place; `x-control` says how it is edited:
`text`, `longText`, `richText`, `html` (each a text or a map of languages), `address`, `picture`, `slot`, `position`, or
`repeat` (a map of things by name, in the order of their positions). Without it, its type says it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from lenticular.blocks.kind import Kind
from lenticular.blocks.registry import Kinds
from lenticular.errors import Problem


class KindShown(msgspec.Struct, frozen=True):
    """A kind as an editor chooses it: `package` is where it came from, empty for Lenticular's own."""

    name: str
    label: str
    help: str
    group: str
    items: str
    contains: bool
    package: str
    schema: dict[str, Any]


class KindsShown(msgspec.Struct, frozen=True):
    """All kinds, and those of installed packages that can't be used, each with the reason."""

    kinds: list[KindShown]
    problems: list[Problem]


def shown(kinds: Kinds) -> KindsShown:
    """Return all kinds with the forms of their settings."""
    return KindsShown([_shown(kind, kinds.package(kind.name)) for kind in kinds], kinds.problems)


def _shown(kind: type[Kind], package: str) -> KindShown:
    return KindShown(
        name=kind.name,
        label=kind.label or kind.name,
        help=kind.help(),
        group=kind.group,
        items=kind.items,
        contains=kind.contains,
        package=package,
        schema=settings_schema(kind.settings),
    )


@cache
def settings_schema(settings: type[msgspec.Struct]) -> dict[str, Any]:
    """Return the JSON Schema of settings, the Struct itself on top."""
    (top,), parts = msgspec.json.schema_components([settings], ref_template="#/$defs/{name}")
    name = top["$ref"].rpartition("/")[2]
    for part in parts.values():
        for place, field in enumerate(part.get("properties", {}).values()):
            field["x-order"] = place
            if _repeats(field, parts):
                field["x-control"] = "repeat"
    own = parts.pop(name)
    return {**own, "$defs": parts} if parts else own


def _repeats(field: dict[str, Any], parts: dict[str, Any]) -> bool:
    members = field.get("additionalProperties")
    inner = members.get("$ref", "") if isinstance(members, dict) else ""
    return bool(inner) and "position" in parts[inner.rpartition("/")[2]].get("properties", {})
