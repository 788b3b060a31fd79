"""The blocks of a page or slot as one experience shows them: the default with the patch applied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from lenticular.catalog.block import Block
from lenticular.catalog.patch import merge_patch
from lenticular.catalog.shape import Misfit, misfits


class Merged(msgspec.Struct, frozen=True):
    """`blocks` by id; `ignored` are ids that a patch changes and nobody defines; `misfits` say why
    a block is missing.
    """

    blocks: dict[str, Block]
    ignored: tuple[str, ...] = ()
    misfits: tuple[Misfit, ...] = ()


def merged_blocks(default: Mapping[str, Block], overrides: Mapping[str, Any]) -> Merged:
    """Apply an experience's overrides to a page's default blocks.

    A patch for an id that the default lacks adds a block if it names a kind; otherwise it is ignored: most
    likely the block was once in the default and is gone.
    """
    blocks = dict(default)
    ignored, wrong = [], []
    for block_id, patch in overrides.items():
        if patch is None:
            blocks.pop(block_id, None)
            continue
        if block_id not in default and isinstance(patch, dict) and "kind" not in patch:
            ignored.append(block_id)
            continue
        block, found = merged_block(default.get(block_id), patch)
        if block is None:
            blocks.pop(block_id, None)
            wrong += [msgspec.structs.replace(one, path=(block_id, *one.path)) for one in found]
        else:
            blocks[block_id] = block
    return Merged(blocks, tuple(ignored), tuple(wrong))


def merged_block(default: Block | None, patch: Any) -> tuple[Block | None, list[Misfit]]:
    """Apply a patch to one block; without a block for a result that is none, with what does not fit."""
    plain = merge_patch(block_members(default) if default else {}, patch)
    found = misfits(plain, Block)
    return (None, found) if found else (Block(**plain), [])


def block_members(block: Block) -> dict[str, Any]:
    """Return what a block says of itself, as the object that a patch is applied to."""
    values = msgspec.structs.asdict(block)
    empty: tuple[Any, ...] = (None, "", False, {})
    return {name: value for name, value in values.items() if name == "kind" or value not in empty}
