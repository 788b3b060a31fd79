"""A job: a piece of work that the server does beside answering, as it stands now."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from lenticular.catalog.author import Author
from lenticular.errors import Problem

State = Literal["waiting", "running", "done", "failed", "cancelled"]
OPEN: tuple[State, ...] = ("waiting", "running")
ENDED: tuple[State, ...] = ("done", "failed", "cancelled")
SERVER = Author("Lenticular")
"""Whoever asks for what nobody asked for."""


class Job(msgspec.Struct, frozen=True, rename="camel"):
    """A job of a `kind` at a `site` (empty: of the installation). All times are ms, None for what has not come yet.

    `key` says which of its kind (the name of a source, the id of a publication): of one site, kind and key one job is
    open at most. `slot` is the moment of its schedule that it is for: it comes about once for each. `arguments` say
    what to do, `note` how far that is, `result` what came of it: JSON objects of its kind. `done` of `total` is the
    progress for people; a total of 0 is not known. `attempt` counts its tries, `due` is when the next one may begin.
    `reason` says what was wrong with the last one. `author` asked for it. `owner` is the process that runs it, until
    `lease`.
    """

    kind: str
    site: str = ""
    key: str = ""
    slot: int | None = None
    arguments: dict[str, Any] = {}
    author: Author = SERVER
    id: int = 0
    state: State = "waiting"
    done: int = 0
    total: int = 0
    note: dict[str, Any] = {}
    result: dict[str, Any] = {}
    created: int = 0
    due: int = 0
    began: int | None = None
    ended: int | None = None
    attempt: int = 0
    reason: Problem | None = None
    owner: str = ""
    lease: int = 0


class WantedJobs(msgspec.Struct, frozen=True):
    """Which jobs: at a site (None: any, empty: of the installation), of a kind, in a state."""

    site: str | None = None
    kind: str = ""
    state: State | None = None
