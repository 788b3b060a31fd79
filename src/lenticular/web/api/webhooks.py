"""What the admin API does with webhooks."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, delete, get, post, put
from litestar.di import Provide
from litestar.params import JSONBody, Parameter

from lenticular.app.webhooks.hooks import Hooks
from lenticular.app.webhooks.webhooks import (
    GivenSecret,
    NewWebhook,
    WebhookChange,
    WebhookLog,
    WebhookView,
    add_webhook,
    change_webhook,
    log_of,
    remove_webhook,
    rotate,
    send_again,
    test_webhook,
    webhooks,
)
from lenticular.errors import LenticularError, Problem
from lenticular.web.api.author import Asker, By, actor_of, author_of
from lenticular.web.api.paging import page_size
from lenticular.web.api.place import AtSite, site_place
from lenticular.web.api.record import note
from lenticular.web.api.segments import Limit
from lenticular.webhooks.delivery import Attempt
from lenticular.webhooks.webhook import Event

WebhookId = Annotated[str, Parameter(description="The id of a webhook.")]
DeliveryId = Annotated[str, Parameter(description="The id of a delivery: its `webhook-id`.")]
Incoming = Request[Any, Any, Any]
_MOST_HOURS = 720


class NewSecret(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new secret: for how many hours the one before signs too; 0 for not at all."""

    overlap: int = 24


class Sample(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a test sends a sample of; left out, the first event that the webhook is told."""

    event: Event | None = None


class WebhookList(msgspec.Struct, frozen=True):
    """The webhooks of a site, the oldest first."""

    webhooks: list[WebhookView]


class WebhooksController(Controller):
    """Who is told by HTTP what happens at a site."""

    path = "/api/sites/{key:str}/webhooks"
    tags = ("Webhooks",)
    dependencies = {  # noqa: RUF012  # Litestar's form
        "site": Provide(site_place),
        "actor": Provide(actor_of),
        "author": Provide(author_of),
    }

    @get("/", summary="The webhooks of a site")
    async def webhooks(self, site: AtSite, actor: Asker) -> WebhookList:
        """List webhooks. Of a URL only admins see more than where it leads."""
        return WebhookList(await webhooks(_of(site), site.site, actor.may("admin", site.key)))

    @post("/", summary="Add a webhook", status_code=201)
    async def add(self, request: Incoming, site: AtSite, author: By, data: JSONBody[NewWebhook]) -> GivenSecret:
        """Add a webhook; its secret is shown this once."""
        found = await add_webhook(_of(site), site.site, data, author)
        note(request, found.webhook.id, f"added the webhook {_called(found.webhook)}: {_told(found.webhook)}")
        return found

    @put("/{webhook:str}", summary="Change a webhook", status_code=200)
    async def change(
        self, request: Incoming, site: AtSite, webhook: WebhookId, data: JSONBody[WebhookChange]
    ) -> WebhookView:
        """Change a webhook, or switch it on or off. Off, what waits for it is given up."""
        found = await change_webhook(_of(site), site.site, webhook, data)
        said = f"changed the webhook {_called(found)} (revision {found.revision}): {_told(found)}"
        note(request, found.id, said)
        return found

    @delete("/{webhook:str}", summary="Remove a webhook", status_code=204)
    async def remove(self, request: Incoming, site: AtSite, webhook: WebhookId) -> None:
        """Remove a webhook, with its log and what waits for it."""
        found = await remove_webhook(_of(site), site.site, webhook)
        note(request, found.id, f"removed the webhook {found.name or found.id}")

    @post("/{webhook:str}/secret", summary="Give a webhook a new secret", status_code=200)
    async def secret(self, site: AtSite, webhook: WebhookId, data: JSONBody[NewSecret]) -> GivenSecret:
        """Make a new secret, shown this once; for a while the one before signs too."""
        if not 0 <= data.overlap <= _MOST_HOURS:
            raise LenticularError(Problem("webhook.overlap", f"From 0 to {_MOST_HOURS} hours.", "overlap"))
        return await rotate(_of(site), site.site, webhook, data.overlap * 3_600_000)

    @post("/{webhook:str}/test", summary="Send a sample now", status_code=200)
    async def test(self, site: AtSite, webhook: WebhookId, data: JSONBody[Sample]) -> Attempt:
        """Send a sample, and return what came back."""
        return await test_webhook(_of(site), site.site, webhook, data.event)

    @get("/{webhook:str}/log", summary="How telling a webhook went")
    async def log(self, site: AtSite, webhook: WebhookId, limit: Limit = 100) -> WebhookLog:
        """Return the newest tries and deliveries; the newest hundred of each are kept."""
        return await log_of(_of(site), site.site, webhook, page_size(limit))

    @post("/{webhook:str}/deliveries/{delivery:str}/again", summary="Send a delivery again", status_code=204)
    async def again(self, site: AtSite, webhook: WebhookId, delivery: DeliveryId) -> None:
        """Send what was delivered or given up once more, under the same id."""
        await send_again(_of(site), site.site, webhook, delivery)


def _of(site: AtSite) -> Hooks:
    return site.installation.hooks


def _called(webhook: WebhookView) -> str:
    return webhook.name or webhook.id


def _told(webhook: WebhookView) -> str:
    """Return what a webhook is told, as the audit log says it; of its URL no more than where it leads."""
    scheme, _, rest = webhook.url.partition("://")
    of = f" of {', '.join(webhook.segments)}" if webhook.segments else ""
    state = "" if webhook.on else ", switched off"
    return f"{', '.join(webhook.events)}{of} to {scheme}://{rest.partition('/')[0].partition('?')[0]}{state}"
