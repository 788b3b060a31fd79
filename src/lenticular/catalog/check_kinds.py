"""Checks of what blocks are: their kinds exist, and their settings fit. What is wrong costs the block, not the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from lenticular.catalog.block import Block
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.findings import Findings
from lenticular.catalog.merged import merged_block, merged_blocks
from lenticular.catalog.places import Path, Places
from lenticular.catalog.shape import Misfit
from lenticular.errors import Problem


class BlockKinds(Protocol):
    """The kinds of blocks of an installation."""

    def unknown(self, name: str) -> tuple[str, str] | None:
        """Return what is to be said of a kind that is not there, and what to do; None if it is there."""

    def misfits(self, name: str, settings: Mapping[str, Any]) -> list[Misfit]:
        """Return every way in which settings don't fit a kind that is there."""

    def has(self, name: str, what: str) -> bool:
        """Return whether a kind that is there `contains` other blocks, or shows `items` of a collection."""


def check_kinds(catalog: Catalog, kinds: BlockKinds, places: Places | None = None) -> list[Problem]:
    """Return what is wrong with the kinds and settings of blocks, unless the site says that they are its own.

    It can be published all the same: packages with kinds come and go, and a block that can't be shown is left out.
    """
    findings = Findings(catalog, places or Places())
    if catalog.site.block_kinds == "free":
        return []
    for key, page in catalog.pages.items():
        path: Path = ("pages", key)
        _check_all(findings, kinds, (*path, "blocks"), page.blocks)
        said = findings.since(0)
        for at, experience in enumerate(page.experiences):
            shown = merged_blocks(page.blocks, experience.overrides).blocks
            with findings.besides(said):
                _check_all(findings, kinds, (*path, "experiences", at, "overrides"), shown, page.blocks)
    for key, slot in catalog.slots.items():
        path = ("slots", key)
        _check(findings, kinds, (*path, "block"), {key: slot.block}, key)
        said = findings.since(0)
        for at, experience in enumerate(slot.experiences):
            block, _ = merged_block(slot.block, experience.overrides)
            if block is not None:
                with findings.besides(said):
                    _check(findings, kinds, (*path, "experiences", at, "overrides"), {key: block}, key)
    return findings.problems


def _check_all(
    findings: Findings,
    kinds: BlockKinds,
    path: Path,
    blocks: Mapping[str, Block],
    before: Mapping[str, Block] | None = None,
) -> None:
    """Check blocks; of those that were so `before`, and lie in what was so, everything is said."""
    changed = {name for name, block in blocks.items() if before is None or before.get(name) is not block}
    for block_id, block in blocks.items():
        if block_id in changed or block.parent in changed:
            _check(findings, kinds, (*path, block_id), blocks, block_id)


def _check(findings: Findings, kinds: BlockKinds, path: Path, blocks: Mapping[str, Block], block_id: str) -> None:
    block = blocks[block_id]
    unknown = kinds.unknown(block.kind) if block.kind else None
    if unknown:
        message, hint = unknown
        more = "If a program of yours shows the blocks, write `blockKinds: free` for the site."
        findings.add("unknown-kind", message, (*path, "kind"), f"{hint} {more}")
    if unknown or not block.kind:
        return
    for misfit in kinds.misfits(block.kind, block.settings):
        where = (*path, "settings", *misfit.path)
        message = f'The block "{block_id}" ({block.kind}): {misfit.message}'
        findings.add("block-settings", message, where, misfit.hint, misfit.name)
    if block.collection is not None and not kinds.has(block.kind, "items"):
        message = f'The block "{block_id}" ({block.kind}) shows nothing of a collection.'
        findings.add("block-collection", message, (*path, "collection"), "Leave it out, or take another kind.")
    parent = blocks.get(block.parent or "")
    if parent is not None and kinds.unknown(parent.kind) is None and not kinds.has(parent.kind, "contains"):
        message = f'The block "{block_id}" lies in "{block.parent}", and no block can lie in a {parent.kind}.'
        findings.add("block-parent", message, (*path, "parent"), "Put it into a section, or on top.")
