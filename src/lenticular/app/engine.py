"""A published catalog, compiled: everything that a decision needs, immutable and swapped as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING

import msgspec

from lenticular.catalog.catalog import Catalog
from lenticular.catalog.check import check, fatal
from lenticular.catalog.check_kinds import check_kinds
from lenticular.catalog.languages import languages_of
from lenticular.catalog.page import Page, plain_path
from lenticular.catalog.proofs import NOTHING_PROVEN, proofs_of
from lenticular.catalog.rules import (
    RuleFacts,
    RuleReader,
    lists_in,
    purposes_of,
    rule_reader,
    tree_of,
    trusted_of,
)
from lenticular.catalog.segment import Segment
from lenticular.criteria.calendar import calendar_of
from lenticular.criteria.expected import expected_types
from lenticular.criteria.person import Person
from lenticular.criteria.segments import Segments
from lenticular.criteria.tables import Type
from lenticular.criteria.tally.kept import all_kept
from lenticular.criteria.tree import segments_in
from lenticular.criteria.types import Schema
from lenticular.decide.popular import Popular
from lenticular.decide.remembering import Decider
from lenticular.decide.snapshot import Snapshot, compile_snapshot, recounted
from lenticular.errors import CatalogError, Problem, did_you_mean
from lenticular.profiles.organization import Organization
from lenticular.profiles.profile import Profile

if TYPE_CHECKING:
    from lenticular.blocks.decided import DecisionRenderer
    from lenticular.blocks.registry import Kinds

Types = Mapping[tuple[str, str], Type]


class Engine(msgspec.Struct, frozen=True):
    """One catalog with its segments and its snapshot. `types` are all properties known when it was compiled.

    `behaviours` are the keys of the tallies that a segment needs, with those of the segments that it names. `rendering`
    returns what makes HTML of decisions; it is made when it is asked for first. `pages` are the catalog's by path.
    """

    catalog: Catalog
    segments: Segments
    snapshot: Snapshot
    types: Types
    decider: Decider
    rendering: Callable[[], DecisionRenderer]
    behaviours: Mapping[str, frozenset[str]]
    pages: Mapping[str, Page]

    def behaviours_of(self, segments: Iterable[str]) -> frozenset[str]:
        """Return the keys of the tallies that some segments need."""
        return frozenset[str]().union(*(self.behaviours[key] for key in segments if key in self.behaviours))


def schema_with(catalog: Catalog, registered: Types) -> tuple[Schema, list[Problem]]:
    """Return the properties of a catalog and of the data, and where the two contradict each other."""
    types, problems = _merged(catalog, registered)
    purposes, trusted = purposes_of(catalog.properties), trusted_of(catalog.properties)
    return Schema(types=types, labels=_labels(catalog), purposes=purposes, trusted=trusted), problems


def problems_of(catalog: Catalog, registered: Types, live: Engine | None = None, language: str = "en") -> list[Problem]:
    """Return everything that is wrong with a catalog, also what does no harm.

    Rules that are the same in a `live` engine are right, as long as properties are: they are not read again. What can
    never be shown is said in a `language`.
    """
    schema, problems = schema_with(catalog, registered)
    read = rule_reader(schema)
    if live is not None and live.catalog.properties == catalog.properties:
        read = _known(live, read)
    proofs = proofs_of(catalog, schema)
    found = check(catalog, read_rule=read, proofs=proofs, language=language)
    return [*problems, *found, *check_kinds(catalog, _kinds())]


def _known(live: Engine, read: RuleReader) -> RuleReader:
    def known(segment: Segment, catalog: Catalog) -> RuleFacts:
        own = live.catalog.segments.get(segment.key)
        if own is None or (own.rule, own.static) != (segment.rule, segment.static):
            return read(segment, catalog)
        tree = live.segments.trees[segment.key]
        lists = tuple(name for name in lists_in(tree) if name != segment.key)
        return RuleFacts(tuple(segments_in(tree)), lists)

    return known


def compile_engine(catalog: Catalog, registered: Types) -> Engine:
    """Compile a catalog against the properties that exist. Raises CatalogError with everything that is wrong."""
    schema, found = schema_with(catalog, registered)
    problems = fatal([*found, *check(catalog, read_rule=rule_reader(schema), proofs=NOTHING_PROVEN)])
    if problems:
        raise CatalogError(*problems)
    types = schema.types
    calendar = calendar_of(catalog.site.timezone)
    trees = {key: tree_of(segment) for key, segment in catalog.segments.items()}
    # A rule about a field that no event has had yet fixes the field's type: what comes in is coerced to it.
    types = {**types, **expected_types(trees.values(), schema)}
    segments = Segments(trees, msgspec.structs.replace(schema, types=types), calendar)
    snapshot = compile_snapshot(catalog)
    rendering = cache(partial(_renderer, catalog, snapshot, languages_of(catalog)))
    pages = {plain_path(page.path): page for page in reversed(catalog.pages.values())}  # of two the first is shown
    return Engine(catalog, segments, snapshot, types, Decider(snapshot), rendering, _behaviours(segments), pages)


def _kinds() -> Kinds:
    # An engine in a Python program works on the base install, which has neither templates nor what cleans HTML.
    from lenticular.app.block_kinds import block_kinds

    return block_kinds()


def _renderer(catalog: Catalog, snapshot: Snapshot, spoken: frozenset[str]) -> DecisionRenderer:
    from lenticular.blocks.decided import DecisionRenderer

    return DecisionRenderer(catalog, snapshot, _kinds(), spoken)


def recounted_engine(engine: Engine, popular: Popular) -> Engine:
    """Return an engine that puts lists in order by what was counted since it was compiled."""
    snapshot = recounted(engine.snapshot, engine.catalog, popular)
    if snapshot is engine.snapshot:
        return engine
    return msgspec.structs.replace(engine, snapshot=snapshot, decider=Decider(snapshot))


def _behaviours(segments: Segments) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for key in segments.order:
        tree = segments.trees[key]
        own = frozenset(one.key for one in all_kept(tree, segments.schema))
        found[key] = own.union(*(found[inner] for inner in segments_in(tree)))
    return found


def person_of(profile: Profile | None, organizations: Iterable[Organization] = ()) -> Person:
    """Return what rules can read of a profile, whose organizations the caller looks up; a stranger has nothing."""
    if profile is None:
        return Person()
    session = profile.session
    return Person(
        profile.traits,
        session.properties if session else {},
        session.start if session else None,
        # Someone who reads a state that nobody has fetched must not take it for an empty one.
        {**profile.away, **profile.tallies} if profile.away else profile.tallies,
        organizations=[each.traits for each in organizations],
        withheld=profile.withheld,
        lists=profile.lists,
        interests=profile.interests,
    )


def _merged(catalog: Catalog, registered: Types) -> tuple[dict[tuple[str, str], Type], list[Problem]]:
    """Join what is defined with what exists. A type is fixed once data exists."""
    types = dict(registered)
    problems = []
    for key, one in catalog.properties.items():
        found = types.setdefault((one.scope, one.name), one.type)
        if found != one.type:
            hint = f"Define it as {found}; data of another type is kept beside it."
            problems.append(
                Problem("catalog.type", f"{key} is a {found} in the data, not a {one.type}.", f"properties {key}", hint)
            )
    return types, problems


def _labels(catalog: Catalog) -> dict[str, str]:
    properties = {one.key: one.label for one in catalog.properties.values() if one.label}
    return {**properties, **{f"segment.{key}": one.name or key for key, one in catalog.segments.items()}}


def unknown_segment(key: str, engine: Engine) -> Problem:
    """Return the refusal of a segment that is not there."""
    known = engine.segments.trees
    hint = did_you_mean(key, known) or (f"Known: {', '.join(known)}." if known else "None is published yet.")
    return Problem("segment.unknown", f"There is no segment {key!r}.", hint=hint)
