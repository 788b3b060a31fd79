"""What random worlds are made of: properties, values on edges, zones and the nights on which their clocks change."""

from __future__ import annotations

from datetime import UTC, datetime

from lenticular.criteria.tables import Type
from lenticular.criteria.tree import Field, Scope
from lenticular.criteria.types import Schema

ZONES = (
    *("UTC", "America/New_York", "Europe/Madrid", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo"),
    *("Pacific/Apia", "America/St_Johns"),
)


def _at(text: str) -> int:
    return round((datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1_000)


NIGHTS = (
    ("America/New_York", _at("2024-03-10T07:00Z")),  # two o'clock becomes three
    ("America/New_York", _at("2024-11-03T06:00Z")),  # two o'clock becomes one
    ("Europe/Madrid", _at("2024-03-31T01:00Z")),
    ("Europe/Madrid", _at("2024-10-27T01:00Z")),
    ("Australia/Lord_Howe", _at("2024-04-06T15:00Z")),  # by half an hour
    ("Australia/Lord_Howe", _at("2024-10-05T15:30Z")),
    ("America/Sao_Paulo", _at("2018-11-04T03:00Z")),  # there was no midnight
    ("America/Sao_Paulo", _at("2018-02-18T02:00Z")),
    ("Pacific/Apia", _at("2011-12-31T09:00Z")),  # there was no 30 December
    ("America/St_Johns", _at("2010-11-07T02:31Z")),  # a minute past midnight it was yesterday again
)
NOWS = (
    _at("2024-02-29T12:34:56.123Z"),
    _at("2024-03-31T12:00Z"),  # a month before is 29 February
    _at("2023-03-29T23:59:59.999Z"),
    _at("2025-12-01T00:00Z"),
    _at("2024-12-31T23:30Z"),
    _at("2026-11-23T14:00Z"),
    *(night for _, night in NIGHTS),
)
TEXTS = [
    *("", "a", "A", "shoes", "SHOES", "São Paulo", "SÃO PAULO", "İi", "ß", "ΑΣ", "a\nb", "5", "5.0", "true"),
    *("2024-02-29", "'\"\\`", "日本", "\u1c89", "\u0378", "\U0001fbff", "😀a", "e\u0301", "x" * 40),
]
NUMBERS = [
    *(0.0, 1.0, -1.0, 2.0, 3.0, 0.1, 0.2, 0.30000000000000004, 5.0, 29.0, 49.5, 50.0, 100_000.0, -2.5),
    *(5e-7, 1.5e-6, 2.5e-6, 1e-9, 5e-324, 9e12, -9e12, 9_000_000_000_000.002, 1e15, 9_007_199_254.740_993),
    *(2.0**53, 1e300, -1.7976931348623157e308),
]
TOPICS = ["travel", "Travel", "loans", "", "日本"]
PATTERNS = ["a", "^a.b$", "(?i)são", "[0-9]+", "^$", "o{1,2}", "\\\\", "b|x", ".", "\\bshoes\\b"]
CLOCKS = ["Asia/Tokyo", "America/New_York", "Mars/Base", "", "UTC"]
"""What a browser may say that its time zone is."""

EVENTS = ["Viewed", "Ordered", "Impression", "Never"]
PROPERTIES: dict[tuple[str, str], Type] = {
    ("user", "city"): "text",
    ("user", "any name"): "text",
    ("user", "balance"): "number",
    ("user", "open"): "boolean",
    ("user", "birth.date"): "date",
    ("user", "since"): "datetime",
    ("user", "tags"): "list",
    ("user", "orders"): "objects",
    ("organization", "tier"): "text",
    ("organization", "größe"): "number",
    ("organization", "open"): "boolean",
    ("organization", "founded"): "date",
    ("organization", "joined"): "datetime",
    ("organization", "path"): "list",
    ("organization", "sites"): "objects",
    ("session", "local_date"): "date",
    ("session", "local_hour"): "number",
    ("session", "local_weekday"): "text",
    ("event", "category"): "text",
    ("event", "price"): "number",
    ("event", "day"): "date",
    ("event", "at"): "datetime",
    ("event", "gift"): "boolean",
    ("event", "sizes"): "list",
    ("event", "topics"): "list",
    ("event", "products"): "objects",
}
PURPOSES = {
    ("user", "city"): "analytics",
    ("organization", "tier"): "analytics",
    ("session", "utm_campaign"): "personalization",
    ("event", "price"): "analytics",
}
SCHEMA = Schema(types=PROPERTIES, purposes=PURPOSES)

ELEMENT: dict[str, Type] = {
    "category": "text",
    "price": "number",
    "gift": "boolean",
    "day": "date",
    "at": "datetime",
    "sizes": "list",
}
"""What the objects of lists hold; nothing registers it, so each rule reads the type that it expects."""
LOOSE: dict[str, Type] = {"loose": "text", "free": "number"}
"""Event fields that nothing has registered."""


def fields(scope: Scope, names: dict[str, Type] | None = None) -> dict[Field, Type]:
    """Return the properties of a scope with their types."""
    found = names or {name: kind for (of, name), kind in PROPERTIES.items() if of == scope}
    return {Field(scope, name): kind for name, kind in found.items()}


USER = fields("user")
ORGANIZATION = fields("organization")
OBJECT = fields("element", ELEMENT)
EVENT = {**fields("event"), **fields("event", LOOSE), Field("context", "path"): "text"}
LOCAL = {field: kind for field, kind in fields("session").items() if field.name.startswith("local_")}
VISIT: dict[Field, Type] = {
    Field("session", "landing_path"): "text",
    Field("session", "utm_campaign"): "text",
    Field("session", "number"): "number",
    Field("session", "started"): "datetime",
}
INTERESTS: dict[Field, Type] = {
    Field("user", "interests"): "list",
    **{Field("user", f"interests.{topic}"): "number" for topic in TOPICS if topic},
}
