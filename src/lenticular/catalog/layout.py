"""The layout of a page as an editor arranges it, and the overrides that say so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lenticular.catalog.block import Block
from lenticular.catalog.merged import block_members, merged_blocks
from lenticular.catalog.patch import diff


def overrides_of(default: Mapping[str, Block], edited: Mapping[str, Block]) -> dict[str, Any]:
    """Return the smallest overrides that make an edited layout of a default one.

    `merged_blocks(default, overrides_of(default, edited)).blocks == edited`. What was not touched is not in them.
    """
    overrides: dict[str, Any] = {block_id: None for block_id in default if block_id not in edited}
    for block_id, block in edited.items():
        if block_id not in default:
            overrides[block_id] = block_members(block)
        elif patch := diff(block_members(default[block_id]), block_members(block)):
            overrides[block_id] = patch
    return overrides


def changed_by(default: Mapping[str, Block], overrides: Mapping[str, Any]) -> dict[str, str]:
    """Return what an experience does with each block: `follows`, `changed`, `added`, `hidden` or `removed`."""
    shown = merged_blocks(default, overrides).blocks
    told = {}
    for block_id in dict.fromkeys((*default, *shown)):
        if block_id not in shown:
            told[block_id] = "removed"
        elif block_id not in default:
            told[block_id] = "added"
        elif block_id not in overrides:
            told[block_id] = "follows"
        else:
            hidden = shown[block_id].hidden and not default[block_id].hidden
            told[block_id] = "hidden" if hidden else "changed"
    return told
