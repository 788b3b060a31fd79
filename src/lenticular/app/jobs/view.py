"""A job as screens and commands see it."""

from __future__ import annotations

from typing import Any

import msgspec

from lenticular.catalog.author import Author
from lenticular.errors import Problem
from lenticular.jobs.job import Job, State


class JobInfo(msgspec.Struct, frozen=True, rename="camel"):
    """A job of a kind at a site (empty: of the installation); all times are ms, null for what has not come yet.

    `key` says which of its kind, `arguments` what to do, `result` what came of it: objects of its kind. `done` of
    `total` is how far it is; a total of 0 is not known. `attempt` counts its tries, the next one may begin at `due`.
    `reason` is what was wrong with the last one. `author` asked for it.
    """

    id: int
    site: str
    kind: str
    key: str
    arguments: dict[str, Any]
    state: State
    done: int
    total: int
    result: dict[str, Any]
    created: int
    due: int
    began: int | None
    ended: int | None
    attempt: int
    reason: Problem | None
    author: Author


def told(job: Job) -> JobInfo:
    """Return a job as others see it: not whose it is, nor where it would go on."""
    return JobInfo(**{name: getattr(job, name) for name in JobInfo.__struct_fields__})
