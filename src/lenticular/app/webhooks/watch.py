"""Who enters and who leaves: seen at once when an event moves someone, and looked for where time alone does.

What was told last is the truth that everything is compared with, kept beside the profiles and written in the same
commit: whoever looks, a move is told once (ADR 0030).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from lenticular.app.engine import person_of
from lenticular.app.give_way import politely
from lenticular.app.past import lacking
from lenticular.app.shown import plain_value
from lenticular.app.site import LiveSite
from lenticular.criteria.person import Person
from lenticular.criteria.purposes import PURPOSES
from lenticular.criteria.tables import stored_key
from lenticular.ports import FoldResult
from lenticular.profiles.away import ROW
from lenticular.profiles.move import Move, Told, Watched
from lenticular.profiles.organization import Organization
from lenticular.profiles.profile import Profile
from lenticular.webhooks.payload import moment

_IDS = 20


class Watch:
    """Watches the segments of one site that a webhook is told of, in the thread in which its profiles are written.

    `wanted` are the traits that are told of people.
    """

    def __init__(self, site: LiveSite) -> None:
        self._site = site
        self._store = site.stores.profiles
        self.watched: dict[str, Watched] = {}
        self.wanted: frozenset[str] = frozenset()
        self.news = False
        """Whether a commit brought moves that are to be told."""

    def follow(self, segments: Mapping[str, str], traits: Iterable[str]) -> None:
        """Watch these segments (key: rule) from the next commit on; in the profiles' thread. Raises StoreError."""
        told = self._store.told
        if {one.segment for one in told.watched()} != segments.keys():
            told.watch(segments, self._store.next_id() - 1)
        kept = self.watched
        self.watched = {one.segment: kept.get(one.segment, one) for one in told.watched()}
        self.wanted = frozenset(traits)
        self._site.collector.watch = self.folded if self.watched else None

    def folded(self, result: FoldResult) -> None:
        """Add to what folding gave whom it moved."""
        told = Told(at=self._site.clock())
        heirs = _heirs(result)
        ids = [*(one.id for one in result.profiles), *heirs]
        before = self._store.told.inside(self.watched, ids) if ids else set()
        for gone, heir in heirs.items():
            for segment in self.watched:
                if (segment, gone) in before:
                    told.inside[segment, gone] = None
                    told.inside[segment, heir] = True
                    before.add((segment, heir))
        organizations = {one.id: one for one in result.organizations}
        sources, every = _Sources(organizations, result.tallies), list(self.watched)
        begun = [one for one in self.watched.values() if one.new]
        for profile in result.profiles:
            unknown = [one.segment for one in begun if not one.covers(profile.id)] if begun else []
            segments = [key for key in every if key not in unknown] if unknown else every
            self._look(profile, segments, before, told, sources)
        if told.moves or told.inside:
            result.told, self.news = told, self.news or bool(told.moves)

    def look(self, profiles: Iterable[Profile], segment: str, verdicts: Mapping[int, bool], quiet: bool) -> Told:
        """Return who of some people moved, as of now; `verdicts` are the log's, of whom only that can tell.

        `quiet`: who is inside and was not told so is noted, and not told.
        """
        profiles = list(profiles)
        told = Told(at=self._site.clock())
        before = self._store.told.inside([segment], [one.id for one in profiles])
        for profile in politely(profiles):
            if self._look(profile, [segment], before, told, _Sources({}, {})):
                verdict = verdicts.get(profile.id)
                if verdict is not None:
                    self._compare(profile, segment, verdict, before, told)
        if quiet:
            told.moves = [one for one in told.moves if not one.entered]
        return told

    def _look(
        self, profile: Profile, segments: list[str], before: set[tuple[str, int]], told: Told, sources: _Sources
    ) -> bool:
        """Compare where someone is with what was told; return whether of some segments only the log can say it."""
        engine, site = self._site.engine, self._site
        known = [key for key in segments if key in engine.segments.trees]
        unsure: list[str] = []
        if profile.away or site.backfill.preparing:
            unsure = [key for key in known if lacking(site, profile, [key])]
            known = [key for key in known if key not in unsure]
        if known:
            matching = engine.segments.matching(known, self._person(profile, known, sources), told.at)
            for key in known:
                self._compare(profile, key, key in matching, before, told)
        return bool(unsure)

    def _compare(self, profile: Profile, segment: str, inside: bool, before: set[tuple[str, int]], told: Told) -> None:
        at = segment, profile.id
        if inside != (at in before):
            told.inside[at] = inside
            told.moves.append(Move(segment, profile.id, inside, told.at, self._told_of(profile, told.at)))

    def _person(self, profile: Profile, segments: list[str], sources: _Sources) -> Person:
        organizations: list[Organization] = []
        for one in profile.organizations:
            found = sources.organizations.get(one) or self._store.organization(one)
            organizations += [found] if found is not None else []
        person = person_of(profile, organizations)
        if not profile.away:
            return person
        rows = [key for key in self._site.engine.behaviours_of(segments) if profile.away.get(key) == ROW]
        states = {key: sources.states.get((profile.id, key)) or self._store.tally(profile.id, key) for key in rows}
        return msgspec.structs.replace(person, tallies={**person.tallies, **states}) if rows else person

    def _told_of(self, profile: Profile, at: int) -> bytes:
        """Return what is told of someone, as JSON."""
        person: dict[str, Any] = {
            "profileId": str(profile.id),
            "userId": profile.user_id or None,
            "anonymousIds": profile.anonymous_ids[-_IDS:],
            "merged": [str(one) for one in profile.merged[-_IDS:]],
            "at": moment(at),
        }
        if self.wanted:
            person["traits"] = {name: self._trait(profile, name) for name in sorted(self.wanted)}
        return msgspec.json.encode(person)

    def _trait(self, profile: Profile, name: str) -> Any:
        """Return a trait as JSON has it; None if it is missing, or kept from being used."""
        kind = self._site.types.get(("user", name))
        purpose = self._site.engine.segments.schema.purposes.get(("user", name), "personalization")
        if kind is None or profile.withheld & PURPOSES[purpose]:
            return None
        value = profile.traits.get(stored_key(name, kind))
        return plain_value(msgspec.json.encode(value) if kind == "objects" and value is not None else value, kind)


class _Sources(msgspec.Struct, frozen=True):
    """What a commit is about to write: organizations by id, states of tallies by profile id and key."""

    organizations: dict[str, Organization]
    states: dict[tuple[int, str], Any]


def _heirs(result: FoldResult) -> dict[int, int]:
    """Return who took the place of those that are gone with a commit."""
    gone = set(result.gone)
    return {loser: survivor for loser, survivor in result.merged.items() if loser in gone}
