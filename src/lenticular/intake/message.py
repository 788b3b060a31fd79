"""A Segment message -> a normalised event, or the problem with it (Segment's spec, Common Fields)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from lenticular.criteria.tables import Type
from lenticular.errors import Problem
from lenticular.intake.clock import event_time, instant
from lenticular.intake.consent import consent_with
from lenticular.intake.context import context_values
from lenticular.intake.refused import RefusedError, refuse
from lenticular.intake.sender import NOBODY, Sender
from lenticular.intake.trust import Guarded, set_aside
from lenticular.intake.values import Scope, Typed, Types, sound, typed_values
from lenticular.intake.visit import visit_values
from lenticular.profiles.event import Event, EventType
from lenticular.profiles.fold import IMPRESSION

MAX_ID = 255
_TYPES: dict[str, EventType] = {
    "track": "track",
    "identify": "identify",
    "page": "page",
    "screen": "screen",
    "group": "group",
    "alias": "alias",
}
_NAMES: dict[str, str] = {"page": "Page Viewed", "screen": "Screen Viewed"}
_NOTHING: dict[str, Any] = {}
_NO_VALUES = Typed()


class Door(msgspec.Struct, frozen=True):
    """What a message does not say of itself.

    `received` and `sent_at` are milliseconds; `kind` is the message's type where the address says it;
    `context` is the batch's; `trusted` came with a secret key; `imported` keeps the message's own time,
    even one to come; `sender` is the visitor's browser, if it is that which speaks; `guarded` is what it must not
    write; `withheld` are the purposes that its signals withhold.
    """

    received: int
    new_id: Callable[[], str]
    kind: str = ""
    sent_at: int | None = None
    context: Mapping[str, Any] = _NOTHING
    trusted: bool = False
    imported: bool = False
    sender: Sender = NOBODY
    guarded: Guarded = frozenset()
    withheld: tuple[str, ...] = ()


class Accepted(msgspec.Struct, gc=False):
    """A normalised event and the properties that it brought for the first time."""

    event: Event
    new: dict[tuple[str, str], Type]


def accepted(raw: Any, types: Types, door: Door) -> Accepted | Problem:
    """Return what a message becomes, or why it is refused; a problem's place is a path into the message."""
    try:
        return _accepted(raw, types, door)
    except RefusedError as refused:
        return refused.problems[0]


def _accepted(raw: Any, types: Types, door: Door) -> Accepted:
    if not isinstance(raw, dict):
        raise refuse("bad_message", "A message must be a JSON object.", "")
    kind = _kind(door.kind or raw.get("type"))
    context = _object(raw, "context")
    if door.context:
        context = {**door.context, **context}
    properties = _properties(raw, kind)
    typed = _typed_properties(properties, kind, types)
    traits = _traits(raw, kind, context, types)
    visit = visit_values(context, types) if context else _NO_VALUES
    if door.guarded:
        scope: Scope = "organization" if kind == "group" else "event"
        typed = set_aside(typed, scope, door.guarded, types)
        traits = set_aside(traits, "user", door.guarded, types)
        visit = set_aside(visit, "session", door.guarded, types)
    user_id, anonymous_id, previous_id = _ids(raw, kind)
    event = Event(
        type=kind,
        message_id=_impression_id(kind, raw, typed) or _id(raw, "messageId") or door.new_id(),
        time=_time(raw, door),
        received=door.received,
        anonymous_id=anonymous_id,
        user_id=user_id,
        name=_NAMES.get(kind) or (_event_name(raw) if kind == "track" else ""),
        properties=typed.values,
        traits=traits.values,
        removed=traits.removed,
        context=context_values(context, properties if kind == "page" else _NOTHING, door.sender, door.trusted),
        previous_id=previous_id,
        imported=door.imported,
        trusted=door.trusted,
        session=visit.values,
        consent=consent_with(context, door.withheld) if context or door.withheld else _NOTHING,
        group_id=_id(raw, "groupId") if kind == "group" else "",
        group_removed=typed.removed if kind == "group" else (),
        active=kind != "group" or _is_active(context),
    )
    return Accepted(event, {} if event.bot else {**typed.new, **traits.new, **visit.new})


def _impression_id(kind: EventType, raw: Mapping[str, Any], typed: Typed) -> str:
    """An impression counts once by its decision and item, however often a page tells of it."""
    if kind != "track" or raw.get("event") != IMPRESSION:
        return ""
    item, decision = typed.values.get("t_item"), typed.values.get("t_decision")
    return f"{decision}:{item}" if isinstance(item, str) and isinstance(decision, str) and item and decision else ""


