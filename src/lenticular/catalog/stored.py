"""What is kept of a catalog: definitions, their drafts and revisions, and what was published when.

A definition is known by a stable id, and by its kind and key; a rename changes the key alone. Its revisions never
change. The newest one says what is live; drafts say what is being edited.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from lenticular.catalog.author import Author
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.proposal import Proposal

State = Literal["new", "live", "archived", "deleted"]
"""`new`: never published, there is only a draft. `archived`: kept, but nobody sees it and nothing may refer to it."""

Action = Literal["change", "archive", "delete"]
"""What publishing a draft does; a change of what is archived brings it back."""

PublicationKind = Literal["publish", "restore", "undo", "import"]
PublicationState = Literal["done", "planned", "failed", "cancelled"]

Body = dict[str, Any]
"""A definition as plain JSON, with the names of its file."""


class Stored(msgspec.Struct, frozen=True):
    """A definition as lists show it. `revision` is the newest one's number, 0 for none.

    `draft` is the version of its draft, 0 for none; `version` that of the newest draft there ever was. `at` (ms) and
    `author` are those of the last change, of a draft or published.
    """

    id: str
    kind: str
    key: str
    name: str
    state: State
    revision: int
    draft: int
    version: int
    at: int
    author: Author
    tags: tuple[str, ...] = ()


class Draft(msgspec.Struct, frozen=True):
    """What someone is editing: the definition's id and kind, the draft's version, the revision that it began from.

    `live` is the definition's newest revision, as of the moment that this was read: above `base`, merge first.
    """

    definition: str
    kind: str
    key: str
    version: int
    base: int
    action: Action
    body: Body
    author: Author
    at: int
    live: int = 0


class Revision(msgspec.Struct, frozen=True):
    """A definition as it was published, and in a sentence (by language) what was different then.

    `body` is None where it was deleted. `publication` is the one that brought it.
    """

    definition: str
    kind: str
    key: str
    number: int
    state: State
    body: Body | None
    author: Author
    at: int
    sentences: dict[str, str]
    publication: int


class Change(msgspec.Struct, frozen=True):
    """A revision to be: the definition's id, and the newest revision (0: none) that it takes for granted."""

    definition: str
    kind: str
    key: str
    base: int
    state: State
    body: Body | None
    sentences: dict[str, str] = {}


class Publishing(msgspec.Struct, frozen=True):
    """A publication to be. `drafts` are ids and versions of the drafts that are done with it.

    `revision` and `tallies` are those of the compiled catalog. `planned`: the publication that was to come about
    now. `expected`: the one that is live, as far as whoever publishes knows; the catalog was checked beside that.
    `proposal`: what was approved with it. `following` are drafts, each with the version that it has now, and
    `replanned` planned publications, that refer to something by its new key from now on.
    """

    at: int
    author: Author
    changes: tuple[Change, ...]
    revision: str
    tallies: tuple[str, ...]
    drafts: tuple[tuple[str, int], ...] = ()
    note: str = ""
    kind: PublicationKind = "publish"
    undoes: int | None = None
    planned: int | None = None
    expected: int | None = None
    proposal: Proposal | None = None
    following: tuple[Draft, ...] = ()
    replanned: tuple[Publication, ...] = ()


class Publication(msgspec.Struct, frozen=True):
    """What was made live at once, or is to be.

    `at` (ms) is when it was published, or for a planned one when it was planned; `due` when it is to come about.
    `reason` says why it failed. `changes` is there for planned ones only: those that are done have revisions.
    """

    id: int
    site: str
    at: int
    author: Author
    note: str
    kind: PublicationKind
    state: PublicationState
    revision: str = ""
    due: int | None = None
    reason: str = ""
    undoes: int | None = None
    changes: tuple[Change, ...] = ()
    drafts: tuple[tuple[str, int], ...] = ()


class Live(msgspec.Struct, frozen=True):
    """What decisions are made from: the newest publication's id and time, its catalog, and its tallies' keys.

    `revisions` has the id and the newest revision of each live definition, by kind and key.
    """

    publication: int
    at: int
    catalog: Catalog
    tallies: frozenset[str]
    revisions: dict[tuple[str, str], tuple[str, int]]


class Search(msgspec.Struct, frozen=True):
    """Which definitions: of a kind, with a tag, in a state, whose name, key, description or rule have all words.

    Up to `limit` of them after the (kind, key) `after`; deleted ones only if that is the state that is asked for.
    """

    kind: str = ""
    tag: str = ""
    state: str = ""
    words: tuple[str, ...] = ()
    drafts: bool = False
    after: tuple[str, str] = ("", "")
    limit: int = 100


def search_text(body: Body) -> str:
    """Return what a definition is found by: its texts in small letters."""
    names = ("key", "name", "label", "description", "rule", "path", "event", "where", "scope", "type")
    found = [str(body[name]) for name in names if isinstance(body.get(name), str)]
    tags = [tag for tag in body.get("tags", ()) if isinstance(tag, str)]
    return "\n".join([*found, *tags]).replace("\0", "").casefold()
