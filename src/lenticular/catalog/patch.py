"""JSON Merge Patch (RFC 7396): how an experience says only what differs from the default."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def merge_patch(target: Any, patch: Any) -> Any:
    """Return the target with a patch applied, as RFC 7396 section 2 defines; neither is changed.

    An object is merged member by member, null removes a member, anything else replaces the whole target.
    """
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def removals_of_nothing(target: Any, patch: Any) -> Iterator[tuple[str, ...]]:
    """Yield the path of each null in a patch that removes what the target does not have."""
    if not isinstance(patch, dict):
        return
    members = target if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            if name not in members:
                yield (name,)
        else:
            yield from ((name, *path) for path in removals_of_nothing(members.get(name), value))
