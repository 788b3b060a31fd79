"""The collect routes: Segment's wire, so that its unmodified libraries work (ADR 0003)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import msgspec

from lenticular.catalog.site import Signals
from lenticular.errors import LenticularError, Problem, StoreError
from lenticular.intake.clock import instant
from lenticular.intake.message import Accepted, Door, accepted
from lenticular.intake.refused import RefusedError
from lenticular.intake.sender import Sender
from lenticular.intake.trust import Guarded
from lenticular.ports import Clock
from lenticular.profiles.event import Event
from lenticular.web.asgi import (
    ASGI,
    BODY_SECONDS,
    BadBodyError,
    GoneError,
    Headers,
    Receive,
    Scope,
    Send,
    SlowBodyError,
    TooLargeError,
    answer,
    body_of,
    header,
    key_of,
)
from lenticular.web.cors import cors_headers, preflight
from lenticular.web.counts import Counts
from lenticular.web.sender import ReadSender

MAX_EVENT = 32 * 1024
MAX_BATCH = 500 * 1024
_RETRY_AFTER = b"2"

_SHORT = {"t": "track", "i": "identify", "p": "page", "g": "group", "a": "alias", "s": "screen", "b": "batch"}
_KINDS = ("identify", "track", "page", "screen", "group", "alias")
_ROUTES: dict[str, str] = {
    **{f"/v1/{kind}": kind for kind in (*_KINDS, "batch", "import")},
    **{f"/v1/{short}": kind for short, kind in _SHORT.items()},
    "/v1/m": "metrics",
}
_SUCCESS = b'{"success": true}'


class Taking(Protocol):
    """What takes in a site's events."""

    @property
    def types(self) -> Any:
        """The properties known at the door, a dict of (scope, name) to type; what is new is added to it."""

    @property
    def overloaded(self) -> bool:
        """Whether new events should be refused for a while."""

    async def accept(self, events: Sequence[Event]) -> None:
        """Return when the events are on disk. Raises StoreError."""


class SiteDoor(msgspec.Struct):
    """What a write key opens: what takes in the site's events, its clock, and how far the key is trusted.

    `trusted` is true for a secret key: it may import history and join two users. `new_id` makes the id of a message
    that has none; `guarded` is what it must not write; `signals` says what a browser's privacy signals withhold.
    """

    site: Taking
    clock: Clock
    new_id: Callable[[], str]
    trusted: bool = False
    guarded: Guarded = frozenset()
    signals: Signals = Signals()


class _Single(msgspec.Struct, rename="camel"):
    write_key: str | None = None


class _Batch(_Single, rename="camel"):
    sent_at: Any = None
    context: dict[str, Any] | None = None
    batch: list[msgspec.Raw] | None = None


class _RefusalError(Exception):
    def __init__(self, status: int, code: str, message: str, headers: Headers | None = None) -> None:
        self.status, self.code, self.message, self.headers = status, code, message, headers or []


_read_single = msgspec.json.Decoder(_Single).decode
_read_batch = msgspec.json.Decoder(_Batch).decode
_read = msgspec.json.Decoder().decode


def collect_app(
    sites: Callable[[str], SiteDoor | None],
    read_sender: ReadSender,
    body_seconds: float = BODY_SECONDS,
    counts: Counts | None = None,
) -> ASGI:
    """Return the ASGI application of the collect routes; `sites` gives the door that a write key opens.

    `read_sender` tells who sent a request; `body_seconds` is how long a body may take; `counts` counts what is refused.
    """
    refused = (counts or Counts()).refused

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "OPTIONS":
            await preflight(scope, send)
            return
        cors = cors_headers(scope)
        try:
            if scope["path"].startswith("/v1/projects/"):
                await answer(send, 200, _settings(sites, scope), cors)
                return
            kind = _kind(scope)
            body = await _body(scope, receive, MAX_EVENT if kind in _KINDS else MAX_BATCH, body_seconds)
            if kind != "metrics":
                await _collect(sites, scope, kind, body, read_sender)
            await answer(send, 200, _SUCCESS, cors)
        except _RefusalError as no:
            refused[no.code] += 1
            await answer(send, no.status, {"code": no.code, "message": no.message}, [*cors, *no.headers])
        except StoreError as error:
            problem = error.problems[0]
            refused[problem.code] += 1
            headers = [*cors, (b"retry-after", _RETRY_AFTER)]
            await answer(send, 503, {"code": problem.code, "message": problem.message}, headers)
        except GoneError:
            return

    return app


def _kind(scope: Scope) -> str:
    kind = _ROUTES.get(scope["path"])
    if kind is None:
        raise _RefusalError(404, "not_found", f"There is nothing at {scope['path']}.")
    if scope["method"] != "POST":
        raise _RefusalError(405, "bad_method", "Events are sent with POST.", [(b"allow", b"POST, OPTIONS")])
    return kind


async def _collect(
    sites: Callable[[str], SiteDoor | None], scope: Scope, kind: str, body: bytes, read_sender: ReadSender
) -> None:
    envelope = _envelope(_read_single if kind in _KINDS else _read_batch, body)
    door = _door(sites, scope, envelope)
    if door.site.overloaded:
        raise _RefusalError(
            429, "overloaded", "Too many events are waiting; send this again later.", [(b"retry-after", _RETRY_AFTER)]
        )
    # Nothing is awaited between here and `accept`: types are learned in the order in which the journal will lie.
    events = _events(door, kind, body, envelope, read_sender(scope, door.trusted))
    try:
        await door.site.accept(events)
    except StoreError as error:
        message = "The events could not be written; send them again."
        raise _RefusalError(503, error.problems[0].code, message, [(b"retry-after", _RETRY_AFTER)]) from error


