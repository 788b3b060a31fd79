"""What webhooks are told, as deliveries: moves in parts that receivers can take, publications, failed jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from lenticular.catalog.stored import Body, Publication, Revision
from lenticular.ids import short_hash
from lenticular.jobs.job import Job
from lenticular.profiles.move import Move
from lenticular.webhooks.delivery import Delivery
from lenticular.webhooks.payload import PEOPLE, payload
from lenticular.webhooks.webhook import Event, Webhook

_CHANGES = 200
PREFIX = "msg_"


class _Merged(msgspec.Struct):
    """What is told of someone, as far as it says who they were."""

    merged: list[str] = []


class Part(msgspec.Struct):
    """People who entered one segment, or left it, one after the other."""

    segment: str
    entered: bool
    moves: list[Move] = []

    @property
    def event(self) -> Event:
        """What a webhook is told."""
        return "segment.entered" if self.entered else "segment.left"


def parts_of(moves: Iterable[Move]) -> list[Part]:
    """Return moves together in as few parts as leave each person's own moves in their order.

    Those that became one are the same person: what was told of one of them comes before what is told of all.
    """
    closed: list[Part] = []
    opened: dict[tuple[str, bool], Part] = {}
    members: dict[tuple[str, bool], set[str]] = {}

    def close(at: tuple[str, bool]) -> None:
        if at in opened:
            closed.append(opened.pop(at))
            del members[at]

    for move in moves:
        at, other = (move.segment, move.entered), (move.segment, not move.entered)
        names = _names(move)
        if not names.isdisjoint(members.get(other, ())):
            close(other)
        if at in opened and (len(opened[at].moves) >= PEOPLE or not names.isdisjoint(members[at])):
            close(at)
        opened.setdefault(at, Part(move.segment, move.entered)).moves.append(move)
        members.setdefault(at, set()).update(names)
    return closed + list(opened.values())


def of_parts(webhook: Webhook, parts: Iterable[Part], new_id: Callable[[], str], now: int) -> list[Delivery]:
    """Return the deliveries of moves to a webhook: with the traits that it is told, and no others."""
    found = []
    for part in parts:
        if webhook.watches(part.segment) and part.event in webhook.events:
            people = [_person(move, webhook.traits) for move in part.moves]
            data = {"site": webhook.site, "segment": part.segment, "people": people}
            body = payload(part.event, part.moves[0].at, data)
            found.append(Delivery(PREFIX + new_id(), webhook.id, part.event, part.segment, body, now, now))
    return found


def _names(move: Move) -> set[str]:
    """Return the ids of the profiles that someone is, and was before they became one."""
    return {str(move.profile_id), *msgspec.json.decode(move.person, type=_Merged).merged}


def _person(move: Move, traits: Sequence[str]) -> dict[str, Any]:
    person: dict[str, Any] = msgspec.json.decode(move.person)
    known = person.pop("traits", {})
    return {**person, "traits": {name: known.get(name) for name in traits}} if traits else person


def of_publication(
    webhook: Webhook, publication: Publication, brought: Sequence[Revision], before: Mapping[str, Body], now: int
) -> list[Delivery]:
    """Return the deliveries of a publication; `before` are the bodies that definitions had, by their ids."""
    told = {"id": publication.id, "author": publication.author.name, "note": publication.note}
    shared = {"site": webhook.site, "publication": told}
    found = []
    if "catalog.published" in webhook.events:
        changes = [{"kind": one.kind, "key": one.key, "state": one.state, "sentence": one.sentences} for one in brought]
        data = {**shared, "changed": len(changes), "changes": changes[:_CHANGES]}
        found.append(
            _once(
                webhook,
                "catalog.published",
                str(publication.id),
                payload("catalog.published", publication.at, data),
                now,
            )
        )
    if "experience.published" in webhook.events:
        experiences = [one for each in brought for one in experiences_of(each, before.get(each.definition))]
        if experiences:
            data = {**shared, "experiences": experiences}
            body = payload("experience.published", publication.at, data)
            found.append(_once(webhook, "experience.published", str(publication.id), body, now))
    return found


def experiences_of(revision: Revision, before: Body | None) -> list[dict[str, str]]:
    """Return the experiences of a page or slot that are new, changed, or gone."""
    was, now = _experiences(before), _experiences(revision.body if revision.state == "live" else None)
    told = []
    for key in [*now, *(key for key in was if key not in now)]:
        if was.get(key) != now.get(key):
            what = "removed" if key not in now else "changed" if key in was else "added"
            told.append({"kind": revision.kind, "key": revision.key, "experience": key, "what": what})
    return told


def _experiences(body: Body | None) -> dict[str, Any]:
    listed: Any = (body or {}).get("experiences") or []
    return {str(one.get("key", "")): one for one in listed if isinstance(one, dict)}


def of_job(webhook: Webhook, job: Job, now: int) -> Delivery:
    """Return the delivery of a job that has failed. What it was asked to do may be secret, and is not told."""
    reason = {"code": job.reason.code, "message": job.reason.message} if job.reason else None
    told = {"id": job.id, "kind": job.kind, "key": job.key, "attempt": job.attempt, "reason": reason}
    body = payload("job.failed", job.ended or now, {"site": job.site, "job": told})
    return _once(webhook, "job.failed", f"{job.id} {job.ended}", body, now)


def _once(webhook: Webhook, event: Event, what: str, body: str, now: int) -> Delivery:
    """Return a delivery whose id follows from what it tells: made again after a crash, it is the same."""
    named = short_hash(f"{webhook.id} {event} {what}") + short_hash(f"{what} {event} {webhook.id}")
    return Delivery(PREFIX + named, webhook.id, event, what.partition(" ")[0], body, now, now)
