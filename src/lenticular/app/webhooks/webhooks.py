"""What people do with webhooks: look, add, change, remove, try, send again."""

from __future__ import annotations

import secrets
from typing import TypeVar

import msgspec

from lenticular.app.site import LiveSite
from lenticular.app.webhooks.checked import check, unknown_segments
from lenticular.app.webhooks.hooks import Hooks
from lenticular.catalog.author import Author
from lenticular.errors import ConflictError, LenticularError, Problem
from lenticular.webhooks.delivery import Attempt, Delivery
from lenticular.webhooks.payload import sample
from lenticular.webhooks.signature import secret_of
from lenticular.webhooks.target import target_of
from lenticular.webhooks.webhook import OVERLAP, Event, Webhook

T = TypeVar("T")
_MOST = 20


class NewWebhook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A webhook to add: what goes where. `segments` are those whose moves it is told, with these `traits` of people."""

    url: str
    events: tuple[Event, ...]
    name: str = ""
    segments: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    on: bool = True


class WebhookChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be different about a webhook; what is left out, or null, stays.

    With a `revision`, that one is changed or none.
    """

    url: str | None = None
    events: tuple[Event, ...] | None = None
    name: str | None = None
    segments: tuple[str, ...] | None = None
    traits: tuple[str, ...] | None = None
    on: bool | None = None
    revision: int | None = None


class WebhookView(msgspec.Struct, frozen=True, rename="camel"):
    """A webhook, without its secret. Who is no admin sees of the URL where it leads, and not more.

    `reason` says why it was switched off by itself, `failing` since when (ms) nothing has got through, `waiting` how
    many deliveries wait, `old_secret_until` how long the secret before the newest signs too. `problems` are names of
    segments that are not there any more.
    """

    id: str
    name: str
    url: str
    events: tuple[Event, ...]
    segments: tuple[str, ...]
    traits: tuple[str, ...]
    on: bool
    reason: str
    author: Author
    created: int
    revision: int
    failing: int | None
    waiting: int
    old_secret_until: int | None
    problems: list[Problem]


class GivenSecret(msgspec.Struct, frozen=True):
    """A webhook, and its new secret, which is shown this once."""

    webhook: WebhookView
    secret: str


class WebhookLog(msgspec.Struct, frozen=True):
    """The newest tries of a webhook, and the newest of what it was or is to be told."""

    attempts: list[Attempt]
    deliveries: list[Delivery]


async def webhooks(hooks: Hooks, site: LiveSite, whole: bool) -> list[WebhookView]:
    """Return the webhooks of a site, the oldest first; with whole URLs or without. Raises StoreError."""
    waiting = await site.in_store(hooks.store.waiting)
    found = await site.in_store(hooks.store.webhooks, site.key)
    return [_view(site, one, waiting.get(one.id, 0), whole) for one in found]


async def add_webhook(hooks: Hooks, site: LiveSite, new: NewWebhook, author: Author) -> GivenSecret:
    """Add a webhook, with a secret of its own. Raises LenticularError for what is wrong, StoreError."""
    if len(await site.in_store(hooks.store.webhooks, site.key)) >= _MOST:
        raise LenticularError(Problem("webhook.many", f"A site has at most {_MOST} webhooks.", hint="Remove one."))
    now, secret = site.clock(), _new_secret()
    webhook = Webhook(
        id=site.new_id(),
        site=site.key,
        name=new.name.strip(),
        url=new.url,
        events=_once(new.events),
        segments=_once(new.segments),
        traits=_once(new.traits),
        on=new.on,
        secret=secret,
        author=author,
        created=now,
        ended=now,
    )
    check(site, webhook, hooks.courier.sender.allowed)
    await site.in_store(hooks.store.put, webhook, 0)
    await hooks.changed(site)
    return GivenSecret(_view(site, webhook, 0, True), secret)


async def change_webhook(hooks: Hooks, site: LiveSite, identity: str, change: WebhookChange) -> WebhookView:
    """Change a webhook; switched on again, it is told of what comes then. Raises LenticularError, ConflictError."""
    before = await webhook_of(hooks, site, identity)
    if change.revision not in (None, before.revision):
        raise ConflictError(Problem("webhook.changed", "The webhook was changed meanwhile.", hint="Look at it again."))
    given = {name: getattr(change, name) for name in WebhookChange.__struct_fields__ if name != "revision"}
    values = {name: value for name, value in given.items() if value is not None}
    values |= {name: _once(values[name]) for name in ("events", "segments", "traits") if name in values}
    after = msgspec.structs.replace(before, **values, revision=before.revision + 1)
    if after.on and not before.on:
        after = msgspec.structs.replace(after, reason="", failing=None, ended=site.clock())
    if after.url != before.url:
        after = msgspec.structs.replace(after, failing=None)
    check(site, after, hooks.courier.sender.allowed)
    await site.in_store(hooks.store.put, after, before.revision)
    await hooks.changed(site)
    return _view(site, after, await _waiting(hooks, site, after), True)


