"""Find and list definitions, and read what is live."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, and_, case, or_, select, tuple_

from lenticular.catalog.catalog import KINDS, AnyDefinition, Catalog
from lenticular.catalog.site import Site
from lenticular.catalog.stored import Live, Search, Stored
from lenticular.stores.sql import rows
from lenticular.stores.sql.tables import DEFINITIONS, PUBLICATIONS, REVISIONS, SITES, TAGS

_OF = DEFINITIONS.c
_decoders = {kind: msgspec.json.Decoder(struct) for kind, struct in KINDS.items()}
_site_decoder = msgspec.json.Decoder(Site)


def sites(connection: Connection) -> list[str]:
    """Return the keys of the sites that have something published."""
    query = select(SITES.c.key).where(SITES.c.publication.is_not(None)).order_by(SITES.c.key)
    return list(connection.execute(query).scalars())


def live(connection: Connection, site: str) -> Live | None:
    """Return what is live at a site."""
    newest = (
        select(PUBLICATIONS.c.id, PUBLICATIONS.c.at, PUBLICATIONS.c.tallies)
        .join(SITES, SITES.c.publication == PUBLICATIONS.c.id)
        .where(SITES.c.key == site)
    )
    found = connection.execute(newest).first()
    if found is None:
        return None
    own: Site | None = None
    parts: dict[str, dict[str, AnyDefinition]] = {kind: {} for kind in KINDS}
    revisions: dict[tuple[str, str], tuple[str, int]] = {}
    for row in connection.execute(_live_bodies(site)):
        revisions[row.kind, row.key] = (row.id, row.revision)
        if row.kind == "site":
            own = _site_decoder.decode(row.body)
        else:
            parts[row.kind][row.key] = _decoders[row.kind].decode(row.body)
    if own is None:
        return None
    catalog = msgspec.structs.replace(Catalog(own), **parts)
    tallies = frozenset(msgspec.json.decode(found.tallies, type=list[str]))
    return Live(found.id, found.at, catalog, tallies, revisions)


def _live_bodies(site: str) -> Select[Any]:
    newest = and_(REVISIONS.c.definition == _OF.id, REVISIONS.c.number == _OF.revision)
    return (
        select(_OF.id, _OF.kind, _OF.key, _OF.revision, REVISIONS.c.body)
        .join(REVISIONS, newest)
        .where(_OF.site == site, _OF.state == "live")
        .order_by(_OF.kind, _OF.key)
    )


def find(connection: Connection, site: str, kind: str, name: str) -> Stored | None:
    """Return a definition by its id, or by its key; of deleted ones, only the newest with the key."""
    name = rows.clean(name)
    query = (
        select(DEFINITIONS)
        .where(_OF.site == site, _OF.kind == kind, or_(_OF.id == name, _OF.key == name))
        .order_by(case((_OF.id == name, 0), else_=1), case((_OF.state != "deleted", 0), else_=1), _OF.at.desc())
        .limit(1)
    )
    found = connection.execute(query).first()
    return None if found is None else _with_tags(connection, [found])[0]


def search(connection: Connection, site: str, wanted: Search) -> list[Stored]:
    """Return definitions in the order of their kinds and keys."""
    query = select(DEFINITIONS).where(
        _OF.site == site, tuple_(_OF.kind, _OF.key) > tuple(map(rows.clean, wanted.after))
    )
    query = query.where(_OF.state == rows.clean(wanted.state) if wanted.state else _OF.state != "deleted")
    if wanted.kind:
        query = query.where(_OF.kind == wanted.kind)
    if wanted.drafts:
        query = query.where(_OF.draft > 0)
    if wanted.tag:
        query = query.where(_OF.id.in_(select(TAGS.c.definition).where(TAGS.c.tag == rows.clean(wanted.tag))))
    for word in wanted.words:
        query = query.where(_OF.search.contains(rows.clean(word).casefold(), autoescape=True))
    found = connection.execute(query.order_by(_OF.kind, _OF.key).limit(wanted.limit)).all()
    return _with_tags(connection, found)


def _with_tags(connection: Connection, found: list[Row[Any]] | Any) -> list[Stored]:
    tags: dict[str, list[str]] = defaultdict(list)
    ids = [row.id for row in found]
    for at in range(0, len(ids), 500):
        query = select(TAGS).where(TAGS.c.definition.in_(ids[at : at + 500])).order_by(TAGS.c.tag)
        for row in connection.execute(query):
            tags[row.definition].append(row.tag)
    return [rows.stored(row, tuple(tags[row.id])) for row in found]
