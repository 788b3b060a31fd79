"""What the demo page shows at one moment: the rule, its count, and five people's home pages with their reasons."""

from __future__ import annotations

from typing import Any

import msgspec

from lenticular.app.audience import Audience, tallies_at
from lenticular.app.count import count_together
from lenticular.app.site import LiveSite
from lenticular.blocks.locale import in_language
from lenticular.criteria.calendar import DAY, Calendar, civil, weekday
from lenticular.criteria.change import next_change
from lenticular.criteria.explain import Explanation, Reason, explain
from lenticular.criteria.person import Person as Look
from lenticular.criteria.segments import Segments, read_rule
from lenticular.criteria.sentence import phrase, sentence
from lenticular.criteria.text import to_text
from lenticular.criteria.tree import Not, part_at
from lenticular.decide.decide import decide
from lenticular.decide.decision import Decision, Outcome
from lenticular.decide.explanation import LeftOut
from lenticular.decide.request import Request, Visitor
from lenticular.demo.bank import Demo
from lenticular.demo.little import little_page
from lenticular.demo.people import Person
from lenticular.errors import EventsUnavailableError, Problem, RuleError
from lenticular.intake.context import context_values
from lenticular.profiles.event import Event
from lenticular.profiles.profile import Profile, Shown

SEGMENT = "students"
_WEEK = 7 * DAY
_MOST_MOMENTS = 8
_REQUEST = Request("/", explain=True)


