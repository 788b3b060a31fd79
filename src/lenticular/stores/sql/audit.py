"""The audit log, as rows: they are added and read, and no statement changes one. Old ones go if a setting says so."""

from __future__ import annotations

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select

from lenticular.accounts.entry import Entry, Wanted, sound
from lenticular.stores.sql.account_tables import AUDIT
from lenticular.stores.sql.rows import clean


def note(connection: Connection, entry: Entry) -> None:
    """Add an entry."""
    values = msgspec.structs.asdict(sound(entry))
    del values["id"]
    connection.execute(insert(AUDIT).values(values))


def entries(connection: Connection, wanted: Wanted, before: int | None, limit: int) -> list[Entry]:
    """Return entries, the newest first, below an id."""
    query = select(AUDIT).where(*_conditions(wanted)).order_by(AUDIT.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(AUDIT.c.id < before)
    return [Entry(**row._mapping) for row in connection.execute(query)]


def forget(connection: Connection, before: int) -> int:
    """Delete the entries from before a moment (ms); return how many."""
    return connection.execute(delete(AUDIT).where(AUDIT.c.at < before)).rowcount


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    of = AUDIT.c
    found: list[ColumnElement[bool]] = []
    if wanted.text:
        text = clean(wanted.text).lower()
        fields = (of.who, of.what, of.target, of.sentence, of.address)
        found.append(or_(*(func.lower(field).contains(text, autoescape=True) for field in fields)))
    if wanted.who:
        who = clean(wanted.who)
        found.append(or_(of.who == who, of.who_id == who))
    if wanted.what:
        found.append(of.what == clean(wanted.what))
    if wanted.site:
        found.append(of.site == clean(wanted.site))
    if wanted.since is not None:
        found.append(of.at >= wanted.since)
    if wanted.until is not None:
        found.append(of.at < wanted.until)
    return found