async def remove_webhook(hooks: Hooks, site: LiveSite, identity: str) -> Webhook:
    """Remove a webhook; what waits for it is not sent any more. Raises LenticularError, StoreError."""
    found = await webhook_of(hooks, site, identity)
    await site.in_store(hooks.store.remove, found.id)
    await hooks.changed(site)
    return found


async def rotate(hooks: Hooks, site: LiveSite, identity: str, overlap: int = OVERLAP) -> GivenSecret:
    """Give a webhook a new secret; the one before signs too for so many ms. Raises LenticularError, ConflictError."""
    before = await webhook_of(hooks, site, identity)
    secret = _new_secret()
    old = before.secret if overlap > 0 else ""
    after = msgspec.structs.replace(
        before, secret=secret, old_secret=old, old_until=site.clock() + overlap, revision=before.revision + 1
    )
    await site.in_store(hooks.store.put, after, before.revision)
    return GivenSecret(_view(site, after, await _waiting(hooks, site, after), True), secret)


async def log_of(hooks: Hooks, site: LiveSite, identity: str, limit: int) -> WebhookLog:
    """Return how tries to tell a webhook went. Raises LenticularError, StoreError."""
    found = await webhook_of(hooks, site, identity)
    attempts = await site.in_store(hooks.store.attempts, found.id, limit)
    return WebhookLog(attempts, await site.in_store(hooks.store.deliveries, found.id, limit))


async def test_webhook(hooks: Hooks, site: LiveSite, identity: str, event: Event | None) -> Attempt:
    """Send a sample now, also to a webhook that is off; return what came back. Raises LenticularError, StoreError."""
    found = await webhook_of(hooks, site, identity)
    told, now = event or found.events[0], site.clock()
    body = sample(told, site.key, found.segments[0] if found.segments else "", now)
    delivery = Delivery(f"test_{site.new_id()}", found.id, told, "test", body, now, now)
    _, attempt = await hooks.courier.post(found, delivery)
    return await site.in_store(hooks.store.noted, attempt)


async def send_again(hooks: Hooks, site: LiveSite, identity: str, delivery: str) -> None:
    """Let a delivery wait once more, under the id that it has. Raises LenticularError, ConflictError, StoreError."""
    found = await webhook_of(hooks, site, identity)
    if not found.on:
        raise ConflictError(Problem("webhook.off", "The webhook is switched off.", hint="Switch it on first."))
    if not await site.in_store(hooks.store.again, found.id, delivery, site.clock()):
        hint = "Only the newest are kept: look at its log."
        raise LenticularError(Problem("delivery.unknown", "There is no such delivery.", hint=hint))
    hooks.courier.wake()


async def webhook_of(hooks: Hooks, site: LiveSite, identity: str) -> Webhook:
    """Return a webhook of a site. Raises LenticularError if there is none, StoreError."""
    found = await site.in_store(hooks.store.webhook, site.key, identity)
    if found is None:
        raise LenticularError(Problem("webhook.unknown", "There is no such webhook.", hint="Look at the list of them."))
    return found


async def _waiting(hooks: Hooks, site: LiveSite, webhook: Webhook) -> int:
    return (await site.in_store(hooks.store.waiting)).get(webhook.id, 0)


def _view(site: LiveSite, webhook: Webhook, waiting: int, whole: bool) -> WebhookView:
    told = {name: getattr(webhook, name) for name in WebhookView.__struct_fields__ if hasattr(webhook, name)}
    if not whole:
        target = target_of(webhook.url)
        told["url"] = f"{target.scheme}://{target.authority}/…"
    until = webhook.old_until if webhook.old_secret and site.clock() < webhook.old_until else None
    problems = unknown_segments(site, webhook)
    return WebhookView(**told, waiting=waiting, old_secret_until=until, problems=problems)


def _new_secret() -> str:
    return secret_of(secrets.token_bytes(32))


def _once(names: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(names))
