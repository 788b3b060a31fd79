"""Drafts that somebody asks to have published."""

from __future__ import annotations

from typing import Literal

import msgspec

from lenticular.catalog.author import Author

ProposalState = Literal["open", "approved", "returned", "withdrawn"]
"""`approved`: published, or planned. `returned`: sent back by a publisher, with a comment."""


class ProposedDraft(msgspec.Struct, frozen=True):
    """A draft as it was proposed: its definition's id, kind and key, and its version."""

    definition: str
    kind: str
    key: str
    version: int


class Proposal(msgspec.Struct, frozen=True):
    """Drafts to publish together, as they were when they were proposed, and when (`due`, ms; None: once approved).

    `by` settled it at `settled` (ms), with a `comment`; `publication` is what came of an approval.
    """

    id: int
    site: str
    at: int
    author: Author
    note: str
    due: int | None
    drafts: tuple[ProposedDraft, ...]
    state: ProposalState = "open"
    comment: str = ""
    settled: int | None = None
    by: Author | None = None
    publication: int | None = None
