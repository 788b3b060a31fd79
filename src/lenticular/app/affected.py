"""Who is affected by a publication: people that enter and leave segments, and what shows segments to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from lenticular.app.backfill import ask, is_merged
from lenticular.app.engine import Engine
from lenticular.app.site import LiveSite
from lenticular.catalog.references import Use, references, uses_of
from lenticular.criteria.needs import purposes_of
from lenticular.criteria.renamed import renamed, with_new_keys
from lenticular.criteria.segments import Segments
from lenticular.criteria.sql import Question, moves_query, reads_session
from lenticular.criteria.tree import Everyone, Node, Not, segments_in, walk
from lenticular.errors import Problem, RuleError

_AT_ONCE = 20
_MOST_CONDITIONS = 3_000
"""So many segments, and so many conditions of theirs, are counted in one query."""
_NOBODY = Not(Everyone())
_SHOWING = ("pages", "slots", "collections", "personas")


class Moves(msgspec.Struct, frozen=True):
    """A segment whose members change: how many there are now and will be, how many enter and leave.

    `because` are the segments whose own change this comes from, itself or one that it names.
    """

    key: str
    name: str
    before: int
    after: int
    entered: int
    left: int
    because: tuple[str, ...]


class Affected(msgspec.Struct, frozen=True, rename="camel"):
    """Segments whose members may change, as of `at` (ms); pages, slots and collections that use them.

    `last_visit`: sessions are those of each person's last visit. `notes` say what the numbers leave out.
    """

    segments: list[Moves]
    uses: list[Use]
    at: int
    last_visit: bool
    notes: list[Problem]


async def affected(site: LiveSite, engine: Engine, names: Mapping[str, str] | None = None) -> Affected:
    """Compare an engine with the live one; `names` are new keys of segments. Raises EventsUnavailableError."""
    old, new = _with_new_keys(site.engine.segments, names or {}), engine.segments
    causes = changed_segments(old, new)
    now = site.clock()
    trees = {f"old/{key}": renamed(tree, "old/") for key, tree in old.trees.items()}
    trees |= {f"new/{key}": renamed(tree, "new/") for key, tree in new.trees.items()}
    schema = msgspec.structs.replace(new.schema, types={**site.types, **new.schema.types})
    question = Question(Everyone(), trees, schema, new.calendar, now, await is_merged(site.stores.events))
    keys = sorted(causes)
    numbers: dict[str, Sequence[int]] = {}
    for part in _parts(keys, trees):
        numbers |= await _asked(site, question, part)
    moves = [
        Moves(key, _name(site.engine, engine, key), found[0], found[1], found[2], found[3], causes[key])
        for key, found in numbers.items()
    ]
    visits = any(reads_session(segments.trees[key]) for segments in (old, new) for key in keys if key in segments.trees)
    large = [key for key in keys if key not in numbers]
    return Affected(moves, _uses(engine, keys), now, visits, _notes(old, new, large))


def _with_new_keys(segments: Segments, names: Mapping[str, str]) -> Segments:
    if not names:
        return segments
    trees = {names.get(key, key): with_new_keys(tree, names) for key, tree in segments.trees.items()}
    return Segments(trees, segments.schema, segments.calendar)


def _parts(keys: Iterable[str], trees: Mapping[str, Node]) -> Iterator[list[str]]:
    part: list[str] = []
    conditions = 0
    for key in keys:
        own = sum(len(walk(tree)) for tree in _pair(trees, key))
        if part and (len(part) == _AT_ONCE or conditions + own > _MOST_CONDITIONS):
            yield part
            part, conditions = [], 0
        part.append(key)
        conditions += own
    if part:
        yield part


async def _asked(site: LiveSite, question: Question, keys: Sequence[str]) -> dict[str, Sequence[int]]:
    """Return the four numbers of each segment; in smaller parts where one query would be too large."""
    try:
        query = moves_query(question, [_pair(question.trees, key) for key in keys])
    except RuleError:
        if len(keys) == 1:
            return {}
        half = len(keys) // 2
        return {**await _asked(site, question, keys[:half]), **await _asked(site, question, keys[half:])}
    row = (await ask(site.stores.events, query))[0]
    return {key: [int(number) for number in row[4 * at : 4 * at + 4]] for at, key in enumerate(keys)}


def _pair(trees: Mapping[str, Node], key: str) -> tuple[Node, Node]:
    return trees.get(f"old/{key}", _NOBODY), trees.get(f"new/{key}", _NOBODY)


def changed_segments(old: Segments, new: Segments) -> dict[str, tuple[str, ...]]:
    """Return the segments whose members may change, each with those whose own change that comes from."""
    own = {key for key in old.trees.keys() | new.trees.keys() if _own(old, key) != _own(new, key)}
    causes: dict[str, set[str]] = {key: {key} for key in own}
    for segments in (old, new):
        for key in segments.order:  # each stands after those that it names
            found = {cause for name in segments_in(segments.trees[key]) for cause in causes.get(name, ())}
            if found:
                causes.setdefault(key, set()).update(found)
    return {key: tuple(sorted(found)) for key, found in causes.items()}


def _own(segments: Segments, key: str) -> tuple[Node, int] | None:
    """Return what a segment asks for by itself: its rule, and the purposes of what that reads."""
    tree = segments.trees.get(key)
    return None if tree is None else (tree, purposes_of(tree, segments.schema))


def _uses(engine: Engine, keys: Iterable[str]) -> list[Use]:
    found = list(references(engine.catalog, engine.segments.trees))
    uses = [use for key in keys for use in uses_of("segments", key, engine.catalog, found) if not use.through]
    return list(dict.fromkeys(use for use in uses if use.kind in _SHOWING))


def _name(old: Engine, new: Engine, key: str) -> str:
    one = new.catalog.segments.get(key) or old.catalog.segments.get(key)
    return (one.name if one else "") or key


def _notes(old: Segments, new: Segments, large: Sequence[str]) -> list[Problem]:
    notes = []
    if old.schema.purposes != new.schema.purposes:
        message = "Purposes of properties change; the numbers are as if they had been the new ones before."
        notes.append(Problem("affected.purposes", message))
    if large:
        message = f"Too large to be counted in two versions at once: {', '.join(large)}."
        notes.append(Problem("affected.large", message))
    return notes
