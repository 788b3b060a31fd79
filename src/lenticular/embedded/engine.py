"""The engine for programs: definitions as dicts go in, decisions and explanations come out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lenticular.app.engine import compile_engine, unknown_segment
from lenticular.catalog.site import Site
from lenticular.criteria.explain import Explanation, explain
from lenticular.criteria.explain_text import explanation_text
from lenticular.criteria.sentence import sentence
from lenticular.decide.decide import decide
from lenticular.decide.decision import Decision, PageDecision, SlotDecision
from lenticular.decide.request import Request, Visitor
from lenticular.embedded.definitions import catalog_of, types_of
from lenticular.embedded.moment import Moment, milliseconds
from lenticular.embedded.person import Person
from lenticular.errors import LenticularError, RuleError

_SITE = "embedded"


class Engine:
    """Segments, pages, slots, content and collections, compiled.

    `segments` maps keys to rules in text form. `parts` are `pages`, `slots`, `content` and `collections`: dicts by
    key, of the same shape as their YAML files (docs/catalog.md). `timezone` is an IANA name: what `today` means.
    `properties` fixes types (`{"user.since": "date"}`); other properties have the type that the first rule about them
    expects, and what comes in is coerced to it. Immutable; may be shared by threads. Raises CatalogError with
    everything that is wrong.
    """

    def __init__(
        self,
        *,
        segments: Mapping[str, str | Mapping[str, Any]] | None = None,
        timezone: str = "UTC",
        properties: Mapping[str, str] | None = None,
        **parts: Mapping[str, Any],
    ) -> None:
        site = Site(key=_SITE, timezone=timezone, write_key=_SITE)
        catalog = catalog_of(site, {"segments": segments or {}, **parts})
        types = types_of(properties or {}, catalog.segments.values())
        self._compiled = compile_engine(catalog, types)

    def person(
        self,
        traits: Mapping[str, Any] | None = None,
        *,
        organizations: Iterable[Mapping[str, Any]] = (),
        interests: Mapping[str, int] | None = None,
        lists: Iterable[str] = (),
    ) -> Person:
        """Return someone with these traits, older than anything they will do. Raises LenticularError.

        `organizations` are the traits of each one they belong to, `id` among them. `interests` says for each topic
        how often they have viewed it today, whichever day is asked about. `lists` are the keys of the segments whose
        static list they are on.
        """
        lists = tuple(lists)
        wrong = [key for key in lists if key not in self._compiled.catalog.segments]
        if wrong:
            raise RuleError(*(unknown_segment(key, self._compiled) for key in wrong))
        return Person(self._compiled, traits or {}, organizations, interests, lists)

    def matching(self, person: Person, now: Moment) -> frozenset[str]:
        """Return the keys of all segments that someone is in. Raises LenticularError."""
        person.check(self._compiled)
        segments, at = self._compiled.segments, milliseconds(now)
        return segments.matching(segments.trees, person.readable(at), at)

    def decide(self, page: str, person: Person, now: Moment) -> PageDecision:
        """Return what someone sees on a page, by its path. Raises LenticularError for an unknown page."""
        answer = self.answer(Request(page), person, now)
        if answer.page is None:
            raise LenticularError(*(answer.problems or ()))
        return answer.page

    def decide_slot(self, slot: str, person: Person, now: Moment) -> SlotDecision:
        """Return what someone sees in a slot, by its key. Raises LenticularError for an unknown slot."""
        answer = self.answer(Request(None, (slot,)), person, now)
        if slot not in answer.slots:
            raise LenticularError(*(answer.problems or ()))
        return answer.slots[slot]

    def answer(self, request: Request, person: Person, now: Moment) -> Decision:
        """Return the whole decision about a page and slots, with its explanation if the request asks for it.

        Its id is empty: it is for whoever keeps decisions to give. Raises LenticularError.
        """
        at, snapshot = milliseconds(now), self._compiled.snapshot
        person.check(self._compiled)
        needed = snapshot.needs(request.page, request.slots)
        readable = person.readable(at)
        matching = self._compiled.segments.matching(needed, readable, at)
        visitor = Visitor(person.profile.shown, readable.session_start, interests=readable.interests)
        return decide(snapshot, request, matching, visitor, at, "").decision

    def explain(self, segment: str, person: Person, now: Moment, *, language: str = "en") -> str:
        """Return why someone is in a segment or not, as text to print, in a language. Raises LenticularError."""
        calendar = self._compiled.snapshot.calendar
        return explanation_text(self.explanation(segment, person, now, language=language), calendar, language)

    def explanation(self, segment: str, person: Person, now: Moment, *, language: str = "en") -> Explanation:
        """Return why someone is in a segment or not, part by part. Raises LenticularError.

        What someone did is kept as tallies here, so an explanation says how often, but not which events counted.
        `language` is a BCP 47 tag.
        """
        person.check(self._compiled)
        self._known(segment)
        at = milliseconds(now)
        return explain(self._compiled.segments, segment, person.readable(at), at, language=language)

    def sentence(self, segment: str, *, language: str = "en") -> str:
        """Return a segment's rule in words, in a language. Raises RuleError for an unknown segment."""
        self._known(segment)
        return sentence(self._compiled.segments.trees[segment], self._compiled.segments.schema, language)

    def _known(self, segment: str) -> None:
        if segment not in self._compiled.segments.trees:
            raise RuleError(unknown_segment(segment, self._compiled))
