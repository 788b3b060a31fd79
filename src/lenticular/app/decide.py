"""Decide: a request from the wire, the visitor as of everything accepted, and the answer."""

from __future__ import annotations

import logging
from typing import Any

import msgspec

from lenticular.app.engine import Engine
from lenticular.app.localized import localized
from lenticular.app.past import complete, lacking, past_of
from lenticular.app.site import LiveSite
from lenticular.criteria.explain import Explanation, explain
from lenticular.criteria.interests import Views
from lenticular.criteria.purposes import PURPOSES
from lenticular.decide.decision import Decision, Outcome
from lenticular.decide.request import Request, Visitor
from lenticular.decide.shown_at import shown_at
from lenticular.errors import EventsUnavailableError
from lenticular.intake.consent import consent_with
from lenticular.intake.context import context_values
from lenticular.intake.sender import NOBODY, Sender
from lenticular.intake.trust import set_aside
from lenticular.intake.visit import visit_values
from lenticular.profiles.event import Event
from lenticular.profiles.fold import IMPRESSION, register
from lenticular.profiles.profile import Profile

_VISIT_AGAIN = 60_000
"""A session that goes on is noted once a minute at most (ms)."""
_MOST_VISITS = 200_000
_TRIES = 3
_NO_VIEWS: Views = {}
_log = logging.getLogger(__name__)


class Screen(msgspec.Struct, frozen=True):
    """The visitor's screen, in CSS pixels."""

    width: float | None = None
    height: float | None = None


class Where(msgspec.Struct, frozen=True, rename="camel"):
    """Where the visitor is: the page's URL, the referrer, the IANA zone, the screen, and more of Segment's context.

    `user_agent` and `user_agent_data` (`navigator.userAgentData`) are the visitor's browser, `location` and `ip` their
    place (believed with the secret key), `cookies` and `custom` what the site tells of the visit, `consent` what they
    allow, `bot` whether they are a machine.
    """

    url: str | None = None
    referrer: str | None = None
    timezone: str | None = None
    screen: Screen | None = None
    user_agent: str | None = None
    user_agent_data: dict[str, Any] | None = None
    campaign: dict[str, Any] | None = None
    location: dict[str, Any] | None = None
    cookies: dict[str, Any] | None = None
    custom: dict[str, Any] | None = None
    consent: dict[str, Any] | None = None
    ip: str | None = None
    bot: bool | None = None


class DecideRequest(msgspec.Struct, frozen=True, rename="camel"):
    """`POST /v1/decide`: a site, a page's path and/or slots, and whom it is for; `render`: with HTML. In `locale`.

    `preview` is the token of a preview link: then it says whom it is for.
    """

    site: str
    page: str | None = None
    slots: tuple[str, ...] = ()
    anonymous_id: str = ""
    user_id: str = ""
    locale: str = ""
    explain: bool = False
    impression: bool = False
    render: bool = False
    preview: str = ""
    context: Where | None = None


class Decided(msgspec.Struct, frozen=True):
    """An outcome, and the explanations of the segments it depends on, if a server asked for them.

    They show traits, which a browser's public key must not read.
    """

    outcome: Outcome
    why: dict[str, Explanation]


class _Asking(msgspec.Struct, frozen=True):
    """A request on its way: when (ms), the decision's id, the visit it tells of, whether a server asks and somebody
    will look at the answer.
    """

    asked: DecideRequest
    now: int
    id: str
    visit: Event | None
    trusted: bool
    seen: bool


