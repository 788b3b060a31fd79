"""Preview: what someone else would see, now or later, of drafts. Nothing of it is kept, counted or reserved."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from lenticular.app.decide import Decided, DecideRequest
from lenticular.app.drafts import change_of
from lenticular.app.engine import Engine, recounted_engine
from lenticular.app.localized import localized
from lenticular.app.open import Installation
from lenticular.app.prepare import prepare
from lenticular.app.preview_key import preview_key
from lenticular.app.preview_token import Preview, PreviewError, preview_of
from lenticular.app.preview_told import discreet, with_preview, with_truth
from lenticular.app.preview_visitor import passing, profile_of, somebody
from lenticular.app.site import LiveSite
from lenticular.catalog.moments import parse_moment
from lenticular.catalog.persona import Persona
from lenticular.decide.decide import decide
from lenticular.decide.request import Request
from lenticular.decide.snapshot import without_holdout
from lenticular.errors import CatalogError, Problem, did_you_mean
from lenticular.intake.sender import NOBODY, Sender


class Previews:
    """Reads preview links and decides for them. The engine of a site's drafts is kept until one of them changes."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._drafted: dict[str, tuple[object, Engine]] = {}

    def read(self, token: str, site: LiveSite) -> Preview:
        """Return what a token shows, and note that it is looked at. Raises PreviewError, StoreError."""
        preview = preview_of(token, preview_key(self._installation), site.key, site.clock())
        self._installation.preview_links.look(preview)
        return preview

    async def engine(self, site: LiveSite, preview: Preview) -> Engine:
        """Return the engine that a preview is decided by. Raises PreviewError for drafts that can't be, StoreError."""
        engine = await self._with_drafts(site) if preview.drafts else site.engine
        refuse_unknown(preview, engine)
        if preview.profile is not None:
            profile_of(site, preview.profile)
        return engine

    async def _with_drafts(self, site: LiveSite) -> Engine:
        drafts = await site.in_store(site.stores.catalogs.drafts, site.key)
        if not drafts:
            return site.engine
        live = site.engine
        face = live.snapshot.revision, tuple((one.definition, one.version) for one in drafts)
        known = self._drafted.get(site.key)
        if known is not None and known[0] == face:
            return known[1]
        try:
            prepared = await prepare(site, [change_of(one) for one in drafts])
        except CatalogError as error:
            raise PreviewError(_unready(), *error.problems) from None
        if prepared.engine is None:
            raise PreviewError(_unready(), *prepared.problems)
        engine = recounted_engine(prepared.engine, site.popular)
        self._drafted[site.key] = face, engine
        return engine


async def decide_as(
    site: LiveSite, engine: Engine, preview: Preview, asked: DecideRequest, sender: Sender = NOBODY
) -> Decided:
    """Decide as a preview says. Raises LenticularError for a context that can't be read, PreviewError, StoreError,
    EventsUnavailableError.
    """
    snapshot = engine.snapshot
    persona = engine.catalog.personas.get(preview.persona or "")
    now = _moment(preview, persona, engine) or site.clock()
    needed = snapshot.needs(asked.page, asked.slots)
    if preview.profile is not None:
        seen = await somebody(site, engine, preview, needed)
    else:
        seen = passing(site, asked, sender, persona, now)
    forced = frozenset(preview.segments or ()) or frozenset(persona.segments if persona else ())
    matching = forced
    if preview.segments is None:
        matching |= engine.segments.matching(needed, seen.person, now)
    request, decision_id = Request(asked.page, asked.slots, asked.explain), site.new_id()
    outcome = decide(without_holdout(snapshot), request, matching, seen.visitor, now, decision_id)
    decision = with_preview(outcome.decision, forced)
    if preview.profile is not None:
        truth = decide(snapshot, request, matching, seen.visitor, now, decision_id)
        decision = with_truth(discreet(decision), truth.decision)
    outcome = msgspec.structs.replace(outcome, decision=decision, reserve=())
    if asked.render:
        outcome = engine.rendering().render(outcome, asked.locale)
    elif asked.locale:
        outcome = localized(outcome, engine.catalog, asked.locale)
    return Decided(outcome, {})


def refuse_unknown(preview: Preview, engine: Engine) -> None:
    """Refuse segments and a persona that are not there. Raises PreviewError."""
    named: list[tuple[str, str, Collection[str]]]
    named = [("segment", one, engine.catalog.segments) for one in preview.segments or ()]
    named += [("persona", preview.persona, engine.catalog.personas)] if preview.persona is not None else []
    for what, key, known in named:
        if key not in known:
            hint = did_you_mean(key, known) or f"Known: {', '.join(known)}."
            raise PreviewError(Problem(f"preview.unknown-{what}", f'There is no {what} "{key}".', what, hint))


def _unready() -> Problem:
    return Problem("preview.drafts", "The drafts can't be shown as they are.", hint="Mend what is named below.")


def _moment(preview: Preview, persona: Persona | None, engine: Engine) -> int | None:
    if preview.at is not None or persona is None or persona.time is None:
        return preview.at
    return parse_moment(persona.time, engine.snapshot.calendar)
