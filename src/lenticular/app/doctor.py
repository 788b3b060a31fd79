"""Doctor: what is wrong with an installation, and what to do; `repair` does what is safe, and may be done again."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import msgspec

from lenticular.app.backup_folder import last_backup
from lenticular.app.block_kinds import block_kinds
from lenticular.app.check_folder import (
    LITTLE_DISK,
    check_backups,
    check_catalog,
    check_files,
    check_journal,
    check_profiles,
    check_writable,
)
from lenticular.app.check_log import check_log
from lenticular.app.finding import Finding, fine, warning, wrong
from lenticular.app.give_way import give_way
from lenticular.app.open import Installation
from lenticular.app.pictures.check import check_pictures, mend_pictures
from lenticular.app.quarantine import retry
from lenticular.app.replay import replay
from lenticular.app.site import LiveSite
from lenticular.errors import LenticularError, StoreError
from lenticular.stores.clickhouse.check import ClickHouseCheck, remove

_MANY_RESTARTS = 3
_MOST_JOBS = 20
_AHEAD = 60_000
"""Milliseconds by which the newest event may be ahead of the clock."""


async def examine(installation: Installation) -> list[Finding]:
    """Look at everything; nothing is changed."""
    found = await asyncio.to_thread(check_writable, installation.folder.path)
    found += [*_child(installation), *_versions(installation), *_kinds()]
    found += await _catalog(installation)
    found += await _jobs(installation)
    with suppress(StoreError):  # the catalog's database does not answer: among the findings already
        found += await check_pictures(installation.pictures)
    found += await asyncio.to_thread(check_backups, installation.folder.path, installation.clock())
    for _, site in sorted(installation.sites.items()):
        found += await _site(installation, site)
    return found + await asyncio.to_thread(_closed, installation)


async def repair(installation: Installation) -> list[Finding]:
    """Mend what can be mended without losing anything; return what was found, and of the rest how it is now."""
    async with installation.caring:
        before = await examine(installation)
        done: dict[tuple[str, str], str] = {}
        await _begin_anew(installation, done)
        closed = set(installation.closed)
        with suppress(StoreError):  # the catalog's database does not answer: that is among the findings
            await installation.open_sites()
        done |= {(key, "site.closed"): "It is open again." for key in closed - set(installation.closed)}
        if any(each.code.startswith("pictures.") for each in before):
            with suppress(StoreError):
                await mend_pictures(installation.pictures, done)
        for _, site in sorted(installation.sites.items()):
            codes = {each.code for each in before if each.site == site.key and each.level == "wrong"}
            try:
                await _mend(installation, site, codes, done)
            except LenticularError as error:
                done |= {(site.key, code): f"It could not be mended: {error.problems[0]}" for code in codes}
        if not done:
            return before
        mended = [
            msgspec.structs.replace(each, level="ok", done=done[each.site, each.code])
            for each in before
            if (each.site, each.code) in done
        ]
        after = await examine(installation)
        still = {(each.site, each.code) for each in after if each.level == "wrong"}
        return [each for each in mended if (each.site, each.code) not in still] + [
            msgspec.structs.replace(each, done=done.get((each.site, each.code), "")) for each in after
        ]


async def _begin_anew(installation: Installation, done: dict[tuple[str, str], str]) -> None:
    """Put an events store aside that can't be opened, though there is room for it; fill a new one."""
    child, home = installation.child, installation.folder.path
    if child.ready or not child.trouble or shutil.disk_usage(home).free < LITTLE_DISK:
        return
    name = f"store.broken-{installation.clock()}"
    if not await child.set_aside(name):
        return
    backup = last_backup(home)
    for _, site in sorted(installation.sites.items()):
        await replay(site, backup, home / f"replay-{site.key}")
    done["", "events.down"] = f"The old store is set aside ({name}); a new one is filled from backup and journal."


def _closed(installation: Installation) -> list[Finding]:
    found = []
    home = installation.folder.path
    for key, error in sorted(installation.closed.items()):
        for problem in error.problems:
            message = f"The site could not be opened: {problem.message}"
            found.append(wrong("site.closed", message, problem.hint, key))
        found += [each for each in check_files(key, home / "sites" / key, home) if each.level != "ok"]
    return found


async def _mend(installation: Installation, site: LiveSite, codes: set[str], done: dict[tuple[str, str], str]) -> None:
    if "profiles.identities" in codes:
        changed = await site.collector.between(lambda: site.stores.profiles.mend(give_way))
        done[site.key, "profiles.identities"] = f"{changed:,} identities were made again."
    if "quarantine" in codes:
        tried = await retry(site)
        done[site.key, "quarantine"] = f"{tried.sent:,} rows were taken, {tried.refused:,} refused again."
    check = ClickHouseCheck(site.stores.parts)
    if codes & {"log.broken", "log.unreadable"}:
        for table, part in await check.broken():
            await check.detach(table, part)
    lost = codes & {"log.broken", "log.unreadable", "log.aside", "log.missing"}
    if lost:
        home = installation.folder.path
        made = await replay(site, last_backup(home), home / f"replay-{site.key}")
        remove(await check.set_aside())
        text = f"{made.from_backup:,} events came from the backup, {made.from_journal:,} of the journal are there."
        if made.lost:
            text += f" Numbers {made.lost.first:,} to {made.lost.last:,} are in neither, as far as they were lost."
        done |= {(site.key, code): text for code in lost}
    if "log.doubled" in codes:
        await check.single()
        done[site.key, "log.doubled"] = "Each is there once."


