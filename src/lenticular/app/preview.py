"""Preview: what someone else would see, now or later, of drafts. Nothing of it is kept, counted or reserved."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set

import msgspec

from lenticular.app.decide import Decided, DecideRequest, visit_of
from lenticular.app.drafts import change_of
from lenticular.app.engine import Engine, person_of, recounted_engine
from lenticular.app.localized import localized
from lenticular.app.open import Installation
from lenticular.app.prepare import prepare
from lenticular.app.preview_key import preview_key
from lenticular.app.preview_token import Preview, PreviewError, preview_of
from lenticular.app.site import LiveSite
from lenticular.catalog.moments import parse_moment
from lenticular.catalog.persona import Persona
from lenticular.criteria.person import Person
from lenticular.criteria.tables import stored_key
from lenticular.decide.decide import decide
from lenticular.decide.decision import Decision, Outcome, PageBlock, PageDecision, SlotDecision
from lenticular.decide.request import Request, Visitor
from lenticular.errors import CatalogError, Problem, did_you_mean
from lenticular.intake.sender import Sender
from lenticular.intake.values import typed_values
from lenticular.profiles.event import Event, Values


class Previews:
    """Reads preview links and decides for them. The engine of a site's drafts is kept until one of them changes."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._drafted: dict[str, tuple[object, Engine]] = {}

    def read(self, token: str, site: LiveSite) -> Preview:
        """Return what a token shows. Raises PreviewError, StoreError."""
        return preview_of(token, preview_key(self._installation), site.key, site.clock())

    async def engine(self, site: LiveSite, preview: Preview) -> Engine:
        """Return the engine that a preview is decided by. Raises PreviewError for drafts that can't be, StoreError."""
        engine = await self._with_drafts(site) if preview.drafts else site.engine
        refuse_unknown(preview, engine)
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

    def decide(self, site: LiveSite, engine: Engine, preview: Preview, asked: DecideRequest, sender: Sender) -> Decided:
        """Decide as a preview says. Raises LenticularError for a context that can't be read."""
        persona = engine.catalog.personas.get(preview.persona or "")
        now = _moment(preview, persona, engine) or site.clock()
        forced = frozenset(preview.segments or ()) or frozenset(persona.segments if persona else ())
        person = _person(site, asked, sender, persona, now)
        matching = forced
        if preview.segments is None:
            needed = engine.snapshot.needs(asked.page, asked.slots)
            matching |= engine.segments.matching(needed, person, now)
        request = Request(asked.page, asked.slots, asked.explain)
        # Without a bucketing id nobody is held out; without what was shown no cap holds.
        visitor = Visitor(session_start=person.session_start, interests=person.interests)
        outcome = decide(engine.snapshot, request, matching, visitor, now, site.new_id())
        outcome = msgspec.structs.replace(outcome, decision=_told(outcome.decision, forced), reserve=())
        if asked.render:
            outcome = engine.rendering().render(outcome, asked.locale)
        elif asked.locale:
            outcome = localized(outcome, engine.catalog, asked.locale)
        return Decided(_private(outcome), {})


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


def _person(site: LiveSite, asked: DecideRequest, sender: Sender, persona: Persona | None, now: int) -> Person:
    """Return what rules read: of the visit that is there, and of a persona on top. Raises LenticularError."""
    passing = f"preview {site.new_id()}"
    # Who previews is not who visits: neither their id nor their consent is looked at.
    context = asked.context and msgspec.structs.replace(asked.context, consent=None, bot=None)
    nobody = msgspec.structs.replace(asked, anonymous_id="", user_id="", context=context)
    unsigned = msgspec.structs.replace(sender, signals=())
    visit = visit_of(site, nobody, Event("visit", passing, now, now), unsigned)
    visit = visit or Event("visit", passing, now, now)
    visit = msgspec.structs.replace(visit, anonymous_id=passing)
    person = person_of(site.collector.current(passing, "", visit))
    return _as_persona(person, persona, site.types) if persona else person


def _as_persona(person: Person, persona: Persona, types: Mapping[tuple[str, str], str]) -> Person:
    session: Values = dict(person.session)
    session.update(typed_values(persona.context, "session", types).values)
    for name, value in (("device_type", persona.device), ("country", persona.country)):
        if value is not None:
            session[stored_key(name, "text")] = value
    user = typed_values(persona.traits, "user", types).values
    return msgspec.structs.replace(person, user=user, session=session)


def _told(decision: Decision, forced: Set[str]) -> Decision:
    """Return a decision that says PREVIEW wherever the preview, and not the visitor, is why something is shown."""
    page = _page(decision.page, forced) if decision.page else None
    slots = {key: _slot(slot, forced) for key, slot in decision.slots.items()}
    return msgspec.structs.replace(decision, page=page, slots=slots)


def _page(page: PageDecision, forced: Set[str]) -> PageDecision:
    reason = "PREVIEW" if page.reason == "TARGETING_MATCH" and page.segment in forced else page.reason
    return msgspec.structs.replace(page, reason=reason, blocks=tuple(_block(one, forced) for one in page.blocks))


def _block(block: PageBlock, forced: Set[str]) -> PageBlock:
    if block.reason == "TARGETING_MATCH" and block.variation in forced:
        return msgspec.structs.replace(block, reason="PREVIEW")
    return block


def _slot(slot: SlotDecision, forced: Set[str]) -> SlotDecision:
    if slot.reason == "TARGETING_MATCH" and (slot.segment in forced or slot.variation in forced):
        return msgspec.structs.replace(slot, reason="PREVIEW")
    return slot


def _private(outcome: Outcome) -> Outcome:
    return msgspec.structs.replace(outcome, decision=msgspec.structs.replace(outcome.decision, cache="private"))