def _kind(raw: Any) -> EventType:
    kind = _TYPES.get(raw) if isinstance(raw, str) else None
    if kind is None:
        raise refuse("bad_type", f"{raw!r:.40} is not a message type.", "/type", f"Use one of {', '.join(_TYPES)}.")
    return kind


def _object(raw: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = raw.get(name)
    if found is None:
        return _NOTHING
    if not isinstance(found, dict):
        raise refuse("bad_message", f"`{name}` must be a JSON object.", f"/{name}")
    return found


def _properties(raw: Mapping[str, Any], kind: EventType) -> dict[str, Any]:
    if kind in ("identify", "alias"):
        return _NOTHING
    if kind == "group":
        # The group's traits describe an organization, not a profile, and its id is its group id.
        return {name: value for name, value in _object(raw, "traits").items() if name != "id"}
    properties = _object(raw, "properties")
    if kind == "track":
        return properties
    spoken = {name: raw[name] for name in ("name", "category") if isinstance(raw.get(name), str) and raw[name]}
    return {**properties, **spoken} if spoken else properties


def _typed_properties(properties: Mapping[str, Any], kind: EventType, types: Types) -> Typed:
    if kind == "group":
        return typed_values(properties, "organization", types, "/traits") if properties else Typed()
    return typed_values(properties, "event", types, "/properties") if properties else Typed()


def _traits(raw: Mapping[str, Any], kind: EventType, context: Mapping[str, Any], types: Types) -> Typed:
    about = context.get("traits")
    traits = about if isinstance(about, dict) else _NOTHING
    if kind == "identify":
        own = _object(raw, "traits")
        traits = {**traits, **own} if traits else own
    return typed_values(traits, "user", types, "/traits") if traits else Typed()


def _is_active(context: Mapping[str, Any]) -> bool:
    active = context.get("active", True)
    if active is not None and not isinstance(active, bool):
        raise refuse("bad_message", "`active` must be true or false.", "/context/active", "Send false to leave.")
    return active is not False


def _ids(raw: Mapping[str, Any], kind: EventType) -> tuple[str, str, str]:
    user_id, anonymous_id = _id(raw, "userId"), _id(raw, "anonymousId")
    previous_id = _id(raw, "previousId") if kind == "alias" else ""
    if kind == "alias" and not (user_id and previous_id):
        raise refuse("no_id", "An alias needs `userId` and `previousId`.", "", "Send both.")
    if kind == "group" and not _id(raw, "groupId"):
        raise refuse("no_id", "A group needs a `groupId`.", "", "Send it.")
    if not (user_id or anonymous_id):
        raise refuse("no_id", "The message names nobody.", "", "Send `userId` or `anonymousId`.")
    return user_id, anonymous_id, previous_id


def _id(raw: Mapping[str, Any], name: str) -> str:
    found = raw.get(name)
    if found is None:
        return ""
    if type(found) is not str:
        found = _id_of_number(found, name)
    if len(found) > MAX_ID:
        raise refuse("bad_id", f"`{name}` is longer than {MAX_ID} characters.", f"/{name}", "Shorten it.")
    return sound(found, "", name)


def _id_of_number(found: Any, name: str) -> str:
    if isinstance(found, float) and found.is_integer() and abs(found) < 1e16:
        found = int(found)
    if isinstance(found, int) and not isinstance(found, bool) and abs(found) < 1 << 63:
        return str(found)
    raise refuse("bad_id", f"`{name}` must be a text or a whole number.", f"/{name}")


def _event_name(raw: Mapping[str, Any]) -> str:
    name = raw.get("event")
    if not isinstance(name, str) or not name:
        raise refuse("no_event", "A track needs the name of its event.", "/event", 'Send "event": "Order Completed".')
    if len(name) > MAX_ID:
        raise refuse("bad_name", f"The event's name is longer than {MAX_ID} characters.", "/event", "Shorten it.")
    return sound(name, "", "event")


def _time(raw: Mapping[str, Any], door: Door) -> int:
    spoken = raw.get("timestamp")
    timestamp = instant(spoken if spoken is not None else raw.get("originalTimestamp"), "/timestamp")
    if door.imported:
        return timestamp if timestamp is not None else door.received
    sent = raw.get("sentAt")
    return event_time(timestamp, door.sent_at if sent is None else instant(sent, "/sentAt"), door.received)
