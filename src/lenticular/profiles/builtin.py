"""The properties that every site has from the start, and how many it may have in all."""

from __future__ import annotations

from lenticular.criteria.tables import Type
from lenticular.criteria.types import CONTEXT, SESSION

MAX_PROPERTIES = 2_000
"""So many properties of a site are registered; the values of others are kept, and can't be asked for."""

BUILT_IN: dict[tuple[str, str], Type] = {
    **{("context", name): kind for name, kind in CONTEXT.items()},
    **{("session", name): kind for name, kind in SESSION.items()},
    ("organization", "id"): "text",
}
"""What an event's context and a session are made of, and an organization's id: (scope, name) to type."""
