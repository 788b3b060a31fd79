"""Simulate: who would have seen what, had drafts been live during the visits of the last days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from lenticular.app.backfill import ask, is_merged
from lenticular.app.drafts import change_of
from lenticular.app.flows import flow_sentences
from lenticular.app.prepare import prepare
from lenticular.app.publishing import DraftRef, chosen
from lenticular.app.simulating import simulating
from lenticular.app.simulation import Flow, Outcome, Setting, Where
from lenticular.app.site import LiveSite
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.experience import Experience
from lenticular.catalog.page import Page, plain_path
from lenticular.catalog.paths import expression, is_pattern
from lenticular.catalog.slot import Slot
from lenticular.criteria.calendar import DAY
from lenticular.criteria.sql_visits import (
    Visits,
    their_organizations_query,
    visit_count_query,
    visitors_events_query,
    visitors_query,
    visits_query,
)
from lenticular.errors import ConflictError, LenticularError, Problem

MOST_VISITS = 200_000
"""Of more visits than so many, those of a share of the people are looked at."""
MOST_DAYS = 90
REACH_DAYS = 7
AS_OF_NOW = ("traits", "organizations", "static lists", "consent", "joined profiles", "session.pages", "session.path")
"""What the log does not tell of the past."""


class Reached(msgspec.Struct, frozen=True, rename="camel"):
    """An experience or variation (None is the default), and how many visits see it: with the change, and as it is live.

    `never`: nobody would have seen it.
    """

    key: str | None
    name: str
    visits: int
    live_visits: int
    never: bool


class Simulated(msgspec.Struct, frozen=True, rename="camel"):
    """What visits from `start` to `end` (ms) would have seen. `share`: the share of people that were looked at.

    `as_of_now` is what is as it is now, not as it was then; `measured` says that it is counted and not proven.
    `sentences` say it in a language.
    """

    start: int
    end: int
    visits: int
    people: int
    share: float
    flows: list[Flow]
    experiences: list[Reached]
    sentences: list[str]
    as_of_now: tuple[str, ...] = AS_OF_NOW
    measured: Literal[True] = True


async def simulate(
    site: LiveSite, where: Where, refs: Sequence[DraftRef], days: int, language: str = "en"
) -> Simulated:
    """Replay the visits of the last days with drafts beside what is live; without drafts, as it is live.

    Raises LenticularError for an unknown page, slot or draft, CatalogError for drafts that can't be published,
    ConflictError while another simulation runs, EventsUnavailableError.
    """
    if not 1 <= days <= MOST_DAYS:
        hint = f"Ask for 1 to {MOST_DAYS}."
        raise LenticularError(Problem("simulate.days", f"{days} days can't be replayed.", "days", hint))
    _check(where)
    other = site.engine.catalog
    if refs:
        drafts = await chosen(site, refs)
        other = (await prepare(site, [change_of(one) for one in drafts])).ready().catalog
    return await _simulated(site, where, other, days, language)


async def reach(site: LiveSite, where: Where, order: Sequence[str] | None = None, language: str = "en") -> Simulated:
    """Count who saw each experience in the last seven days, and who would in another order. Raises as `simulate`."""
    _check(where)
    catalog = site.engine.catalog
    other = catalog if order is None else _ordered(catalog, where, order)
    return await _simulated(site, where, other, REACH_DAYS, language)


def _check(where: Where) -> None:
    if len(where.named) != 1:
        hint = "Name one of them."
        raise LenticularError(Problem("simulate.where", "Name a page, a slot or a collection.", "page", hint))


async def _simulated(site: LiveSite, where: Where, other: Catalog, days: int, language: str) -> Simulated:
    if site.simulating:
        raise ConflictError(Problem("simulate.busy", "A simulation is running at this site.", hint="Wait for it."))
    site.simulating = True
    try:
        await site.settle()
        end = site.clock() + 1
        path = "" if where.page is None else plain_path(where.page)
        pattern = is_pattern(path)
        by = f"^(?:{expression(path)})/?$" if pattern else path
        of = Visits(end - days * DAY, end, by, await is_merged(site.stores.events), pattern=pattern)
        visits = int((await ask(site.stores.events, visit_count_query(of)))[0][0])
        of = msgspec.structs.replace(of, of=-(-visits // MOST_VISITS) or 1)
        live = site.engine.catalog
        found = await _run(site, where, live, other, of)
        names = {**_names(live, where), **_names(other, where)}
        return _told(found, of, names, language)
    finally:
        site.simulating = False


async def _run(site: LiveSite, where: Where, live: Catalog, other: Catalog, of: Visits) -> Outcome:
    types = [(scope, name, kind) for (scope, name), kind in site.types.items()]
    async with simulating() as process:
        needs = await process.needs(Setting(live, other, where, types))
        queries = (
            visits_query(of),
            visitors_query(of),
            their_organizations_query(),
            visitors_events_query(of, needs),
        )
        return await process.run([site.stores.events.lines(one.sql, one.parameters) for one in queries])


def _told(found: Outcome, of: Visits, names: dict[str | None, str], language: str) -> Simulated:
    names[None] = names.pop(None)  # the default comes last
    experiences = [_reached(key, name, found.flows) for key, name in names.items()]
    never = [one.name for one in experiences if one.never and found.visits]
    sentences = flow_sentences(found.flows, names, never, (of.end - of.start) // DAY, language)
    return Simulated(of.start, of.end, found.visits, found.people, 1 / of.of, found.flows, experiences, sentences)


def _names(catalog: Catalog, where: Where) -> dict[str | None, str]:
    """Return what experiences or variations are called, in their order, by key; None is the default."""
    if where.collection is not None:
        keys = [one.segment for one in catalog.collections[where.collection].variations]
        return {**{key: catalog.segments[key].name or key for key in keys}, None: ""}
    return {**{one.key: one.name or one.key for one in _owner(catalog, where).experiences}, None: ""}


def _reached(key: str | None, name: str, flows: Sequence[Flow]) -> Reached:
    after = [flow for flow in flows if flow.after == key]
    before = [flow for flow in flows if flow.before == key]
    return Reached(
        key,
        name,
        visits=sum(flow.visits for flow in after),
        live_visits=sum(flow.visits for flow in before),
        never=key is not None and not after,
    )


def _owner(catalog: Catalog, where: Where) -> Page | Slot:
    if where.slot is not None and where.slot in catalog.slots:
        return catalog.slots[where.slot]
    for page in catalog.pages.values():
        if where.page is not None and plain_path(page.path) == plain_path(where.page):
            return page
    raise where.unknown()


def _ordered(catalog: Catalog, where: Where, order: Sequence[str]) -> Catalog:
    """Return a catalog whose page or slot has its experiences in another order."""
    owner = _owner(catalog, where)
    by_key: dict[str, Experience] = {one.key: one for one in owner.experiences}
    if sorted(order) != sorted(by_key):
        hint = f"Name each of them once: {', '.join(by_key)}."
        raise LenticularError(Problem("simulate.order", "The order is not one of these experiences.", "order", hint))
    changed = msgspec.structs.replace(owner, experiences=tuple(by_key[key] for key in order))
    if isinstance(changed, Page):
        return msgspec.structs.replace(catalog, pages={**catalog.pages, changed.key: changed})
    return msgspec.structs.replace(catalog, slots={**catalog.slots, changed.key: changed})
