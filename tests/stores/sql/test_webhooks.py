"""What every store of webhooks does."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lenticular.accounts.entry import Entry, Wanted
from lenticular.errors import ConflictError, Problem
from lenticular.jobs.job import Job
from lenticular.ports import WebhookStore
from lenticular.stores.sql.accounts import SqlAccounts
from lenticular.stores.sql.catalog import SqlCatalogs
from lenticular.stores.sql.database import SqlDatabase
from lenticular.stores.sql.jobs import SqlJobs
from lenticular.stores.sql.webhooks import SqlWebhooks
from lenticular.webhooks.delivery import KEPT, Attempt, Delivery
from lenticular.webhooks.webhook import Webhook
from tests.stores.sql.kept import EVE, begin, change, nothing, publishing

HOOK = Webhook(
    id="w1",
    site="shop",
    name="CRM",
    url="https://example.com/",
    events=("catalog.published", "segment.left"),
    segments=("rich",),
    traits=("plan",),
    on=True,
    secret="whsec_x",
    author=EVE,
    created=5,
)


@pytest.fixture
def store(database: SqlDatabase) -> WebhookStore:
    return SqlWebhooks(database)


def delivery(number: int, **more: Any) -> Delivery:
    fields = {"id": f"msg_{number}", "webhook": "w1", "event": "job.failed", "subject": str(number), "body": "{}"}
    return Delivery(**{**fields, "created": 1, "due": 1, **more})


def attempt(of: Delivery, status: int | None = 200, **more: Any) -> Attempt:
    return Attempt(
        **{
            "at": 9,
            "webhook": "w1",
            "delivery": of.id,
            "event": of.event,
            "attempt": 1,
            "ms": 3,
            **more,
            "status": status,
        }
    )


def test_a_webhook_is_kept_as_it_was_written(store: WebhookStore) -> None:
    store.put(HOOK, 0)
    assert store.webhooks("shop") == [HOOK] == store.webhooks() and store.webhooks("other") == []
    assert store.webhook("shop", "w1") == HOOK and store.webhook("other", "w1") is None
    changed = msgspec.structs.replace(HOOK, name="N\0w", events=("job.failed",), revision=2, failing=7, old_secret="o")
    store.put(changed, 1)
    assert store.webhook("shop", "w1") == msgspec.structs.replace(changed, name="N\ufffdw")
    for before in (0, 1, 3):
        with pytest.raises(ConflictError):
            store.put(changed, before)
    store.remove("w1")
    assert store.webhooks() == []


def test_it_is_told_from_when_it_is_switched_on(store: WebhookStore, catalogs: SqlCatalogs) -> None:
    begin(catalogs, change("s1", "rich"))
    store.put(HOOK, 0)
    [kept] = store.webhooks()
    assert kept.place > 0 and store.published_since("shop", kept.place) == []
    done = catalogs.publish("shop", publishing(change("s1", "rich", 1, rule="False")), nothing)
    [(place, publication, [brought])] = store.published_since("shop", kept.place)
    assert (publication.id, brought.key, brought.number, brought.kind) == (done.id, "rich", 2, "segments")
    store.told(kept, place, 40, [delivery(1), delivery(2)])
    store.told(kept, place, 40, [delivery(3)])
    assert [one.id for one in store.deliveries("w1", 9)] == ["msg_2", "msg_1"], "another process was faster"
    assert store.published_since("shop", place) == []
    off = msgspec.structs.replace(store.webhooks()[0], on=False, revision=2)
    store.put(off, 1)
    assert store.waiting() == {} and {one.state for one in store.deliveries("w1", 9)} == {"given-up"}
    catalogs.publish("shop", publishing(change("s1", "rich", 2, rule="True")), nothing)
    store.put(msgspec.structs.replace(off, on=True, revision=3), 2)
    assert store.published_since("shop", store.webhooks()[0].place) == []


def test_what_a_crash_made_again_is_there_once(store: WebhookStore) -> None:
    store.put(HOOK, 0)
    store.told(HOOK, 1, 0, [delivery(1)])
    store.told(msgspec.structs.replace(HOOK, place=1), 2, 0, [delivery(1), delivery(2)])
    assert store.waiting() == {"w1": 2}


def test_moves_are_told_up_to_one_once(store: WebhookStore) -> None:
    store.put(HOOK, 0)
    assert store.moved("shop") == 0
    store.told_moves("shop", 5, [delivery(1)])
    store.told_moves("shop", 5, [delivery(2)])
    store.told_moves("shop", 4, [delivery(3)])
    assert store.moved("shop") == 5 and store.waiting() == {"w1": 1}
    store.begin_moves("shop", 9)
    assert store.moved("shop") == 5
    store.begin_moves("shop", 2)
    assert store.moved("shop") == 2, "restored from a backup, moves count from there"


def test_the_first_in_line_and_the_first_of_the_late(store: WebhookStore) -> None:
    store.put(HOOK, 0)
    store.told(HOOK, 1, 0, [delivery(1), delivery(2), delivery(3), delivery(4)])
    assert [one.id for one in store.next("w1")] == ["msg_1"]
    for number, tries, due in ((1, 3, 90), (2, 5, 80)):
        tried = delivery(number, attempts=tries, due=due)
        store.tried(tried, attempt(tried, 500), 9, None)
    assert [one.id for one in store.next("w1")] == ["msg_3", "msg_2"]
    assert store.webhooks()[0].failing == 9
    done = delivery(3, state="delivered", attempts=1)
    store.tried(done, attempt(done), None, None)
    assert [one.id for one in store.next("w1")] == ["msg_4", "msg_2"] and store.webhooks()[0].failing is None
    assert store.again("w1", "msg_3", 70) and not store.again("w1", "msg_9", 70) and not store.again("w2", "msg_3", 70)
    first, *_ = store.next("w1")
    assert (first.id, first.attempts, first.due) == ("msg_3", 0, 70)


def test_the_newest_tries_are_kept(store: WebhookStore) -> None:
    store.put(HOOK, 0)
    for number in range(KEPT + 5):
        one = delivery(number, state="delivered")
        store.told_moves("shop", number + 1, [delivery(number)])
        store.tried(one, attempt(one, answer="a\0b"), None, None)
    tries = store.attempts("w1", 1_000)
    assert len(tries) == KEPT and tries[0].delivery == f"msg_{KEPT + 4}" and tries[0].answer == "a\ufffdb"
    kept = store.deliveries("w1", 1_000)
    assert len(kept) == KEPT and kept[-1].id == "msg_5"
    assert store.noted(attempt(delivery(0))).id > tries[0].id and len(store.attempts("w1", 1_000)) == KEPT
    assert store.noted(attempt(delivery(0), webhook="gone")).id == 0


def test_switched_off_by_itself_it_says_why_in_the_audit_log(store: WebhookStore, database: SqlDatabase) -> None:
    store.put(HOOK, 0)
    store.told(HOOK, 1, 0, [delivery(1), delivery(2)])
    entry = Entry(9, "Lenticular", "", "webhook.off", "shop", "w1", "it is gone")
    store.tried(delivery(1, attempts=1), attempt(delivery(1), 410), 9, entry)
    [kept] = store.webhooks()
    assert (kept.on, kept.reason, kept.revision) == (False, "it is gone", 2) and store.waiting() == {}
    assert [one.sentence for one in SqlAccounts(database).audit(Wanted(what="webhook.off"), None, 9)] == ["it is gone"]


def test_what_was_removed_meanwhile_is_not_written(store: WebhookStore) -> None:
    store.put(HOOK, 0)
    store.told(HOOK, 1, 0, [delivery(1)])
    store.remove("w1")
    store.tried(delivery(1), attempt(delivery(1)), None, None)
    assert store.attempts("w1", 9) == [] == store.deliveries("w1", 9)


def test_failed_jobs_of_a_site_and_of_none(store: WebhookStore, database: SqlDatabase) -> None:
    jobs = SqlJobs(database)
    reason = Problem("x", "No.")
    for at, site in enumerate(("shop", "", "other", "shop")):
        job = jobs.put(Job("export", site, str(at), created=1, due=1))
        claimed = jobs.claim(job.id, "me", 1, 9)
        assert claimed is not None
        state = "done" if at == 3 else "failed"
        jobs.settle(msgspec.structs.replace(claimed, state=state, ended=10 + at, reason=reason))
    assert [(one.site, one.ended) for one in store.failed_since("shop", 9)] == [("shop", 10), ("", 11)]
    assert [one.site for one in store.failed_since("shop", 10)] == [""]