def _child(installation: Installation) -> list[Finding]:
    child = installation.child
    if not child.ready:
        hint = f"It is started again by itself. {child.folder / 'child.log'} says why."
        return [wrong("events.down", "The events store is not running.", hint)]
    if child.restarts >= _MANY_RESTARTS:
        hint = f"{child.folder / 'child.log'} says why; perhaps LENTICULAR_EVENTS_MEMORY is too much for this machine."
        return [warning("events.restarts", f"The events store was started again {child.restarts} times.", hint)]
    return [fine("events", "the events store (ClickHouse) runs")]


async def _catalog(installation: Installation) -> list[Finding]:
    found = []
    try:
        await installation.in_store(installation.catalogs.sites)
    except StoreError as error:
        found = [wrong("catalog.down", problem.message, problem.hint) for problem in error.problems]
    if installation.catalog_file is not None:
        return found + await asyncio.to_thread(check_catalog, installation.folder.path)
    return found or [fine("catalog", "the catalog's database answers; its own tools save it, no backup of ours does")]


async def _jobs(installation: Installation) -> list[Finding]:
    with suppress(StoreError):  # among the findings already
        failed = await installation.jobs.failing()
        hint = "Once that is mended: lenticular jobs retry {}."
        found = [
            warning(
                "job.failed", f"The job {one.id} ({one.kind}) has failed: {one.reason}", hint.format(one.id), one.site
            )
            for one in failed[-_MOST_JOBS:]
        ]
        return found or [fine("jobs", "no job has failed that was not made good since")]
    return []


def _kinds() -> list[Finding]:
    kinds = block_kinds()
    found = [warning("blocks.kind", problem.message, problem.hint) for problem in kinds.problems]
    return found or [fine("blocks", f"{len(list(kinds))} kinds of blocks can be shown")]


def _versions(installation: Installation) -> list[Finding]:
    return [fine("version", f"Lenticular {version('lenticular')}, zone tables {version('tzdata')}")]


async def _site(installation: Installation, site: LiveSite) -> list[Finding]:
    folder, data = site.stores.folder, installation.folder.path
    try:
        found = await asyncio.to_thread(_files, site, folder, data)
    except StoreError as error:
        found = [wrong("file.unreadable", error.problems[0].message, error.problems[0].hint, site.key)]
    found += _queues(site, installation.clock())
    return [*found, *await check_log(site)]


def _files(site: LiveSite, folder: Path, data: Path) -> list[Finding]:
    found = check_files(site.key, folder, data)
    if all(each.level == "ok" for each in found):
        found += check_journal(site.key, folder, site.stores.profiles.folded())
        found += check_profiles(site.key, folder)
    return found


def _queues(site: LiveSite, now: int) -> list[Finding]:
    profiles, found = site.stores.profiles, []
    aside = profiles.quarantined_count()
    if aside:
        hint = "lenticular quarantine list shows them; they are counted nowhere until they are taken."
        found.append(wrong("quarantine", f"The events store refused {aside:,} rows.", hint, site.key))
    if site.collector.skipped:
        hint = "A defect of ours; the server's log says which. They stay in the journal."
        found.append(warning("fold.skipped", f"{site.collector.skipped:,} events can't be folded.", hint, site.key))
    if site.flusher.failures:
        hint = "They are sent by themselves when it answers."
        message = (
            f"{profiles.waiting():,} rows wait, and the events store did not take them {site.flusher.failures} times."
        )
        found.append(warning("flush.waiting", message, hint, site.key))
    if site.backfill.trouble:
        found.append(warning("backfill", site.backfill.trouble, "It goes on by itself.", site.key))
    last = site.stores.journal.last()
    newest = site.stores.journal.read(last - 1, 1) if last else []
    ahead = newest[0][1].received - now if newest else 0
    if ahead > _AHEAD:
        message = (
            f"The newest event was received {ahead / 60_000:,.0f} minutes later than it is now: the clock went back."
        )
        found.append(warning("clock.back", message, "Set the clock (NTP). Nothing is lost.", site.key))
    catalog = site.engine.catalog
    behind = site.collector.pending + profiles.waiting()
    late = f", {behind:,} events on their way to reports" if behind else ""
    text = f"{len(catalog.segments)} segments, zone {catalog.site.timezone}{late}"
    return [*found, fine("site", text, site.key)]
