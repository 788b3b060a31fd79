"""What keeps webhooks, what waits for them, and how tries went."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from lenticular.accounts.entry import Entry
from lenticular.catalog.stored import Publication, Revision
from lenticular.jobs.job import Job
from lenticular.webhooks.delivery import Attempt, Delivery
from lenticular.webhooks.webhook import Webhook


class WebhookStore(Protocol):
    """Webhooks, what waits for them, and how tries went. Called from threads; each call is one transaction.

    All raise StoreError when the database can't be asked.
    """

    def webhooks(self, site: str | None = None) -> list[Webhook]:
        """Return the webhooks of a site, or of all, the oldest first."""

    def webhook(self, site: str, identity: str) -> Webhook | None:
        """Return one webhook."""

    def put(self, webhook: Webhook, before: int) -> None:
        """Write a webhook whose revision is `before` (0: it is new).

        Switched on, it is told of what comes from now on; switched off, what waits is given up. Raises ConflictError if
        it was changed meanwhile.
        """

    def remove(self, identity: str) -> None:
        """Delete a webhook, with all that waits for it and its log."""

    def published_since(self, site: str, place: int) -> list[tuple[int, Publication, list[Revision]]]:
        """Return what was published after a place, in order, with each place and the revisions that it brought."""

    def failed_since(self, site: str, ended: int) -> list[Job]:
        """Return the jobs of a site, and of none, that failed after a moment (ms), in order."""

    def told(self, webhook: Webhook, place: int, ended: int, new: Sequence[Delivery]) -> None:
        """Keep what a webhook is to be told, and up to where; nothing if another process was faster."""

    def moved(self, site: str) -> int:
        """Return up to which move of a person all webhooks of a site have been told."""

    def told_moves(self, site: str, upto: int, new: Sequence[Delivery]) -> None:
        """Keep what is to be told of moves up to one; nothing if they were told already."""

    def begin_moves(self, site: str, last: int) -> None:
        """Note the newest move that there ever was: after a restore the count may be ahead of it."""

    def waiting(self) -> dict[str, int]:
        """Return for how many deliveries each webhook waits."""

    def next(self, webhook: str) -> list[Delivery]:
        """Return the first delivery in line, and the first of those that were taken out of it."""

    def tried(self, delivery: Delivery, attempt: Attempt, failing: int | None, off: Entry | None) -> None:
        """Write how a try went and what becomes of the delivery; `off` switches the webhook off, and says why."""

    def noted(self, attempt: Attempt) -> Attempt:
        """Write how a test went; return it with its id."""

    def attempts(self, webhook: str, limit: int) -> list[Attempt]:
        """Return the newest tries."""

    def deliveries(self, webhook: str, limit: int) -> list[Delivery]:
        """Return the newest deliveries."""

    def again(self, webhook: str, delivery: str, now: int) -> bool:
        """Let a delivery wait once more; False if it is not there."""
