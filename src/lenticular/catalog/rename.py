"""What follows when definitions get other keys: whatever refers to them by the old one refers to them by the new one.

Bodies are plain JSON, so that drafts which say something wrong elsewhere follow too.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from lenticular.catalog.block import SLOT
from lenticular.catalog.references import Name, slot_of_patch
from lenticular.catalog.stored import Body, Change
from lenticular.criteria.text.rename import renamed_text

Names = Mapping[Name, str]
"""The new key of a definition, by its kind and the key that it has now."""
Types = Mapping[str, Iterable[Any]]
"""The fields of content types, as plain JSON, by their keys."""
FOLLOWED = ("segments", "content", "collections", "types", "slots")
"""The kinds that others refer to by their keys. (A property's key is fixed.)"""


class Followed(msgspec.Struct, frozen=True):
    """A body after renames; `targets` are the new keys that it refers to by now, none if nothing is different."""

    body: Body
    targets: tuple[str, ...] = ()


def renames_in(changes: Iterable[Change], keys: Mapping[str, Name]) -> dict[Name, str]:
    """Return the new keys that changes give to live definitions; `keys` are the present ones, by id."""
    found = {}
    for change in changes:
        kind, key = keys.get(change.definition, (change.kind, change.key))
        if kind in FOLLOWED and change.state != "deleted" and key != change.key:
            found[kind, key] = change.key
    return found


def follow(kind: str, body: Body, names: Names, types: Types) -> Followed:
    """Return a body that refers to definitions by their new keys, all at once."""
    following = _Following(names)
    after = copy.deepcopy(body)
    match kind:
        case "segments":
            following.rule(after)
        case "collections":
            following.items(after)
            for one in after.get("variations", ()):
                following.key(one, "segment", "segments")
                following.items(one)
        case "pages":
            blocks = after.get("blocks", {})
            for one in blocks.values():
                following.key(one, "collection", "collections")
                following.slot(one, "")
            following.experiences(after, blocks=True)
            for one in after.get("experiences", ()):
                for name, patch in one.get("overrides", {}).items():
                    following.slot(patch, str(blocks.get(name, {}).get("kind", "")))
        case "slots":
            following.key(after.get("block", {}), "collection", "collections")
            following.experiences(after, blocks=False)
        case "site":
            following.keys(after.get("holdout", {}), "without", "segments")
        case "personas":
            following.keys(after, "segments", "segments")
        case "types":
            for one in after.get("fields", ()):
                following.key(one, "to", "types")
        case "content":
            for field in types.get(str(body.get("type")), ()):
                if "reference" in (field.get("type"), field.get("of")) and field.get("key") in after.get("fields", {}):
                    fields = after["fields"]
                    fields[field["key"]] = following.leaves(fields[field["key"]])
            following.key(after, "type", "types")
    return Followed(after, tuple(following.targets)) if following.targets else Followed(body)


class _Following:
    """Changes parts of a body in place; `targets` are the new keys that were put in."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self.targets: dict[str, None] = {}

    def rule(self, body: Body) -> None:
        own = {old: new for (kind, old), new in self._names.items() if kind == "segments"}
        before = body.get("rule")
        if own and isinstance(before, str):
            body["rule"], used = renamed_text(before, own)
            self.targets |= dict.fromkeys(used)

    def key(self, part: Any, name: str, kind: str) -> None:
        if isinstance(part, dict) and isinstance(part.get(name), str):
            part[name] = self._new(kind, part[name])

    def keys(self, part: Any, name: str, kind: str) -> None:
        if isinstance(part, dict) and part.get(name):
            part[name] = [self._new(kind, one) for one in part[name]]

    def items(self, part: Any) -> None:
        self.keys(part, "items", "content")

    def experiences(self, body: Body, blocks: bool) -> None:
        for one in body.get("experiences", ()):
            self.key(one, "segment", "segments")
            overrides = one.get("overrides", {})
            for patch in overrides.values() if blocks else (overrides,):
                self.key(patch, "collection", "collections")

    def slot(self, block: Any, kind: str) -> None:
        if slot_of_patch(block, kind) is not None:
            self.key(block["settings"], SLOT, "slots")

    def leaves(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._new("content", value)
        if isinstance(value, dict):
            return {name: self.leaves(one) for name, one in value.items()}
        return [self.leaves(one) for one in value] if isinstance(value, list) else value

    def _new(self, kind: str, key: str) -> str:
        new = self._names.get((kind, key))
        if new is None:
            return key
        self.targets[new] = None
        return new
