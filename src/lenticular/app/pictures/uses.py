"""Who uses a picture: what is live, what is being edited, what is planned; and which pictures a catalog lacks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from lenticular.app.site import LiveSite
from lenticular.catalog.catalog import KINDS, Catalog
from lenticular.catalog.findings import NOUNS
from lenticular.catalog.picture import hashes_in, mentioned
from lenticular.errors import ConflictError, Problem

_MOST_NAMED = 8
_ALL = 1_000
_encode = msgspec.json.encode


class PictureUse(msgspec.Struct, frozen=True):
    """Something that shows a picture: a definition's kind, key and name, and as what."""

    kind: str
    key: str
    name: str
    where: Literal["live", "draft", "planned"]


async def uses_of_picture(site: LiveSite, name: str) -> list[PictureUse]:
    """Return what uses the picture of a hash. Raises StoreError."""
    found = await asyncio.to_thread(_live, site.engine.catalog, name)
    store = site.stores.catalogs
    for draft in await site.in_store(store.drafts, site.key):
        if draft.action == "change" and name in hashes_in(_encode(draft.body)):
            found.append(PictureUse(draft.kind, draft.key, _called(draft.body, draft.key), "draft"))
    for planned in await site.in_store(store.publications, site.key, None, _ALL, "planned"):
        for change in planned.changes:
            if change.body is not None and name in hashes_in(_encode(change.body)):
                found.append(PictureUse(change.kind, change.key, _called(change.body, change.key), "planned"))
    return found


async def refuse_used(site: LiveSite, name: str) -> None:
    """Raise ConflictError with all that uses a picture."""
    uses = await uses_of_picture(site, name)
    if uses:
        said = {"live": "", "draft": " (a draft)", "planned": " (planned)"}
        names = list(
            dict.fromkeys(f'the {NOUNS.get(one.kind, one.kind)} "{one.name}"{said[one.where]}' for one in uses)
        )
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        message = f"The picture is used by {', '.join(names[:_MOST_NAMED])}{more}."
        place = f"{uses[0].kind}/{uses[0].key}"
        raise ConflictError(Problem("picture.used", message, place, "Take it out there first."))


def _live(catalog: Catalog, name: str) -> list[PictureUse]:
    return [
        PictureUse(kind, key, _called(msgspec.to_builtins(one), key), "live")
        for kind, key, one in _definitions(catalog)
        if name in mentioned(one)
    ]


def _definitions(catalog: Catalog) -> Iterator[tuple[str, str, Any]]:
    yield "site", catalog.site.key, catalog.site
    for kind in KINDS:
        for key, one in getattr(catalog, kind).items():
            yield kind, key, one


def _called(body: Mapping[str, Any], key: str) -> str:
    return str(body.get("name") or body.get("label") or key)