async def decide_for(
    site: LiveSite, asked: DecideRequest, sender: Sender = NOBODY, trusted: bool = False, seen: bool = True
) -> tuple[Decided, list[Event]]:
    """Return the decision, and the events (a visit, impressions, exposures) that must be accepted to stay.

    `sender` is the visitor's browser, if that asks; `trusted` is a server with the secret key; `seen` is false for what
    is fetched ahead, which exposes nobody. This waits only for what the log alone can tell; from looking at the profile
    to reserving nothing does: two tabs that ask at once are answered one after the other. Raises LenticularError for a
    context that can't be kept.
    """
    now, decision_id = site.clock(), site.new_id()
    visit = visit_of(site, asked, Event("visit", f"visit-{decision_id}", now, now, trusted=trusted), sender)
    asking = _Asking(asked, now, decision_id, visit, trusted, seen)
    if visit is not None and visit.bot:
        return default_for(site, asked, now, decision_id), []
    profile, needed = _look(site, asking)
    lacks = lacking(site, profile, needed)
    try:
        for _ in range(_TRIES):
            if profile is None or not lacks:
                return _decide(site, asking, profile, needed, lacks)
            past = await past_of(site, profile, lacks)
            async with site.collector.paused():
                profile, needed = _look(site, asking)
                lacks = lacking(site, profile, needed)
                if profile is not None and complete(site, profile, lacks, past):
                    return _decide(site, asking, profile, needed, frozenset())
    except EventsUnavailableError as error:
        _log.warning("What only the log knows was left out of a decision: %s.", error.codes, extra={"site": site.key})
    # The log does not answer, or the visitor became someone else each time it did.
    profile, needed = _look(site, asking)
    return _decide(site, asking, profile, needed, lacking(site, profile, needed))


def _look(site: LiveSite, asking: _Asking) -> tuple[Profile | None, frozenset[str]]:
    """Return the visitor as of everything accepted, and the segments that the decision may depend on."""
    needed = site.engine.snapshot.needs(asking.asked.page, asking.asked.slots)
    return _profile(site, asking, needed), needed


def _decide(
    site: LiveSite, asking: _Asking, profile: Profile | None, needed: frozenset[str], lacks: frozenset[str]
) -> tuple[Decided, list[Event]]:
    """Decide for a profile as it is; a segment that needs a tally that it `lacks` is nobody's, and that is said."""
    asked, now, engine = asking.asked, asking.now, site.engine
    request, person = Request(asked.page, asked.slots, asked.explain), site.person(profile)
    unknown = frozenset(key for key in needed if lacks & engine.behaviours_of([key])) if lacks else lacks
    known = needed - unknown
    matching = engine.segments.matching(known, person, now) if known else frozenset()
    outcome = engine.decider.decide(request, matching, _visitor(site, asked, profile, now, unknown), now, asking.id)
    outcome = _told(engine, outcome, asked)
    if profile is not None and outcome.reserve:
        site.reservations.reserve(profile.names, outcome.reserve, asking.id, now)
    visit = asking.visit
    events = [visit] if visit is not None and _is_news(site, visit, profile, now) else []
    if asked.impression and profile is not None:
        events += [_impression(asked, item, outcome.decision, now) for item in outcome.reserve]
    if profile is not None and asking.seen:
        ids = asked.anonymous_id, asked.user_id
        events += site.exposures.of(engine.snapshot, outcome.decision, profile, ids, now)
    for kept in events:
        register(kept, site.collector.types)
    explained = sorted(known) if asked.explain and asking.trusted else []
    why = {key: explain(engine.segments, key, person, now) for key in explained}
    return Decided(outcome, why), events


def default_for(site: LiveSite, asked: DecideRequest, now: int, decision_id: str) -> Decided:
    """Return the default of everything, for a machine: it is in no segment, and leaves nothing behind."""
    request = Request(asked.page, asked.slots, asked.explain)
    outcome = site.engine.decider.decide(request, frozenset(), Visitor(), now, decision_id)
    return Decided(_told(site.engine, outcome, asked), {})


def _told(engine: Engine, outcome: Outcome, asked: DecideRequest) -> Outcome:
    """Return an outcome as it was asked for: with HTML, or with items in one language, or as it is."""
    if asked.render:
        return engine.rendering().render(outcome, asked.locale)
    return localized(outcome, engine.catalog, asked.locale) if asked.locale else outcome


def _profile(site: LiveSite, asking: _Asking, needed: frozenset[str]) -> Profile | None:
    asked, visit = asking.asked, asking.visit
    if asked.anonymous_id or asked.user_id:
        wanted = lambda: site.engine.behaviours_of(needed)  # noqa: E731  # worked out for the few who need it
        return site.collector.current(asked.anonymous_id, asked.user_id, visit, wanted)
    if visit is None:
        return None
    # Nobody in particular: the context alone makes a session, and nothing of it is kept.
    passing = msgspec.structs.replace(visit, anonymous_id=f"passing {visit.message_id}")
    return site.collector.current(passing.anonymous_id, "", passing)


