"""Webhooks in a relational database: `ports.WebhookStore`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from lenticular.accounts.entry import Entry
from lenticular.catalog.stored import Publication, Revision
from lenticular.errors import ConflictError, Problem
from lenticular.jobs.job import Job
from lenticular.stores.sql import audit, publications
from lenticular.stores.sql import webhook_rows as rows
from lenticular.stores.sql.database import SqlDatabase
from lenticular.stores.sql.jobs import failed_since
from lenticular.stores.sql.rows import publication
from lenticular.stores.sql.tables import PUBLICATIONS
from lenticular.stores.sql.webhook_tables import ATTEMPTS, DELIVERIES, MOVED, WEBHOOKS
from lenticular.webhooks.delivery import KEPT, Attempt, Delivery
from lenticular.webhooks.retry import IN_LINE
from lenticular.webhooks.webhook import Webhook

_OF, _D = WEBHOOKS.c, DELIVERIES.c
_PAGE = 100


class SqlWebhooks:
    """Each call is one transaction, of the thread that calls."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def webhooks(self, site: str | None = None) -> list[Webhook]:
        """Return the webhooks of a site, or of all, the oldest first."""
        query = select(WEBHOOKS).order_by(_OF.created, _OF.id)
        with self._database.read() as connection:
            return [
                rows.webhook(row)
                for row in connection.execute(query if site is None else query.where(_OF.site == site))
            ]

    def webhook(self, site: str, identity: str) -> Webhook | None:
        """Return one webhook."""
        query = select(WEBHOOKS).where(_OF.site == site, _OF.id == identity)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return None if row is None else rows.webhook(row)

    def put(self, webhook: Webhook, before: int) -> None:
        """Write a webhook whose revision is `before`. Raises ConflictError."""
        values = rows.webhook_columns(webhook)
        with self._database.write() as connection:
            was = connection.execute(select(_OF.revision, _OF.on).where(_OF.id == webhook.id).with_for_update()).first()
            if (was.revision if was else 0) != before:
                message = "The webhook was changed meanwhile."
                raise ConflictError(Problem("webhook.changed", message, hint="Look at it again."))
            if webhook.on and not (was and was.on):
                newest = select(func.max(PUBLICATIONS.c.place)).where(PUBLICATIONS.c.site == webhook.site)
                values["place"] = connection.execute(newest).scalar() or 0
            if was is None:
                connection.execute(insert(WEBHOOKS).values(values))
                return
            connection.execute(update(WEBHOOKS).where(_OF.id == webhook.id).values(values))
            if not webhook.on:
                _give_up(connection, webhook.id)

    def remove(self, identity: str) -> None:
        """Delete a webhook, with all that waits for it and its log."""
        with self._database.write() as connection:
            connection.execute(delete(WEBHOOKS).where(_OF.id == identity))

    def published_since(self, site: str, place: int) -> list[tuple[int, Publication, list[Revision]]]:
        """Return what was published after a place, in order."""
        of = PUBLICATIONS.c
        query = select(PUBLICATIONS).where(of.site == site, of.state == "done", of.place > place)
        with self._database.read() as connection:
            found = connection.execute(query.order_by(of.place).limit(_PAGE)).all()
            return [(row.place, publication(row), publications.brought(connection, row.id)) for row in found]

    def failed_since(self, site: str, ended: int) -> list[Job]:
        """Return the jobs of a site, and of none, that failed after a moment, in order."""
        with self._database.read() as connection:
            return failed_since(connection, site, ended, _PAGE)

    def told(self, webhook: Webhook, place: int, ended: int, new: Sequence[Delivery]) -> None:
        """Keep what a webhook is to be told, and up to where."""
        same = (_OF.id == webhook.id) & (_OF.place == webhook.place) & (_OF.ended == webhook.ended) & _OF.on
        with self._database.write() as connection:
            change = update(WEBHOOKS).where(same).values(place=place, ended=ended)
            if connection.execute(change).rowcount == 1:
                _keep(connection, new)

    def moved(self, site: str) -> int:
        """Return up to which move of a person all webhooks of a site have been told."""
        with self._database.read() as connection:
            return connection.execute(select(MOVED.c.upto).where(MOVED.c.site == site)).scalar() or 0

    def told_moves(self, site: str, upto: int, new: Sequence[Delivery]) -> None:
        """Keep what is to be told of moves up to one; nothing if they were told already."""
        with self._database.write() as connection:
            start = _insert(connection, MOVED).values(site=site, upto=0).on_conflict_do_nothing()
            connection.execute(start)
            change = update(MOVED).where(MOVED.c.site == site, MOVED.c.upto < upto).values(upto=upto)
            if connection.execute(change).rowcount == 1:
                _keep(connection, new)

    def begin_moves(self, site: str, last: int) -> None:
        """Note the newest move that there ever was."""
        with self._database.write() as connection:
            connection.execute(update(MOVED).where(MOVED.c.site == site, MOVED.c.upto > last).values(upto=last))

    def waiting(self) -> dict[str, int]:
        """Return for how many deliveries each webhook waits."""
        query = select(_D.webhook, func.count().label("number")).where(_D.state == "waiting").group_by(_D.webhook)
        with self._database.read() as connection:
            return {row.webhook: row.number for row in connection.execute(query)}

    def next(self, webhook: str) -> list[Delivery]:
        """Return the first delivery in line, and the first of those that were taken out of it."""
        waiting = select(DELIVERIES).where(_D.webhook == webhook, _D.state == "waiting").limit(1)
        in_line = waiting.where(_D.attempts < IN_LINE).order_by(_D.number)
        late = waiting.where(_D.attempts >= IN_LINE).order_by(_D.due, _D.number)
        with self._database.read() as connection:
            found = [connection.execute(query).first() for query in (in_line, late)]
        return [rows.delivery(row) for row in found if row is not None]

    def tried(self, delivery: Delivery, attempt: Attempt, failing: int | None, off: Entry | None) -> None:
        """Write how a try went and what becomes of the delivery; `off` switches the webhook off, and says why."""
        values = {"state": delivery.state, "attempts": delivery.attempts, "due": delivery.due}
        with self._database.write() as connection:
            own = _OF.id == delivery.webhook
            if connection.execute(update(WEBHOOKS).where(own).values(failing=failing)).rowcount == 0:
                return  # it was removed meanwhile
            connection.execute(update(DELIVERIES).where(_D.id == delivery.id).values(values))
            _note(connection, attempt)
            if off is not None:
                switched = {"on": False, "reason": off.sentence, "revision": _OF.revision + 1}
                connection.execute(update(WEBHOOKS).where(own).values(switched))
                _give_up(connection, delivery.webhook)
                audit.note(connection, off)
            if delivery.state != "waiting" or off is not None:
                _forget(connection, DELIVERIES, _D.number, (_D.webhook == delivery.webhook) & (_D.state != "waiting"))

    def noted(self, attempt: Attempt) -> Attempt:
        """Write how a test went; return it with its id."""
        with self._database.write() as connection:
            if connection.execute(select(_OF.id).where(_OF.id == attempt.webhook)).first() is None:
                return attempt
            return msgspec.structs.replace(attempt, id=_note(connection, attempt))

    def attempts(self, webhook: str, limit: int) -> list[Attempt]:
        """Return the newest tries."""
        query = select(ATTEMPTS).where(ATTEMPTS.c.webhook == webhook).order_by(ATTEMPTS.c.id.desc()).limit(limit)
        with self._database.read() as connection:
            return [rows.attempt(row) for row in connection.execute(query)]

    def deliveries(self, webhook: str, limit: int) -> list[Delivery]:
        """Return the newest deliveries."""
        query = select(DELIVERIES).where(_D.webhook == webhook).order_by(_D.number.desc()).limit(limit)
        with self._database.read() as connection:
            return [rows.delivery(row) for row in connection.execute(query)]

    def again(self, webhook: str, delivery: str, now: int) -> bool:
        """Let a delivery wait once more; False if it is not there."""
        own = (_D.webhook == webhook) & (_D.id == delivery)
        with self._database.write() as connection:
            change = update(DELIVERIES).where(own).values(state="waiting", attempts=0, due=now)
            return connection.execute(change).rowcount == 1


