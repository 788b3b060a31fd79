"""Checks of collections that show what a page's path names: the path must have that part."""

from __future__ import annotations

from lenticular.catalog.findings import Findings
from lenticular.catalog.merged import merged_block, merged_blocks
from lenticular.catalog.paths import PARAMETER


def check_parameters(findings: Findings) -> None:
    """Check the parameters of collections, and where such collections are used."""
    catalog = findings.catalog
    asked = {key: one.parameter for key, one in catalog.collections.items() if one.parameter is not None}
    for key, parameter in asked.items():
        if not PARAMETER.fullmatch(f":{parameter}"):
            hint = "Write the name without the colon, as for `/news/:slug` the name `slug`."
            findings.add("parameter", f'"{parameter}" is no name of a part.', ("collections", key, "parameter"), hint)
    for key, page in catalog.pages.items():
        every = [page.blocks, *(merged_blocks(page.blocks, one.overrides).blocks for one in page.experiences)]
        used = {block.collection for blocks in every for block in blocks.values()}
        for collection in sorted(used & asked.keys(), key=str):
            name = f":{asked[collection or '']}"
            if name not in page.path.split("/"):
                message = f'The collection "{collection}" needs {name} in the path of the page.'
                findings.add("parameter", message, ("pages", key, "path"), f"Write for example /news/{name}.")
    for key, slot in catalog.slots.items():
        merged = (merged_block(slot.block, one.overrides)[0] for one in slot.experiences)
        for block in (slot.block, *merged):
            if block is not None and block.collection in asked:
                message = f'The collection "{block.collection}" shows what a page\'s path names; a slot has no path.'
                findings.add("parameter", message, ("slots", key), "Take another collection.")
                break