def visit_of(site: LiveSite, asked: DecideRequest, empty: Event, sender: Sender) -> Event | None:
    """Return the visit that a request tells of, made of an `empty` one; None if it tells of none.

    Raises LenticularError for a context that can't be kept.
    """
    withheld = site.engine.catalog.site.signals.withheld(sender.signals) if sender.signals else ()
    if asked.context is None and not (asked.anonymous_id or asked.user_id or withheld or sender.user_agent):
        return None
    wire = _wire_context(asked.locale, asked.context or Where())
    own = visit_values(wire, site.types)
    if not empty.trusted:
        own = set_aside(own, "session", site.engine.segments.schema.trusted, site.types)
    return msgspec.structs.replace(
        empty,
        anonymous_id=asked.anonymous_id,
        user_id=asked.user_id,
        context=context_values(wire, {}, sender, empty.trusted),
        session=own.values,
        consent=consent_with(wire, withheld),
    )


def _wire_context(locale: str, where: Where) -> dict[str, Any]:
    """The request's context in the shape that Segment's messages have theirs."""
    page = {"url": where.url, "referrer": where.referrer}
    screen = where.screen or Screen()
    wire: dict[str, Any] = {
        "page": {name: value for name, value in page.items() if value},
        "screen": {name: value for name, value in (("width", screen.width), ("height", screen.height)) if value},
        "locale": locale,
        "timezone": where.timezone,
        "userAgent": where.user_agent,
        "userAgentData": where.user_agent_data,
        "campaign": where.campaign,
        "location": where.location,
        "cookies": where.cookies,
        "custom": where.custom,
        "consent": where.consent,
        "ip": where.ip,
    }
    told = {name: value for name, value in wire.items() if value}
    return told if where.bot is None else {**told, "bot": where.bot}


def _is_news(site: LiveSite, visit: Event, profile: Profile | None, now: int) -> bool:
    """A visit is kept if it opened a session, or tells news of the site or of consent, or the last is a minute old."""
    if not (visit.anonymous_id or visit.user_id) or profile is None or profile.session is None:
        return False
    told = hash(repr((visit.session, visit.consent))) if visit.session or visit.consent else 0
    session_id, kept, known = site.visits.get((visit.anonymous_id, visit.user_id), (0, 0, 0))
    if session_id == profile.session.id and now - kept < _VISIT_AGAIN and told == known:
        return False
    if len(site.visits) >= _MOST_VISITS:
        site.visits.clear()
    site.visits[visit.anonymous_id, visit.user_id] = profile.session.id, now, told
    return True


def _visitor(
    site: LiveSite, asked: DecideRequest, profile: Profile | None, now: int, unknown: frozenset[str]
) -> Visitor:
    if profile is None:
        return Visitor()
    start = profile.session.start if profile.session else None
    reserved = site.reservations.active(profile.names, now)
    # Of who is nobody in particular no lots are drawn: they would come out otherwise each time.
    bucketing_id = profile.bucketing_id if asked.anonymous_id or asked.user_id else ""
    interests = _NO_VIEWS if profile.withheld & PURPOSES["personalization"] else profile.interests
    return Visitor(profile.shown, start, reserved, unknown, bucketing_id, interests)


def _impression(asked: DecideRequest, item: str, decision: Decision, now: int) -> Event:
    """Return that a visitor saw an item of a decision. The tag's own message of it has the same id: it counts once."""
    return Event(
        type="track",
        message_id=f"{decision.id}:{item}",
        time=now,
        received=now,
        anonymous_id=asked.anonymous_id,
        user_id=asked.user_id,
        name=IMPRESSION,
        properties={
            "t_item": item,
            "t_decision": decision.id,
            **{f"t_{name}": value for name, value in shown_at(item, decision).items()},
        },
    )
