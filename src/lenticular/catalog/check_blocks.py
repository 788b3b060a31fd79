"""Checks of pages and slots: their blocks, and what their experiences refer to and change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lenticular.catalog.block import SLOT, Block, position_order
from lenticular.catalog.check_lists import check_span, doubles
from lenticular.catalog.experience import Experience
from lenticular.catalog.findings import Findings
from lenticular.catalog.merged import block_members, merged_block, merged_blocks
from lenticular.catalog.never_shown import never_shown
from lenticular.catalog.page import Page, plain_path
from lenticular.catalog.patch import removals_of_nothing
from lenticular.catalog.paths import shape, wrong_part
from lenticular.catalog.places import Path
from lenticular.catalog.shadowed import shadowed
from lenticular.catalog.slot import Slot
from lenticular.criteria.calendar import Calendar
from lenticular.errors import did_you_mean


def check_pages(findings: Findings, calendar: Calendar) -> None:
    """Check every page: its path, blocks, experiences."""
    owners: dict[str, str] = {}
    for key, page in findings.catalog.pages.items():
        path: Path = ("pages", key)
        plain = plain_path(page.path)
        if not page.path.startswith("/") or plain != page.path:
            hint = f'Write "{plain if plain.startswith("/") else "/" + plain}".'
            findings.add("path", f'"{page.path}" is not the path of a page.', (*path, "path"), hint)
        elif owners.setdefault(shape(plain), key) != key:
            message = f'The page "{owners[shape(plain)]}" has the path "{plain}" already.'
            findings.add("duplicate-path", message, (*path, "path"), "A path has one page.")
        if wrong := wrong_part(plain):
            hint = "A part of a path is a text, a `:name` for any one part, or `*` for one or more."
            findings.add("path", f'"{wrong}" can\'t be a part of a path.', (*path, "path"), hint)
        begin = len(findings.problems)
        _check_tree(findings, (*path, "blocks"), page.blocks, set(page.blocks))
        said = findings.since(begin)
        for at, experience in enumerate(page.experiences):
            with findings.besides(said):
                _check_page_overrides(findings, (*path, "experiences", at, "overrides"), page, experience)
        _check_experiences(findings, calendar, path, page)


def check_slots(findings: Findings, calendar: Calendar) -> None:
    """Check every slot: its block and experiences."""
    for key, slot in findings.catalog.slots.items():
        path: Path = ("slots", key)
        begin = len(findings.problems)
        _check_block(findings, (*path, "block"), slot.block)
        if slot.block.parent:
            findings.add("parent", "A slot holds exactly one block.", (*path, "block", "parent"), "Leave it out.")
        said = findings.since(begin)
        for at, experience in enumerate(slot.experiences):
            with findings.besides(said):
                _check_slot_overrides(findings, (*path, "experiences", at, "overrides"), slot, experience)
        _check_experiences(findings, calendar, path, slot)


def _check_slot_overrides(findings: Findings, path: Path, slot: Slot, experience: Experience) -> None:
    block, wrong = merged_block(slot.block, experience.overrides)
    for misfit in wrong:
        findings.add("override", misfit.message, (*path, *misfit.path), misfit.hint, misfit.name)
    if block:
        _check_block(findings, path, block)
    _check_removals(findings, path, block_members(slot.block), experience.overrides)


def _check_page_overrides(findings: Findings, path: Path, page: Page, experience: Experience) -> None:
    merged = merged_blocks(page.blocks, experience.overrides)
    for misfit in merged.misfits:
        findings.add("override", misfit.message, (*path, *misfit.path), misfit.hint, misfit.name)
    for block_id in merged.ignored:
        hint = did_you_mean(block_id, page.blocks) or "To add a block, give it a kind and a position."
        message = f'The default has no block "{block_id}", so this changes nothing.'
        findings.add("patch-target", message, (*path, block_id), hint, name=True)
    _check_tree(findings, path, merged.blocks, set(experience.overrides))
    plain = {block_id: block_members(block) for block_id, block in page.blocks.items()}
    patch = {key: value for key, value in experience.overrides.items() if key not in merged.ignored}
    _check_removals(findings, path, plain, patch)


def _check_removals(findings: Findings, path: Path, default: Mapping[str, Any], patch: Any) -> None:
    for steps in removals_of_nothing(default, patch):
        message = f'The default has no "{".".join(steps)}" to take away.'
        findings.add("patch-target", message, (*path, *steps), "Leave the line out.", name=True)


def _check_experiences(findings: Findings, calendar: Calendar, path: Path, owner: Page | Slot) -> None:
    for at, experience in enumerate(owner.experiences):
        where = (*path, "experiences", at)
        if experience.segment is not None:
            findings.refer("segments", experience.segment, (*where, "segment"))
        if experience.schedule:
            span = experience.schedule
            check_span(findings, calendar, (*where, "schedule"), span.start, span.end)
        check_share(findings, experience.holdout, (*where, "holdout"))
    for key, at in doubles(experience.key for experience in owner.experiences):
        message = f'There is an experience "{key}" here already.'
        findings.add("duplicate-experience", message, (*path, "experiences", at, "key"), "Give it another key.")
    told = [(one.name or one.key, one.segment) for one in owner.experiences]
    for at, hidden in shadowed(owner.experiences, calendar, findings.proofs).items():
        message, hint = never_shown(findings, told, at, hidden)
        findings.add("never-shown", message, (*path, "experiences", at), hint)


def check_share(findings: Findings, share: float, path: Path) -> None:
    """Check a share of the visitors."""
    if not 0 <= share <= 1:
        findings.add("share", f"{share:g} is no share.", path, "Write a number from 0 to 1, such as 0.05 for 5 %.")


def _check_tree(findings: Findings, path: Path, blocks: Mapping[str, Block], changed: set[str]) -> None:
    """Check the blocks of `changed`, which belong to a whole page's `blocks`."""
    _check_doubles(findings, path, blocks, changed)
    for block_id, block in blocks.items():
        where = (*path, block_id)
        if block_id in changed:
            _check_block(findings, where, block)
            if not block.position:
                hint = 'Write a text such as "a"; siblings are sorted by it.'
                findings.add("position", f'The block "{block_id}" needs a position.', where, hint)
        if block.parent is None:
            continue
        if block.parent not in blocks:
            hint = did_you_mean(block.parent, blocks) or "So it is not shown; leave out the parent to put it on top."
            if block_id in changed or path[-1] == "blocks":
                message = f'There is no block "{block.parent}" to contain "{block_id}".'
                findings.add("parent", message, (*where, "parent"), hint)
        elif block_id in changed and _contains_itself(block_id, blocks):
            findings.add("parent", f'The block "{block_id}" contains itself.', (*where, "parent"))