def _keep(connection: Connection, new: Sequence[Delivery]) -> None:
    for one in new:
        connection.execute(_insert(connection, DELIVERIES).values(rows.delivery_columns(one)).on_conflict_do_nothing())


def _insert(connection: Connection, table: Table) -> Any:
    return (postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert)(table)


def _note(connection: Connection, attempt: Attempt) -> int:
    made = insert(ATTEMPTS).values(rows.attempt_columns(attempt)).returning(ATTEMPTS.c.id)
    identity = connection.execute(made).scalar_one()
    _forget(connection, ATTEMPTS, ATTEMPTS.c.id, ATTEMPTS.c.webhook == attempt.webhook)
    return int(identity)


def _forget(connection: Connection, table: Table, number: Any, where: Any) -> None:
    """Delete all but the newest rows."""
    oldest = select(number).where(where).order_by(number.desc()).offset(KEPT).limit(1).scalar_subquery()
    connection.execute(delete(table).where(where, number <= oldest))


def _give_up(connection: Connection, webhook: str) -> None:
    given_up = update(DELIVERIES).where(_D.webhook == webhook, _D.state == "waiting").values(state="given-up")
    connection.execute(given_up)
    _forget(connection, DELIVERIES, _D.number, (_D.webhook == webhook) & (_D.state != "waiting"))
