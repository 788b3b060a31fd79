"""The visible blocks of a page or slot, in order."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from lenticular.catalog.block import Block, position_order
from lenticular.decide.decision import PageBlock
from lenticular.decide.faces import face


class ReadyBlock(msgspec.Struct, frozen=True):
    """A visible block as the wire shows it, still without items; `face` is all of it that can be seen.

    `slot` is the key of the slot that it shows, if it shows one.
    """

    shown: PageBlock
    face: str
    slot: str | None = None


class Arrangement(msgspec.Struct, frozen=True):
    """Visible blocks, containers before what they contain; `problem` says what could not be used, if anything."""

    blocks: tuple[ReadyBlock, ...]
    problem: str = ""


Known = dict[tuple[str, int], tuple[Block, ReadyBlock]]
"""Blocks that are ready, by their id on the page and the identity of what they are made of."""


def arrange(blocks: Mapping[str, Block], problem: str = "", known: Known | None = None) -> Arrangement:
    """Order blocks by position within their parent, depth first.

    What is hidden is left out with all that it contains, as is what lies in a block that does not exist. Those that
    are `known` are not made ready again: most blocks of an experience are the default's.
    """
    known = {} if known is None else known
    children: dict[str | None, list[tuple[str, Block]]] = {}
    for entry in sorted(blocks.items(), key=position_order, reverse=True):
        children.setdefault(entry[1].parent, []).append(entry)
    problems = [problem] if problem else []
    ordered: list[ReadyBlock] = []
    waiting = list(children.get(None, []))
    while waiting:
        block_id, block = waiting.pop()
        if block.hidden:
            continue
        try:
            kept = known.get((block_id, id(block)))
            if kept is None:
                kept = known[block_id, id(block)] = block, _ready(block_id, block)
            ordered.append(kept[1])
        except ValueError as error:
            problems.append(f'The block "{block_id}" can\'t be used. {error}')
            continue
        waiting += children.get(block_id, [])
    return Arrangement(tuple(ordered), "; ".join(problems))


def _ready(block_id: str, block: Block) -> ReadyBlock:
    shown = PageBlock(
        id=block_id,
        kind=block.kind,
        settings=block.settings,
        parent=block.parent,
        items=(),
        collection=block.collection,
    )
    return ReadyBlock(shown, face(block_id, block.kind, block.settings, block.parent), block.slot)
