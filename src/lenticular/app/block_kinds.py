"""The kinds of blocks of this installation: Lenticular's own, and those of packages that are installed beside it."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from lenticular.blocks.kind import Kind
from lenticular.blocks.kinds import BUILT_IN
from lenticular.blocks.registry import Kinds, Source
from lenticular.errors import Problem

GROUP = "lenticular.blocks"
"""The entry points by which a package names its kinds: `stars = "acme_blocks:Stars"`."""
_log = logging.getLogger(__name__)


@cache
def block_kinds() -> Kinds:
    """Return all kinds; read once in a process, and what can't be used is logged."""
    kinds = kinds_with(sorted(entry_points(group=GROUP), key=lambda point: (_package(point), point.name)))
    for problem in kinds.problems:
        _log.warning("A kind of block can't be used: %s (%s).", problem.code, problem.place)
    return kinds


def kinds_with(points: Iterable[EntryPoint]) -> Kinds:
    """Return Lenticular's own kinds and those that entry points name; `problems` say which can't be used, and why."""
    sources = [Source(kind, template_of(kind)) for kind in BUILT_IN]
    problems = []
    for point in points:
        try:
            sources.append(_source(point))
        except Exception as error:  # what a package of somebody's does when it is loaded is not known
            message = f'The kind of block "{point.name}" can\'t be loaded: {error}.'
            hint = f"It is {point.value}, of the package {_package(point)}. Mend or remove the package."
            problems.append(Problem("block.load", message, _package(point), hint))
    return Kinds(sources, problems)


def _source(point: EntryPoint) -> Source:
    kind = point.load()
    if not (isinstance(kind, type) and issubclass(kind, Kind)):
        raise TypeError("it is no subclass of lenticular.blocks.kind.Kind")
    if kind.name != point.name:
        raise ValueError(f'the class calls itself "{kind.name}"')
    return Source(kind, template_of(kind), _package(point))


def template_of(kind: type[Kind]) -> str:
    """Return the text of a kind's template, which lies beside its module. Raises OSError."""
    module = sys.modules[kind.__module__]
    return (Path(module.__file__ or "").parent / kind.template_file()).read_text("utf-8")


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist else point.value.partition(":")[0]
