"""JSON Merge Patch (RFC 7396): how an experience says only what differs from the default, and how that is found."""

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


def diff(target: Any, wanted: Any) -> Any:
    """Return the smallest patch that makes one value of another: `merge_patch(target, diff(target, wanted)) == wanted`.

    Objects are compared member by member, anything else as a whole: 1, 1.0 and true are three values. What is alike is
    not in the patch, so that later edits of it show through. A wanted object that has a null in it can't be had by a
    patch (null takes away); null is never a value of ours.
    """
    if not isinstance(wanted, dict) or not isinstance(target, dict):
        return wanted
    patch: dict[str, Any] = dict.fromkeys((name for name in target if name not in wanted), None)
    for name, value in wanted.items():
        if name not in target or not same(target[name], value):
            patch[name] = diff(target.get(name), value)
    return patch


def same(left: Any, right: Any) -> bool:
    """Return whether two JSON values are one: of one type, and equal."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(value, right[name]) for name, value in left.items())
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and bool(left == right)


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
