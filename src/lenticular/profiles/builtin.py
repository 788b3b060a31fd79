"""The properties that every site has: what an event's context and a session are made of."""

from __future__ import annotations

from lenticular.criteria.tables import Type

MAX_PROPERTIES = 2_000
"""So many properties of a site are registered; the values of others are kept, and can't be asked for."""

CAMPAIGN = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")

CONTEXT_TYPES: dict[str, Type] = {
    **dict.fromkeys(("url", "path", "host", "title", "search", "referrer", "referrer_host"), "text"),
    **dict.fromkeys(CAMPAIGN, "text"),
    **dict.fromkeys(("language", "timezone"), "text"),
    **dict.fromkeys(("screen_width", "screen_height"), "number"),
}
"""Where an event happened, by name."""

SESSION_TYPES: dict[str, Type] = {
    **dict.fromkeys(("landing_url", "landing_path", "landing_host", "referrer", "referrer_host"), "text"),
    **dict.fromkeys(CAMPAIGN, "text"),
    **dict.fromkeys(("language", "timezone"), "text"),
    **dict.fromkeys(("screen_width", "screen_height", "number"), "number"),
    "started": "datetime",
}
"""How a visit began, by name."""

BUILT_IN: dict[tuple[str, str], Type] = {
    **{("context", name): kind for name, kind in CONTEXT_TYPES.items()},
    **{("session", name): kind for name, kind in SESSION_TYPES.items()},
}
"""Both, as registered properties: (scope, name) to type."""
