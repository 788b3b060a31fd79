"""Someone who lives in this program only: what they say and do is taken in and folded as the server does it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lenticular.app.engine import Engine as Compiled
from lenticular.app.engine import person_of
from lenticular.criteria.person import Person as Readable
from lenticular.embedded.moment import Moment, milliseconds
from lenticular.errors import LenticularError, Problem
from lenticular.intake.message import Door, accepted
from lenticular.profiles.fold import Fold
from lenticular.profiles.profile import Profile

_NAME = "someone"
_LONG_AGO = 0


class Person:
    """One visitor; `Engine.person` makes them. Not for two threads at once."""

    def __init__(self, compiled: Compiled, traits: Mapping[str, Any]) -> None:
        self._compiled = compiled
        self._profile = Profile(id=1, first_seen=_LONG_AGO, anonymous_ids=[_NAME])
        self._received = 0
        if traits:
            self._take({"type": "identify", "traits": dict(traits)}, _LONG_AGO)

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

    @property
    def profile(self) -> Profile:
        """All that is known: traits, session, tallies, impressions. Read it, don't change it."""
        return self._profile

    @property
    def readable(self) -> Readable:
        """What rules can read."""
        return person_of(self._profile)

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
        fold = Fold(_Alone(self._profile), compiled.snapshot.calendar, compiled.types, compiled.segments.plan)
        fold.apply(self._received, taken.event)
        self._profile = fold.profile_of(_NAME, "") or self._profile


class _Alone:
    """The look-ups of a fold in which there is one profile only."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    def find(self, kind: str, value: str) -> int | None:
        return self._profile.id if (kind, value) == ("anonymous", _NAME) else None

    def get(self, profile_id: int) -> Profile | None:
        return self._profile if profile_id == self._profile.id else None

    def next_id(self) -> int:
        return self._profile.id + 1

    def has_seen(self, message_hashes: Iterable[int]) -> set[int]:
        return set()


def _where(url: str, referrer: str = "") -> dict[str, Any]:
    page = {"url": url, "referrer": referrer}
    return {"page": {name: value for name, value in page.items() if value}}