class View:
    """One moment, one rule: `rule` is the text that stands in for the published one, `now` the demo's clock (ms)."""

    def __init__(self, demo: Demo, rule: str | None, now: int | None) -> None:
        self.demo, self.site = demo, demo.site
        self.now = demo.started if now is None else min(max(now, demo.started), demo.started + _WEEK)
        live = self.site.engine.segments
        self.published = to_text(live.trees[SEGMENT])
        self.text, self.problems = rule if rule is not None else self.published, list[Problem]()
        self.segments = live
        self._tallies: dict[int, dict[str, object]] = {}
        if rule is not None and rule != self.published:
            try:
                self.segments = _with_rule(self.site, rule)
            except RuleError as error:
                self.problems = list(error.problems)

    async def state(self) -> dict[str, Any]:
        """Return the whole state, as the page reads it. Raises EventsUnavailableError when the log is needed."""
        await self._count_behaviours()
        people = [self._person(person) for person in self.demo.people]
        return {
            "site": self.site.key,
            "zone": self._calendar.zone,
            "now": self.now,
            "start": self.demo.started,
            "end": self.demo.started + _WEEK,
            "rule": self._rule(),
            "count": await self._count(),
            "people": people,
            "moments": self._moments(),
            "traffic": msgspec.to_builtins(self.demo.traffic),
            "curl": self.demo.curl(self.demo.url),
            "magazine": self.demo.magazine,
        }

    @property
    def _calendar(self) -> Calendar:
        return self.segments.calendar

    def _rule(self) -> dict[str, Any]:
        return {
            "segment": SEGMENT,
            "name": self._name(SEGMENT),
            "text": self.text,
            "sentence": sentence(self.segments.trees[SEGMENT], self.segments.schema),
            "published": self.published,
            "problems": msgspec.to_builtins(self.problems),
        }

    async def _count(self) -> dict[str, Any] | None:
        live = self.site.engine.segments
        others = [] if self.segments is live else [live.trees[SEGMENT]]
        try:
            who = Audience(SEGMENT, self.segments)
            total, people, known, *rest = await count_together(self.site, who, others, self.now)
        except EventsUnavailableError:
            return None  # the page keeps the number that it has
        return {
            "people": people,
            "known": known,
            "total": total,
            "asOf": self.now,
            "before": rest[0] if rest else people,
        }

    def _person(self, person: Person) -> dict[str, Any]:
        profile = self._profile(person)
        look = self._look(profile)
        decision, left_out = self._decide(person, profile, look)
        experience = decision.page.experience if decision.page else None
        options = self.site.engine.snapshot.pages["/"].options
        place = next((at for at, option in enumerate(options, 1) if option.key == experience), None)
        return {
            "key": person.key,
            "name": person.name,
            "initials": person.initials,
            "note": person.note,
            "segment": decision.page.segment if decision.page else None,
            "page": little_page(self.site.engine.catalog.site, person.key, self._html(decision)),
            "ads": self._ads(decision),
            "place": place,
            "experience": options[place - 1].name if place else "Default",
            "why": self._why(decision, look),
            "changes": self._changes(person, look),
            "capped": [self._capped(one) for one in left_out if one.why == "capped"],
        }

    def _profile(self, person: Person) -> Profile | None:
        """The person as a request at `now` would find them: it opens or continues a visit."""
        visit = Event(
            type="visit",
            message_id=f"demo-{person.key}-{self.now}",
            time=self.now,
            received=self.now,
            anonymous_id=person.anonymous_id,
            user_id=person.user_id,
            context=context_values(person.context, {}),
        )
        return self.site.collector.current(person.anonymous_id, person.user_id, visit)

    async def _count_behaviours(self) -> None:
        """Count the behaviours of an edited rule, which no profile has a tally of yet, from the log."""
        if self.segments.plan.tallies.keys() <= self.site.engine.segments.plan.tallies.keys():
            return
        profiles = [profile for person in self.demo.people if (profile := self._profile(person))]
        ids = [profile.id for profile in profiles]
        self._tallies = await tallies_at(self.site, ids, self.segments, self.demo.started)

    def _look(self, profile: Profile | None) -> Look:
        """What rules read of the person."""
        look = self.site.person(profile)
        counted = self._tallies.get(profile.id) if profile else None
        return look if counted is None else msgspec.structs.replace(look, tallies=counted)

    def _decide(self, person: Person, profile: Profile | None, look: Look) -> tuple[Decision, list[LeftOut]]:
        snapshot = self.site.engine.snapshot
        needed = snapshot.needs(_REQUEST.page, _REQUEST.slots)
        matching = self.segments.matching(needed, look, self.now)
        shown = dict(profile.shown) if profile else {}
        for item, seen in self.demo.shown.get(person.key, {}).items():
            times = [time for time in seen.times if time <= self.now]
            known = shown.get(item, Shown())
            shown[item] = Shown(known.count + len(times), sorted([*known.times, *times]))
        start = profile.session.start if profile and profile.session else None
        decision = decide(snapshot, _REQUEST, matching, Visitor(shown, start), self.now, f"demo-{person.key}").decision
        explained = decision.explain
        left_out: list[LeftOut] = []
        if isinstance(explained, msgspec.UnsetType):
            return decision, left_out
        for place in (explained.page, *explained.slots.values()):
            if place is not None:
                left_out += [one for collection in place.collections for one in collection.left_out]
        return msgspec.structs.replace(decision, explain=msgspec.UNSET), left_out

    def _html(self, decision: Decision) -> str:
        rendered = self.site.engine.rendering().render(Outcome(decision), self.site.engine.catalog.site.locales[0])
        page = rendered.decision.page
        return page.html if page is not None and isinstance(page.html, str) else ""

    def _ads(self, decision: Decision) -> list[dict[str, str]]:
        """The items with a cap that the page shows: a click on the demo page counts one as seen."""
        content = self.site.engine.catalog.content
        items = [item for block in (decision.page.blocks if decision.page else ()) for item in block.items]
        capped = [item.key for item in items if item.key in content and content[item.key].cap is not None]
        return [{"item": key, "name": self._title(key)} for key in capped]

    def _title(self, key: str) -> str:
        item = self.site.engine.catalog.content.get(key)
        title = item.fields.get("title") if item else None
        return str(in_language(title, self.site.engine.catalog.site.locales) or (item and item.name) or key)

    def _why(self, decision: Decision, look: Look) -> str:
        """The conditions that brought the person here, and what alone keeps them out of the rule on the page."""
        segment = decision.page.segment if decision.page else None
        words = "No experience is for this person, so the default is shown."
        if segment is not None:
            words = _because(explain(self.segments, segment, look, self.now))
        if segment != SEGMENT and SEGMENT not in decision.segments:
            missing = _missing(explain(self.segments, SEGMENT, look, self.now), self.segments)
            words += f" Not in {self._name(SEGMENT)}: {missing}." if missing else ""
        return words

    def _changes(self, person: Person, look: Look) -> list[dict[str, Any]]:
        """When time alone brings the person into a segment of the page, or out of it."""
        changes: list[dict[str, Any]] = []
        for key in sorted(self.site.engine.snapshot.needs("/", ())):
            at = next_change(self.segments, key, look, self.now)
            if at is not None and at <= self.now + _WEEK:
                verb = "Leaves" if self.segments.matching([key], look, self.now) else "Joins"
                text = f"{verb} {self._name(key)} on {self._label(at)}, by itself"
                changes.append({"at": at, "text": text})
        return sorted(changes, key=lambda change: change["at"])[:2]

    def _moments(self) -> list[dict[str, Any]]:
        """The changes of the week ahead, as the slider marks them."""
        moments: list[dict[str, Any]] = []
        for person in self.demo.people:
            look = self._look(self._profile(person))
            for key in self.site.engine.snapshot.needs("/", ()):
                at = next_change(self.segments, key, look, self.demo.started)
                if at is not None and at <= self.demo.started + _WEEK:
                    verb = "leaves" if self.segments.matching([key], look, self.demo.started) else "joins"
                    first = person.name.split()[-1 if person.name.startswith("Visitor") else 0]
                    text = f"{first} {verb} {self._name(key)}"
                    moments.append({"at": at, "label": self._label(at), "text": text})
        return sorted(moments, key=lambda moment: moment["at"])[:_MOST_MOMENTS]

    def _capped(self, one: LeftOut) -> dict[str, Any]:
        name = self._title(one.item)
        back = f"back on {self._label(one.until)}" if one.until is not None else "not shown again"
        return {"item": one.item, "name": name, "until": one.until, "text": f"{name}: seen today, {back}"}

    def _name(self, key: str) -> str:
        return self.segments.schema.labels.get(f"segment.{key}", key)

    def _label(self, at: int) -> str:
        """A moment as the bank's people read it: `24 Nov, 0:00`."""
        day, of_day = divmod(self._calendar.local(at), DAY)
        _, month, of_month = civil(day)
        names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        minutes = of_day // 60_000
        return f"{weekday(day).capitalize()} {of_month} {names[month - 1]}, {minutes // 60}:{minutes % 60:02}"


