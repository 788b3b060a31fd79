"""Imports that go on where they stopped: how far each has come is noted once a part of it is on disk (ADR 0018)."""

from __future__ import annotations

import asyncio
import sys
from importlib import import_module

import msgspec

from lenticular.app.check_part import check_part
from lenticular.app.engine import unknown_segment
from lenticular.app.import_ import Lines, learn, take
from lenticular.app.import_part import Beginning, Note, Part, Taken
from lenticular.app.report import Report
from lenticular.app.row import Position
from lenticular.app.site import LiveSite
from lenticular.catalog.rules import no_list
from lenticular.errors import LenticularError, Problem
from lenticular.ids import short_hash

_SHEETS = ("lenticular.app.sheets.columns", "lenticular.app.sheets.check", "lenticular.app.sheets.take")


def begin(site: LiveSite, asked: Beginning, dry: bool = False) -> Note:
    """Return how far an import has come: to the file's beginning if it is new. Raises LenticularError."""
    if asked.what == "members":
        check_list(site, asked.segment)
    meaning = msgspec.json.encode([asked.columns, asked.segment], order="sorted").decode()
    name = short_hash(f"{asked.what}:{asked.name}:{asked.size}:{asked.head}:{meaning}")
    note = Note(name, asked.what, asked.name, asked.size, Position(), Report(), site.clock())
    if dry:
        return note
    learn(site, {(scope, each): kind for scope, each, kind in asked.properties})
    site.importing.pop(name, None)
    found = None if asked.restart else site.stores.imports.get(name)
    if found is None:
        site.stores.imports.put(name, note)
    return found or note


async def take_part(site: LiveSite, name: str, part: Part) -> Taken:
    """Accept a part of an import, and note how far it has come. Raises LenticularError, StoreError."""
    note = None if part.dry else site.stores.imports.get(name)
    if note is None and not part.dry:
        raise _unknown(name)
    if part.sheet is not None:
        await _columns_at_hand()
    check_part(part)
    if part.sheet is None:
        taken = await take(site, Lines(part.events, part.lines, part.what, part.create, part.dry))
    else:
        from lenticular.app.sheets.take import take_sheet

        taken = await take_sheet(site, part.sheet, part.dry)
    if note is None:
        return taken
    ahead = site.importing.setdefault(name, Report())
    ahead.add(taken.report)
    ahead.add(part.refused)
    if part.complete:
        site.stores.imports.remove(name)
    elif part.advance:
        note.report.add(ahead)
        site.stores.imports.put(name, msgspec.structs.replace(note, position=part.position, updated=site.clock()))
    if part.complete or part.advance:
        del site.importing[name]
    return taken


async def _columns_at_hand() -> None:
    """Import what sheets need: half a second that a start need not wait for, nor a decision."""
    if _SHEETS[-1] not in sys.modules:
        await asyncio.to_thread(_bring)


def _bring() -> None:
    import pyarrow

    pyarrow.set_memory_pool(pyarrow.system_memory_pool())  # its own keeps a hundred megabytes for later
    for name in _SHEETS:
        import_module(name)


def unfinished(site: LiveSite) -> list[Note]:
    """Return the imports that are not complete."""
    found = [site.stores.imports.get(name) for name in site.stores.imports.names()]
    return [note for note in found if note is not None]


def forget(site: LiveSite, name: str) -> None:
    """Forget how far an import has come; what it brought stays. Raises LenticularError if there is none."""
    if site.stores.imports.get(name) is None:
        raise _unknown(name)
    site.stores.imports.remove(name)


def _unknown(name: str) -> LenticularError:
    hint = "Begin it again: it goes on where it stopped."
    return LenticularError(Problem("import.unknown", f"There is no import {name!r:.80}.", hint=hint))


def check_list(site: LiveSite, segment: str) -> None:
    """See that a segment has a static list. Raises LenticularError."""
    if segment not in site.engine.segments.trees:
        raise LenticularError(unknown_segment(segment, site.engine))
    segments = site.engine.catalog.segments
    if not segments[segment].static:
        raise LenticularError(no_list(segment, segments))