async def collect_one(door: SiteDoor, message: dict[str, Any], sender: Sender) -> None:
    """Take one `track` message that came in another form. Raises LenticularError if it is refused, StoreError."""
    try:
        events = _events(door, "track", msgspec.json.encode(message), _Single(), sender)
    except _RefusalError as no:
        raise LenticularError(Problem(no.code, no.message)) from None
    if door.site.overloaded:
        raise StoreError(Problem("overloaded", "Too many events are waiting; send this again later."))
    await door.site.accept(events)


async def _body(scope: Scope, receive: Receive, limit: int, seconds: float) -> bytes:
    encoding = header(scope, b"content-encoding").strip().lower()
    if encoding not in (b"", b"identity", b"gzip"):
        raise _RefusalError(400, "bad_encoding", "The body's Content-Encoding must be gzip or absent.")
    try:
        return await body_of(scope, receive, encoding == b"gzip", limit, seconds)
    except SlowBodyError:
        message = f"The body did not come within {seconds:g} seconds; send it again."
        raise _RefusalError(408, "slow_body", message) from None
    except TooLargeError:
        what = "A message" if limit == MAX_EVENT else "A batch"
        raise _RefusalError(400, "too_large", f"{what} may have {limit // 1024} KB.") from None
    except BadBodyError:
        raise _RefusalError(400, "bad_encoding", "The body says gzip but can't be unpacked.") from None


def _envelope(read: Callable[[bytes], _Single], body: bytes) -> _Single:
    try:
        return read(body)
    except (msgspec.ValidationError, UnicodeDecodeError, RecursionError) as error:
        raise _RefusalError(400, "bad_message", f"The body is not as it should be: {error}.") from None
    except msgspec.DecodeError as error:
        raise _RefusalError(400, "bad_json", f"The body is not JSON: {error}.") from None


def _events(door: SiteDoor, kind: str, body: bytes, envelope: _Single, sender: Sender) -> list[Event]:
    """Return the events of a body, and learn the properties that they bring; all of them or none."""
    of_batch = isinstance(envelope, _Batch)
    entry = Door(
        received=door.clock(),
        new_id=door.new_id,
        kind=kind,
        trusted=door.trusted,
        sender=sender,
        guarded=door.guarded,
        withheld=door.signals.withheld(sender.signals) if sender.signals else (),
    )
    messages: list[msgspec.Raw] = [msgspec.Raw(body)]
    if isinstance(envelope, _Batch):
        if envelope.batch is None:
            raise _RefusalError(400, "bad_message", "A batch needs `batch`, a list of messages.")
        messages = envelope.batch
        entry = msgspec.structs.replace(
            entry,
            kind="",
            sent_at=_sent_at(envelope.sent_at),
            context=envelope.context or {},
            imported=kind == "import" and door.trusted,
        )
    types = door.site.types
    events: list[Event] = []
    learned: list[tuple[str, str]] = []
    for at, raw in enumerate(messages):
        result = _one(raw, types, entry)
        if isinstance(result, Problem):
            for name in learned:
                del types[name]
            where = f"batch[{at}]{result.place}" if of_batch else result.place.lstrip("/")
            message = " ".join(part for part in (f"{where}:" if where else "", result.message, result.hint) if part)
            raise _RefusalError(400, result.code, message)
        if result.new:
            types.update(result.new)
            learned += result.new
        events.append(result.event)
    return events


def _one(raw: msgspec.Raw, types: dict[tuple[str, str], str], entry: Door) -> Accepted | Problem:
    if len(raw) > MAX_EVENT:
        return Problem("too_large", f"A message may have {MAX_EVENT // 1024} KB.")
    try:
        message = _read(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Problem("bad_json", f"This is not JSON: {error}.")
    return accepted(message, types, entry)


def _sent_at(raw: Any) -> int | None:
    try:
        return instant(raw, "sentAt")
    except RefusedError as refused:
        raise _RefusalError(400, refused.problems[0].code, str(refused.problems[0])) from None


def _door(sites: Callable[[str], SiteDoor | None], scope: Scope, envelope: _Single) -> SiteDoor:
    """Return what the first key that opens anything opens: Basic, then Bearer, then the body's."""
    spoken = [key for key in (key_of(header(scope, b"authorization")), envelope.write_key) if key]
    for key in spoken:
        door = sites(key)
        if door is not None:
            return door
    hint = "Look at the site's write key." if spoken else "Send a site's write key: Basic, or `writeKey` in the body."
    raise _RefusalError(401, "bad_key", f"{'This write key is unknown' if spoken else 'There is no write key'}. {hint}")


def _settings(sites: Callable[[str], SiteDoor | None], scope: Scope) -> dict[str, Any]:
    """Return what Segment's browser library loads before it sends anything."""
    if scope["method"] not in ("GET", "HEAD"):
        raise _RefusalError(405, "bad_method", "Settings are read with GET.", [(b"allow", b"GET, HEAD, OPTIONS")])
    key, _, rest = scope["path"].removeprefix("/v1/projects/").partition("/")
    if rest != "settings" or sites(key) is None:
        raise _RefusalError(404, "not_found", "There is no site with this write key.")
    host = header(scope, b"host").decode("latin-1") or "127.0.0.1"
    return {
        "integrations": {"Segment.io": {"apiKey": key, "apiHost": f"{host}/v1", "protocol": scope["scheme"]}},
        "plan": {"track": {"__default": {"enabled": True, "integrations": {}}}},
        "metrics": {"sampleRate": 0},
    }
