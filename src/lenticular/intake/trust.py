"""What only servers may write: a value for it that comes with the public key is kept aside, under another name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from lenticular.criteria.tables import every_key, split_key, stored_key
from lenticular.intake.values import MAX_PROPERTIES, Scope, Typed, Types

ASIDE = "untrusted."
"""Behind this the name of a property stands for what visitors say of it: `user["untrusted.plan"]`."""

Guarded = frozenset[tuple[str, str]]
"""(scope, name) of each property that only servers can write."""


def set_aside(typed: Typed, scope: Scope, guarded: Guarded, types: Types) -> Typed:
    """Return typed values with those of guarded properties under their names for what visitors say.

    A guarded property can't be removed either.
    """
    moved = _moved(guarded, scope)
    if moved.keys().isdisjoint(typed.values) and not typed.removed:
        return typed
    values = {moved.get(key, key): value for key, value in typed.values.items()}
    new = {pair: kind for pair, kind in typed.new.items() if pair not in guarded}
    for key in moved.keys() & typed.values.keys():
        name, kind = split_key(moved[key])
        if (scope, name) not in types and len(types) + len(new) < MAX_PROPERTIES:
            new[scope, name] = kind
    return Typed(values, new, tuple(name for name in typed.removed if (scope, name) not in guarded))


@lru_cache(maxsize=256)
def _moved(guarded: Guarded, scope: str) -> Mapping[str, str]:
    """Return for each stored key of a scope's guarded properties the one that it is kept under."""
    moved = {}
    for of, name in guarded:
        if of == scope:
            for key in every_key(name):
                moved[key] = stored_key(f"{ASIDE}{name}", split_key(key)[1])
    return moved
