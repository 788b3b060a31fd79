"""Rows of the tables of webhooks, and what they stand for."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Row

from lenticular.catalog.author import Author
from lenticular.stores.sql.rows import as_json, author_columns, clean
from lenticular.webhooks.delivery import Attempt, Delivery
from lenticular.webhooks.webhook import Event, Webhook

_events = msgspec.json.Decoder(tuple[Event, ...])
_names = msgspec.json.Decoder(tuple[str, ...])


def webhook(row: Row[Any]) -> Webhook:
    """Return the webhook of a row."""
    named = dict(row._mapping)
    author = Author(named.pop("author"), named.pop("author_id"))
    named["events"] = _events.decode(named["events"])
    named |= {name: _names.decode(named[name]) for name in ("segments", "traits")}
    return Webhook(**named, author=author)


def webhook_columns(one: Webhook) -> dict[str, Any]:
    """Return the columns of a webhook."""
    values = {name: getattr(one, name) for name in Webhook.__struct_fields__ if name != "author"}
    values |= {name: as_json(getattr(one, name)) for name in ("events", "segments", "traits")}
    return {**values, **author_columns(one.author), "name": clean(one.name), "reason": clean(one.reason)}


def delivery(row: Row[Any]) -> Delivery:
    """Return the delivery of a row."""
    return Delivery(**row._mapping)


def delivery_columns(one: Delivery) -> dict[str, Any]:
    """Return the columns of a delivery that is new: the database numbers it."""
    values = msgspec.structs.asdict(one)
    del values["number"]
    return {**values, "subject": clean(one.subject), "body": clean(one.body)}


def attempt(row: Row[Any]) -> Attempt:
    """Return the try of a row."""
    return Attempt(**row._mapping)


def attempt_columns(one: Attempt) -> dict[str, Any]:
    """Return the columns of a try that is new."""
    values = msgspec.structs.asdict(one)
    del values["id"]
    return {**values, "error": clean(one.error), "answer": clean(one.answer)}
