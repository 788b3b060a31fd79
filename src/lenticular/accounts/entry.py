"""A line of the audit log."""

from __future__ import annotations

import msgspec

_MOST = 500


class Entry(msgspec.Struct, frozen=True):
    """At `at` (ms), `who` (a name, and an id if it has one) did `what`, at a site or at none, from an address.

    `what` is for programs (`POST /api/users`, `sign-in`, `sign-in.refused`); `sentence` says it in words. `id`
    counts up.
    """

    at: int
    who: str
    who_id: str
    what: str
    site: str
    target: str
    sentence: str
    address: str = ""
    id: int = 0


class Wanted(msgspec.Struct, frozen=True):
    """Which entries: with a text in them, by someone (name or id), of a kind, at a site, in [since, until)."""

    text: str = ""
    who: str = ""
    what: str = ""
    site: str = ""
    since: int | None = None
    until: int | None = None


def sound(entry: Entry) -> Entry:
    """Return an entry as every database takes it: no NUL, nothing endless."""
    fields = {name: getattr(entry, name) for name in ("who", "who_id", "what", "site", "target", "sentence", "address")}
    short = {name: _sound(value) for name, value in fields.items()}
    return msgspec.structs.replace(entry, **short)


def _sound(text: str) -> str:
    return text[:_MOST].encode("utf-8", "replace").decode().replace("\0", "\ufffd")
