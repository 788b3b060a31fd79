"""Which properties there are, and of which type: what a rule is checked against."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from lenticular.criteria.measures import MEASURES
from lenticular.criteria.tables import Type
from lenticular.criteria.tree import Ago, Ahead, Behaviour, Call, Date, Datetime, Field, Operand, Right, Today

CAMPAIGN = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")

DEVICE = ("device_type", "device_brand", "device_model", "browser", "browser_version", "os", "os_version", "user_agent")
PLACE = ("country", "region", "city")

_ANYWHERE: dict[str, Type] = {
    **dict.fromkeys(("url", "path", "host", "referrer", "referrer_host", *CAMPAIGN, "channel"), "text"),
    **dict.fromkeys((*DEVICE, "language", "timezone", *PLACE), "text"),
    **dict.fromkeys(("screen_width", "screen_height"), "number"),
}

SESSION: dict[str, Type] = {
    **dict.fromkeys(("landing_url", "landing_path", "landing_host"), "text"),
    **_ANYWHERE,
    **dict.fromkeys(("signed_in", "returning"), "boolean"),
    **dict.fromkeys(("started", "last_sign_in"), "datetime"),
    **dict.fromkeys(("number", "pages", "seconds"), "number"),
    "local_date": "date",
    "local_hour": "number",
    "local_weekday": "text",
}
"""Properties that every session has a place for, by name. How it landed (landing, referrer, campaign, channel) is
told by its first page, where it is (url, path, host) by its newest; the local ones are computed from now and its zone,
and never stored."""

CONTEXT: dict[str, Type] = {
    **dict.fromkeys(("title", "search"), "text"),
    **_ANYWHERE,
    "ip": "text",
    "bot": "boolean",
}
"""What an event knows of where it happened, by name; `ip` is an address without its end, `bot` marks a machine's."""

FREE: dict[str, tuple[str, ...]] = {"session": ("query.", "cookies."), "context": ("query.",)}
"""How names begin that need no registration, by scope: whatever follows is a text."""


def is_free(scope: str, name: str) -> bool:
    """Return whether a name needs no registration: `session.query.gclid`, `session.cookies.theme`."""
    return any(name.startswith(prefix) and len(name) > len(prefix) for prefix in FREE.get(scope, ()))


INTEREST = "interests."
"""`user.interests["travel"]` is the weight of a topic; `user.interests` the topics that someone is interested in."""


class Schema(msgspec.Struct, frozen=True):
    """The registered properties of a site and the labels they are shown under.

    `types` maps (scope, name) to a type; `labels` maps `user.name` to what people call it. `events` lists the event
    names seen so far. An `open` schema, for a rule without a site, takes the type of an unknown property from what
    it is compared with; a closed one refuses it. `purposes` names the purpose of those that have another one than
    their scope's, `trusted` are the properties that only servers can write.
    """

    types: Mapping[tuple[str, str], Type] = {}
    labels: Mapping[str, str] = {}
    events: frozenset[str] = frozenset()
    open: bool = False
    purposes: Mapping[tuple[str, str], str] = {}
    trusted: frozenset[tuple[str, str]] = frozenset()

    def type_of(self, field: Field) -> Type | None:
        """Return the type of a property, or None for one that is not registered."""
        if field.scope == "session" and field.name in SESSION:
            return SESSION[field.name]
        if field.scope == "context" and field.name in CONTEXT:
            return CONTEXT[field.name]
        if field.scope == "user" and (field.name == "interests" or field.name.startswith(INTEREST)):
            return "list" if field.name == "interests" else "number"
        if is_free(field.scope, field.name):
            return "text"
        return self.types.get((field.scope, field.name))

    def names(self, scope: str) -> list[str]:
        """Return the known names of a scope."""
        fixed = {"session": SESSION, "context": CONTEXT}.get(scope, {})
        return [*fixed, *(name for of, name in self.types if of == scope)]


FUNCTIONS: dict[str, tuple[frozenset[Type], Type]] = {
    "lower": (frozenset({"text"}), "text"),
    "size": (frozenset({"list", "objects"}), "number"),
    "age": (frozenset({"date", "datetime"}), "number"),
    "days_until_anniversary": (frozenset({"date", "datetime"}), "number"),
    "weekday": (frozenset({"date", "datetime"}), "text"),
    "day": (frozenset({"date", "datetime"}), "number"),
    "month": (frozenset({"date", "datetime"}), "number"),
    "hour": (frozenset({"datetime"}), "number"),
}
"""Each function of a property: the types it takes and the type it gives."""

NEEDS_NOW = frozenset({"age", "days_until_anniversary"})
"""Functions that read the current day."""


def literal_type(value: Right, operator: str) -> Type:
    """Return the type of a right side; for a list, of its members, unless the operator looks into a list."""
    if operator in ("has", "has_any", "has_all"):
        return "list"
    if isinstance(value, tuple):
        value = value[0] if value else ""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, Date | Today):
        return "date"
    if isinstance(value, Datetime | Ago | Ahead):
        return "datetime"
    return "text"


def operand_type(operand: Operand, value: Right, operator: str, schema: Schema) -> Type:
    """Return the type that a condition's left side has once its functions are applied."""
    if isinstance(operand, Call):
        return FUNCTIONS[operand.function][1]
    return source_type(operand, value, operator, schema)


def source_type(operand: Operand, value: Right, operator: str, schema: Schema) -> Type:
    """Return the type of what an operand reads, before any function.

    A property never seen, and what a behaviour gives of one, has the type that the rule expects.
    """
    source = operand.of if isinstance(operand, Call) else operand
    known = known_type(source, schema)
    if known:
        return known
    if isinstance(operand, Call):
        takes = FUNCTIONS[operand.function][0]
        return "datetime" if "datetime" in takes and "date" not in takes else min(takes)
    kind = literal_type(value, operator)
    if isinstance(source, Behaviour) and kind not in MEASURES[source.measure].takes:
        return "number"
    return kind


def known_type(source: Field | Behaviour, schema: Schema) -> Type | None:
    """Return the type of a property or of what a behaviour gives, None where no data has settled it."""
    if isinstance(source, Field):
        return schema.type_of(source)
    return MEASURES[source.measure].gives or (schema.type_of(source.field) if source.field else None)


def measured_type(behaviour: Behaviour, given: Type, schema: Schema) -> Type:
    """Return the type under which the field of a behaviour is stored; `given` is what the behaviour gives."""
    row = MEASURES[behaviour.measure]
    if row.gives is None:
        return given
    if row.takes == frozenset({"number"}) or behaviour.field is None:
        return "number"
    return schema.type_of(behaviour.field) or "text"
