"""The visitor of a preview: whoever looks, a persona, or a copy of somebody real. Nothing of any of them is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from lenticular.app.audience import person_at
from lenticular.app.decide import DecideRequest, Screen, Where, visit_of
from lenticular.app.engine import Engine, person_of
from lenticular.app.past import lacking
from lenticular.app.preview_token import Preview, PreviewError
from lenticular.app.site import LiveSite
from lenticular.catalog.persona import Persona
from lenticular.criteria.interests import Views
from lenticular.criteria.person import Person
from lenticular.criteria.purposes import PURPOSES
from lenticular.criteria.tables import stored_key
from lenticular.criteria.types import CAMPAIGN, SESSION
from lenticular.decide.request import Visitor
from lenticular.errors import Problem
from lenticular.intake.sender import Sender
from lenticular.intake.values import typed_values
from lenticular.profiles.event import Event, Values
from lenticular.profiles.profile import Profile, Shown

SCREENS = {"desktop": Screen(1440, 900), "tablet": Screen(820, 1180), "mobile": Screen(390, 844)}
"""The screen of a persona by its device, in CSS pixels; its context may say another."""
_SESSION = {("session", name): kind for name, kind in SESSION.items()}
_ASK = "Ask whoever gave you this link for a new one."
_NO_VIEWS: Views = {}


class Onlooker(msgspec.Struct, frozen=True):
    """Whom a preview is decided for: what rules read of them, and what caps and lists do."""

    person: Person
    visitor: Visitor


def passing(site: LiveSite, asked: DecideRequest, sender: Sender, persona: Persona | None, now: int) -> Onlooker:
    """Return the visitor that a request alone makes, or a persona on such a visit.

    Without a bucketing id nobody is held out; without what was shown no cap holds. Raises LenticularError.
    """
    name = f"preview {site.new_id()}"
    # Who previews is not who visits: neither their id nor their consent is looked at.
    where = msgspec.structs.replace(asked.context or Where(), consent=None, bot=None)
    trusted, unsigned = False, msgspec.structs.replace(sender, signals=())
    locale = asked.locale
    if persona is not None:
        where, unsigned, trusted = _their_visit(where, unsigned, persona)
        locale = persona.language or locale
    nobody = msgspec.structs.replace(asked, anonymous_id="", user_id="", context=where, locale=locale)
    empty = Event("visit", name, now, now, trusted=trusted)
    visit = msgspec.structs.replace(visit_of(site, nobody, empty, unsigned) or empty, anonymous_id=name)
    person = person_of(site.collector.current(name, "", visit))
    if persona is not None:
        person = _with_traits(person, persona, site.types)
    return Onlooker(person, Visitor(session_start=person.session_start, interests=person.interests))


def _their_visit(where: Where, sender: Sender, persona: Persona) -> tuple[Where, Sender, bool]:
    """Return the visit that a persona is on, its browser, and whether its place is told."""
    own = persona.context
    if "url" in own:
        where = msgspec.structs.replace(where, url=str(own["url"]), referrer=None)
    if "referrer" in own:
        where = msgspec.structs.replace(where, referrer=str(own["referrer"]))
    campaign = {
        ("name" if name == "utm_campaign" else name.removeprefix("utm_")): own[name] for name in CAMPAIGN if name in own
    }
    if campaign:
        where = msgspec.structs.replace(where, campaign=campaign)
    if persona.device is not None:
        # What the one who looks has in hand is not the persona's: browser and system are unknown then.
        sender = msgspec.structs.replace(sender, user_agent="", hints=b"")
        where = msgspec.structs.replace(
            where, user_agent=None, user_agent_data=None, screen=SCREENS.get(persona.device)
        )
    place = {"country": persona.country, "city": persona.city}
    told = {name: value for name, value in place.items() if value is not None}
    if told:
        where = msgspec.structs.replace(where, location=told, ip=None)
    return where, sender, bool(told)


def _with_traits(person: Person, persona: Persona, types: Mapping[tuple[str, str], str]) -> Person:
    session: Values = dict(person.session)
    session.update(typed_values(persona.context, "session", {**_SESSION, **types}).values)
    if persona.device is not None:
        session[stored_key("device_type", "text")] = persona.device
    user = typed_values(persona.traits, "user", types).values
    return msgspec.structs.replace(person, user=user, session=session)


def profile_of(site: LiveSite, profile_id: int, wanted: Iterable[str] = ()) -> Profile:
    """Return a copy of somebody as of everything accepted, with the states of some tallies.

    Raises PreviewError if there is no such profile, or not any more; StoreError.
    """
    kept = site.stores.profiles.get(profile_id)
    if kept is not None and kept.names:
        kind, name = kept.names[0]
        asked = (name, "") if kind == "anonymous" else ("", name)
        found = site.collector.current(*asked, wanted=lambda: wanted)
        if found is not None and found.id == profile_id:
            return found
        message = "The person of this preview link has become one with another."
        raise PreviewError(Problem("preview.person-merged", message, hint=_ASK))
    if site.stores.profiles.survivors([profile_id]):
        message = "The person of this preview link has become one with another."
        raise PreviewError(Problem("preview.person-merged", message, hint=_ASK))
    raise PreviewError(Problem("preview.person-gone", "The person of this preview link is not here any more."))


async def somebody(site: LiveSite, engine: Engine, preview: Preview, needed: frozenset[str]) -> Onlooker:
    """Return a real person, as they are now or were at the preview's moment; nothing is added to them.

    Their session is that of their last visit. What only the log knows is asked there. Raises PreviewError, StoreError,
    EventsUnavailableError.
    """
    if preview.profile is None:
        raise ValueError("The preview is of nobody.")
    profile = profile_of(site, preview.profile, engine.behaviours_of(needed))
    now = site.clock()
    at = now if preview.at is None else preview.at
    person = site.person(profile)
    live = engine.segments is site.engine.segments
    if at < now or not live or lacking(site, profile, needed):
        person = await person_at(site, profile.id, person, engine.segments, at)
    withheld = profile.withheld & PURPOSES["personalization"]
    visitor = Visitor(
        session_start=person.session_start,
        bucketing_id=profile.bucketing_id,
        interests=_NO_VIEWS if withheld else person.interests,
    )
    if preview.caps:
        reserved = site.reservations.active(profile.names, now) if preview.at is None else {}
        visitor = msgspec.structs.replace(visitor, shown=_shown_by(profile, at), reserved=reserved)
    return Onlooker(person, visitor)


def _shown_by(profile: Profile, at: int) -> dict[str, Shown]:
    """Return what somebody had seen by a moment (ms), as far as its time is kept."""
    found = {}
    for item, shown in profile.shown.items():
        times = [time for time in shown.times if time <= at]
        found[item] = Shown(shown.count - len(shown.times) + len(times), times)
    return found
