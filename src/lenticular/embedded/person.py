"""Someone who lives in this program only: what they say and do is taken in and folded as the server does it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from lenticular.app.engine import Engine as Compiled
from lenticular.app.engine import person_of
from lenticular.criteria.person import Person as Readable
from lenticular.embedded.moment import Moment, milliseconds
from lenticular.errors import LenticularError, Problem
from lenticular.ids import hash64
from lenticular.intake.message import Door, accepted
from lenticular.profiles.fold import Fold
from lenticular.profiles.kept import Kept
from lenticular.profiles.organization import Organization
from lenticular.profiles.profile import Profile

_NAME = "someone"
_LONG_AGO = 0


class Person:
    """One visitor; `Engine.person` makes them. Not for two threads at once."""

    def __init__(
        self,
        compiled: Compiled,
        traits: Mapping[str, Any],
        organizations: Iterable[Mapping[str, Any]] = (),
        interests: Mapping[str, int] | None = None,
        lists: Iterable[str] = (),
    ) -> None:
        self._compiled = compiled
        self._interests = dict(interests or {})
        self._organizations: dict[str, Organization] = {}
        self._profile = Profile(id=1, first_seen=_LONG_AGO, anonymous_ids=[_NAME], lists=sorted(set(lists)))
        self._received = 0
        if traits:
            self._take({"type": "identify", "traits": dict(traits)}, _LONG_AGO)
        for number, each in enumerate(organizations, 1):
            self._take(_joining(str(each.get("id") or f"organization {number}"), each), _LONG_AGO)

    def identify(self, traits: Mapping[str, Any], at: Moment) -> None:
        """Set traits; None removes one. Of two writes the later `at` wins. Raises LenticularError."""
        self._take({"type": "identify", "traits": dict(traits)}, milliseconds(at))

    def track(self, event: str, properties: Mapping[str, Any] | None = None, *, at: Moment, url: str = "") -> None:
        """Add an event; `url` is the page where it happened. Raises LenticularError for what can't be kept."""
        message = {"type": "track", "event": event, "properties": dict(properties or {}), "context": _where(url)}
        self._take(message, milliseconds(at))

    def page(self, url: str, *, at: Moment, referrer: str = "") -> None:
        """Add a look at a page: the event `Page Viewed`, which opens a session or continues one."""
        self._take({"type": "page", "context": _where(url, referrer)}, milliseconds(at))

    def join(self, organization: str, traits: Mapping[str, Any] | None = None, *, at: Moment) -> None:
        """Make them a member of an organization, by its id, and set its traits; None removes one."""
        self._take(_joining(organization, traits or {}), milliseconds(at))

    def leave(self, organization: str, *, at: Moment) -> None:
        """End their membership of an organization, by its id."""
        self._take({"type": "group", "groupId": organization, "context": {"active": False}}, milliseconds(at))

    @property
    def profile(self) -> Profile:
        """All that is known: traits, session, tallies, impressions. Read it, don't change it."""
        return self._profile

    def readable(self, now: int) -> Readable:
        """Return what rules can read at `now` (ms)."""
        read = person_of(self._profile, [self._organizations[each] for each in self._profile.organizations])
        if not self._interests:
            return read
        today = self._compiled.snapshot.calendar.day(now)
        interests = {topic: dict(views) for topic, views in read.interests.items()}
        for topic, count in self._interests.items():
            views = interests.setdefault(topic, {})
            views[today] = views.get(today, 0) + count
        return msgspec.structs.replace(read, interests=interests)

    def check(self, compiled: Compiled) -> None:
        """Raise LenticularError if this is someone of another engine, whose behaviours are counted differently."""
        if compiled is not self._compiled:
            hint = "Ask the engine whose person() made them."
            raise LenticularError(Problem("person.engine", "This person belongs to another engine.", hint=hint))

    def _take(self, message: dict[str, Any], at: int) -> None:
        self._received += 1
        door = Door(received=at, new_id=lambda: f"message {self._received}")
        taken = accepted({**message, "anonymousId": _NAME}, self._compiled.types, door)
        if isinstance(taken, Problem):
            raise LenticularError(taken)
        compiled = self._compiled
        fold = Fold(
            _Alone(self._profile, self._organizations),
            compiled.snapshot.calendar,
            compiled.types,
            compiled.segments.plan,
        )
        fold.apply(self._received, taken.event)
        self._profile = fold.profile_of(_NAME, "") or self._profile
        self._organizations.update((each.id, each) for each in fold.result(self._received).organizations)


class _Alone:
    """The look-ups of a fold in which there is one profile only, and its organizations."""

    def __init__(self, profile: Profile, organizations: Mapping[str, Organization]) -> None:
        self._profile, self._organizations = profile, organizations

    def organization(self, organization_id: str) -> Organization | None:
        return self._organizations.get(organization_id)

    def find(self, kind: str, value: str) -> int | None:
        return self._profile.id if (kind, value) == ("anonymous", _NAME) else None

    def get(self, profile_id: int) -> Profile | None:
        return self._profile if profile_id == self._profile.id else None

    def tally(self, profile_id: int, key: str) -> Any:
        return None  # an engine's plan has no limits: every state stays in the profile

    def next_id(self) -> int:
        return self._profile.id + 1

    def kept(self, profile_id: int) -> Kept | None:
        return None

    def mark(self, message_id: str) -> int:
        return hash64(message_id)

    def has_seen(self, message_hashes: Iterable[int]) -> set[int]:
        return set()


def _where(url: str, referrer: str = "") -> dict[str, Any]:
    page = {"url": url, "referrer": referrer}
    return {"page": {name: value for name, value in page.items() if value}}


def _joining(organization: str, traits: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "group", "groupId": organization, "traits": dict(traits)}