def _check_doubles(findings: Findings, path: Path, blocks: Mapping[str, Block], changed: set[str]) -> None:
    """Warn of a slot that a page would show twice: it is shown once."""
    owners: dict[str, str] = {}
    for block_id, block in sorted(blocks.items(), key=position_order):
        if block.slot is None or block.hidden:
            continue
        first = owners.setdefault(block.slot, block_id)
        if first != block_id and changed & {first, block_id}:
            where = (*path, block_id, "settings", SLOT) if block_id in changed else (*path, first)
            message = f'The slot "{block.slot}" is in the block "{first}" of this page already, and is shown once.'
            findings.add("slot-twice", message, where, "Take one of them out.")


def _check_block(findings: Findings, path: Path, block: Block) -> None:
    if not block.kind:
        findings.add("kind", f'The block "{path[-1]}" needs a kind.', (*path, "kind"))
    if block.collection is not None:
        findings.refer("collections", block.collection, (*path, "collection"))
    if block.slot is not None:
        if path[0] == "slots":
            hint = "Choose another kind; a page may show several slots."
            findings.add("slot-in-slot", "A slot can't hold a slot.", (*path, "kind"), hint)
        else:
            findings.refer("slots", block.slot, (*path, "settings", SLOT))
    for steps in _nulls(block.settings):
        hint = "Leave the line out; null is never a value, it takes a value away in an experience's overrides."
        findings.add("null-value", f'"{steps[-1]}" has no value.', (*path, "settings", *steps), hint)


def _contains_itself(block_id: str, blocks: Mapping[str, Block]) -> bool:
    at, passed = blocks[block_id].parent, set[str]()
    while at is not None and at in blocks and at not in passed:
        if at == block_id:
            return True
        passed.add(at)
        at = blocks[at].parent
    return False


def _nulls(settings: Any) -> Iterator[tuple[str | int, ...]]:
    pairs: list[tuple[str | int, Any]] = []
    if isinstance(settings, dict):
        pairs = list(settings.items())
    elif isinstance(settings, list):
        pairs = list(enumerate(settings))
    for name, value in pairs:
        if value is None:
            yield (name,)
        else:
            yield from ((name, *steps) for steps in _nulls(value))
