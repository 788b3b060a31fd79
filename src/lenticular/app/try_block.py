"""Show one block outside of any page: for the tests of whoever writes a kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lenticular.app.block_kinds import template_of
from lenticular.blocks.kind import Kind
from lenticular.blocks.registry import Kinds, Source
from lenticular.blocks.render import BlockRenderer
from lenticular.blocks.scene import Scene, Shown
from lenticular.decide.decision import Item
from lenticular.errors import LenticularError


def try_block(
    kind: type[Kind], settings: Mapping[str, Any], items: Sequence[Mapping[str, Any]] = (), language: str = "en"
) -> str:
    """Return the HTML of a block of a kind, as a page has it; `items` are the fields of the items that it shows.

    Raises LenticularError, with the cause, for a kind or template that can't be used, settings that don't fit, and
    whatever the template raises.
    """
    kinds = Kinds([Source(kind, template_of(kind))])
    if kinds.problems:
        raise LenticularError(*kinds.problems)
    shown = tuple(Item(f"item-{at}", "item", dict(fields)) for at, fields in enumerate(items))
    block = Shown("tried", kind.name, dict(settings), shown)
    rendered = BlockRenderer(kinds, {}, "site").render([block], Scene("slot", "tried", (language,)))
    if rendered.failures:
        raise rendered.failures[0].__cause__ or rendered.failures[0]
    return rendered.html
