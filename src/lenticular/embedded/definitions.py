"""Plain dicts, of the same shape as the YAML files, become a catalog."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from lenticular.catalog.catalog import KINDS, Catalog
from lenticular.catalog.property import Property
from lenticular.catalog.segment import Segment
from lenticular.catalog.shape import misfits
from lenticular.catalog.site import Site
from lenticular.criteria.expected import expected_types
from lenticular.criteria.tables import TYPES, Type
from lenticular.criteria.text import parse
from lenticular.criteria.tree import Node
from lenticular.criteria.types import Schema
from lenticular.errors import CatalogError, Problem, RuleError, did_you_mean

Types = dict[tuple[str, str], Type]
_SCOPES = ("user", "event")


def catalog_of(site: Site, parts: Mapping[str, Mapping[str, Any]]) -> Catalog:
    """Return the catalog of some definitions by key, such as `{"pages": {"home": {"path": "/", …}}}`.

    A segment may be its rule alone. Raises CatalogError with everything that does not have the right shape.
    """
    problems: list[Problem] = []
    found: dict[str, dict[str, Any]] = {}
    for kind, definitions in parts.items():
        if kind not in KINDS or KINDS[kind] is Property:
            known = [name for name in KINDS if KINDS[name] is not Property]
            hint = did_you_mean(kind, known) or f"Known: {', '.join(known)}."
            problems.append(Problem("catalog.part", f'There is no such part of a catalog as "{kind}".', hint=hint))
            continue
        for key, given in definitions.items():
            plain = {"rule": given} if KINDS[kind] is Segment and isinstance(given, str) else given
            data = msgspec.to_builtins({"key": key, **plain} if isinstance(plain, dict) else plain)
            wrong = misfits(data, KINDS[kind])
            for misfit in wrong:
                place = "/".join(str(step) for step in (kind, key, *misfit.path))
                problems.append(Problem("catalog.shape", misfit.message, place, misfit.hint))
            if not wrong:
                found.setdefault(kind, {})[key] = msgspec.convert(data, KINDS[kind])
    if problems:
        raise CatalogError(*problems)
    return msgspec.structs.replace(Catalog(site), **found)


def types_of(properties: Mapping[str, str], segments: Iterable[Segment]) -> Types:
    """Return the types of properties: as given (`{"user.since": "date"}`), else as the first rule expects them.

    Raises CatalogError for a type or a scope that does not exist.
    """
    given: Types = {}
    problems = []
    for key, kind in properties.items():
        scope, _, name = key.partition(".")
        if scope not in _SCOPES or not name:
            hint = "Write user.NAME for a trait, event.NAME for a property of events."
            problems.append(Problem("properties", f"{key!r} is not a property.", f"properties/{key}", hint))
        elif kind not in TYPES:
            hint = did_you_mean(kind, TYPES) or f"Write one of {', '.join(TYPES)}."
            problems.append(Problem("properties", f"There is no type {kind!r}.", f"properties/{key}", hint))
        else:
            given[scope, name] = next(one for one in TYPES if one == kind)
    if problems:
        raise CatalogError(*problems)
    expected = expected_types(_trees(segments), Schema(types=given, open=True))
    return {**{pair: kind for pair, kind in expected.items() if pair[0] in _SCOPES}, **given}


def _trees(segments: Iterable[Segment]) -> list[Node]:
    """Return the trees of the rules that can be read; compiling says what is wrong with the others."""
    trees = []
    for segment in segments:
        try:
            trees.append(parse(segment.rule).tree)
        except RuleError:
            continue
    return trees
