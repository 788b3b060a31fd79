"""What publishing changes, in sentences: told before, and kept in the history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from lenticular.app.definitions import body_at
from lenticular.app.site import LiveSite
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.compose import body_of
from lenticular.catalog.difference import Difference, Naming, difference, follows_keys
from lenticular.catalog.stored import Body, Change, Live, State, Stored
from lenticular.catalog.words import LANGUAGES
from lenticular.criteria.types import Schema

Before = tuple[State, Body | None]


async def versions_before(
    site: LiveSite, live: Live, known: Mapping[str, Stored], changes: Iterable[Change]
) -> dict[str, Before]:
    """Return what each changed definition is now, by id: its state and body. Raises StoreError."""
    keys = {identity: name for name, (identity, _) in live.revisions.items()}
    found: dict[str, Before] = {}
    for change in changes:
        stored = known.get(change.definition)
        if stored is None or not stored.revision:
            found[change.definition] = "new", None
        elif change.definition in keys:
            found[change.definition] = "live", _body(live.catalog, *keys[change.definition])
        else:
            found[change.definition] = stored.state, await body_at(site, stored.id, stored.revision)
    return found


def naming(site: LiveSite, catalog: Catalog, schema: Schema) -> Naming:
    """Return what things are called now, and what they will be called in a catalog."""
    segments = {**site.engine.catalog.segments, **catalog.segments}
    return Naming(site.engine.segments.schema, schema, {key: one.name or key for key, one in segments.items()})


def differences(
    changes: Iterable[Change],
    before: Mapping[str, Before],
    names: Naming,
    language: str,
    follows: Mapping[str, Iterable[str]] | None = None,
) -> list[Difference]:
    """Return what is different, definition by definition, in a language.

    `follows` are those, by id, that only refer to others by their new keys, and which keys those are.
    """
    following = follows or {}
    return [
        follows_keys((one.kind, one.key), one.body or {}, following[one.definition], language)
        if one.definition in following
        else difference((one.kind, one.key), before[one.definition], (one.state, one.body), names, language)
        for one in changes
    ]


def with_sentences(
    changes: Iterable[Change],
    before: Mapping[str, Before],
    names: Naming,
    follows: Mapping[str, Iterable[str]] | None = None,
) -> tuple[Change, ...]:
    """Return changes that say in every language what they change."""
    changes = list(changes)
    told = {language: differences(changes, before, names, language, follows) for language in LANGUAGES}
    return tuple(
        msgspec.structs.replace(one, sentences={language: said[at].sentence for language, said in told.items()})
        for at, one in enumerate(changes)
    )


def first_sentences(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return changes of a site that has nothing yet, with their sentences."""
    changes = list(changes)
    before: dict[str, Before] = {one.definition: ("new", None) for one in changes}
    return with_sentences(changes, before, Naming(Schema(), Schema(), {}))


def _body(catalog: Catalog, kind: str, key: str) -> Body:
    one: Any = catalog.site if kind == "site" else getattr(catalog, kind)[key]
    return body_of(one)