def _with_rule(site: LiveSite, rule: str) -> Segments:
    """The live segments with another rule for the edited one. Raises RuleError with places in the rule's text."""
    live = site.engine.segments
    schema = msgspec.structs.replace(live.schema, types=dict(site.types))
    tree = read_rule(rule, schema, live.trees)
    return Segments({**live.trees, SEGMENT: tree}, schema, live.calendar)


def _because(explanation: Explanation) -> str:
    """The conditions that hold, with what was seen: `Age is between 18 and 25 (20), …`."""
    words = [
        f"{leaf.sentence}{_seen(leaf)}" for leaf in _leaves(explanation.why) if leaf.holds and leaf.kind == "condition"
    ]
    text = ", and ".join(words[:3])
    return f"{text[:1].upper()}{text[1:]}." if text else explanation.sentence


def _missing(explanation: Explanation, segments: Segments) -> str:
    """What keeps someone out of a rule that they fit otherwise: the denial of the one condition that fails, or ""."""
    parts = explanation.why.parts if explanation.why.kind == "all" else (explanation.why,)
    failing = [part for part in parts if not part.holds]
    if explanation.member or len(failing) != 1 or failing[0].kind not in ("condition", "segment"):
        return ""
    part = part_at(segments.trees[explanation.segment], failing[0].path)
    return "" if part is None else f"{phrase(Not(part), segments.schema)}{_seen(failing[0])}"


def _seen(reason: Reason) -> str:
    """What a condition saw, where that says more than its sentence."""
    return f" ({reason.actual})" if reason.actual not in (None, "never", "unknown") else ""


def _leaves(reason: Reason) -> list[Reason]:
    if not reason.parts:
        return [reason]
    return [leaf for part in reason.parts for leaf in _leaves(part)]
