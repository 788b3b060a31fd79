"""What is told of publications and drafts, and how a site is doing now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from lenticular.catalog.author import Author
from lenticular.catalog.stored import Change, Draft, Publication, State
from lenticular.errors import Problem
from lenticular.jobs.job import Job

_MOST_CHANGES = 50


class ToldChange(msgspec.Struct, frozen=True):
    """A definition that a publication changed, and its new state; `sentence` (by language) is the first of many."""

    kind: str
    key: str
    definition: str
    state: State
    sentence: dict[str, str]


class ToldPublication(msgspec.Struct, frozen=True):
    """A publication as screens are told of it: how many definitions it `changed`, and the first 50 `changes`."""

    id: int
    at: int
    author: Author
    note: str
    kind: str
    changed: int
    changes: list[ToldChange]


class ToldDraft(msgspec.Struct, frozen=True):
    """A draft that was saved (its new version) or discarded."""

    kind: str
    key: str
    definition: str
    version: int
    author: Author
    what: Literal["saved", "discarded"]


class ToldJob(msgspec.Struct, frozen=True):
    """A job as screens are told of it: `done` of `total` (0: not known). What it was asked for is not told."""

    id: int
    kind: str
    key: str
    state: str
    done: int
    total: int
    attempt: int
    created: int
    began: int | None
    ended: int | None
    due: int
    author: Author
    reason: Problem | None


class Measuring:
    """Live counts. `read` returns events accepted so far, people, events that are not folded, and the lag (ms)."""

    def __init__(self, read: Callable[[], tuple[int, int, int, int]]) -> None:
        self._read = read
        self._accepted: int | None = None

    def __call__(self, seconds: float) -> dict[str, Any]:
        """Return the counts, with the rate over the last seconds."""
        accepted, people, pending, lag = self._read()
        grown = accepted - (accepted if self._accepted is None or not seconds else self._accepted)
        self._accepted = accepted
        rate = round(grown / seconds, 1) if seconds else 0.0
        return {"eventsPerSecond": rate, "events": accepted, "people": people, "pending": pending, "lagMs": lag}


def told_publication(publication: Publication, changes: tuple[Change, ...]) -> ToldPublication:
    """Return what is told of a publication and what it changed."""
    first = [
        ToldChange(one.kind, one.key, one.definition, one.state, _headline(one.sentences))
        for one in changes[:_MOST_CHANGES]
    ]
    return ToldPublication(
        publication.id, publication.at, publication.author, publication.note, publication.kind, len(changes), first
    )


def told_job(job: Job) -> ToldJob:
    """Return what is told of a job."""
    return ToldJob(**{name: getattr(job, name) for name in ToldJob.__struct_fields__})


def told_draft(draft: Draft, author: Author, what: Literal["saved", "discarded"]) -> ToldDraft:
    """Return what is told of a draft."""
    return ToldDraft(draft.kind, draft.key, draft.definition, draft.version, author, what)


def _headline(sentences: dict[str, str]) -> dict[str, str]:
    return {language: said.partition("\n")[0][:300] for language, said in sentences.items()}
