"""What a catalog asks of the rule language: is this rule right, and which segments does it name?"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from lenticular.catalog.catalog import Catalog
from lenticular.catalog.segment import Segment
from lenticular.errors import Problem


class RuleFacts(msgspec.Struct, frozen=True):
    """`segments` are the keys that a rule names with `segment("…")`; `problems` is what else is wrong.

    The place of a problem is `line 1, column 8` of the rule. That a named segment is unknown, or that
    segments name each other in a circle, is found by the catalog's check and is not among the problems.
    """

    segments: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


RuleReader = Callable[[Segment, Catalog], RuleFacts]
"""Reads one segment's rule against the properties of its catalog."""
