"""What visitors were shown by rule, and what they would have been but for a holdout: recorded once a visit, as events.

Whether personalization pays is told by comparing those who were shown an experience with those for whom it was meant
and who saw the default. So both are recorded alike, at the same moment: when it was decided (ADR 0048).
"""

from __future__ import annotations

from collections.abc import Iterator

from lenticular.criteria.tables import stored_key
from lenticular.decide.decision import Decision, HeldOut, PageBlock, PageDecision, SlotDecision
from lenticular.decide.snapshot import Snapshot
from lenticular.ids import hash64
from lenticular.profiles.event import Event
from lenticular.profiles.profile import Profile

EXPERIENCE = "Experience Viewed"
VARIATION = "Variation Viewed"
_MOST = 200_000
"""So many visitors' latest visits are remembered; of those forgotten a second message of the same id counts nothing."""
_NAMES = ("page", "slot", "block", "experience", "collection", "variation", "segment", "reason")
_KEYS = {name: stored_key(name, "text") for name in _NAMES}

Told = tuple[tuple[str, str], ...]
"""One exposure: its properties by name, `event` first."""


class Exposures:
    """Remembers what was recorded of each visitor's latest visit."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[int, frozenset[Told]]] = {}

    def of(
        self, snapshot: Snapshot, decision: Decision, profile: Profile, ids: tuple[str, str], now: int
    ) -> list[Event]:
        """Return the events for what a decision shows somebody for the first time in their visit.

        `ids` are the anonymous and the user id by which it was asked for.
        """
        if profile.session is None or not any(ids):
            return []
        # By its number: until the message that opens a visit is accepted, each decision opens it anew, with another id.
        number, before = profile.session.number, frozenset[Told]()
        known = self._known.get(ids)
        if known is not None and known[0] == number:
            before = known[1]
        news = [one for one in told(snapshot, decision) if one not in before]
        if not news:
            return []
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[ids] = number, before.union(news)
        return [_event(one, profile.session.id, ids, now) for one in news]


def told(snapshot: Snapshot, decision: Decision) -> Iterator[Told]:
    """Yield what a decision shows by rule: of each page and slot that has experiences the one that won (or would have),
    of each collection that has variations likewise; without one, that it was the default.
    """
    page = decision.page
    if page is not None:
        at = ("page", page.path)
        place = snapshot.page(page.path)
        if place is not None and place.options and page.reason != "ERROR":
            yield _experience(at, page)
        for block in page.blocks:
            if _varies(snapshot, block):
                yield _variation((at, ("block", block.id)), block)
    for key, slot in decision.slots.items():
        if snapshot.slots[key].options and slot.reason != "ERROR":
            yield _experience(("slot", key), slot)
        if _varies(snapshot, slot):
            yield _variation((("slot", key),), slot)


def _varies(snapshot: Snapshot, shown: PageBlock | SlotDecision) -> bool:
    """Return whether there are items of a collection with variations to be seen."""
    collection = snapshot.collections.get(shown.collection or "")
    return collection is not None and bool(collection.segments and shown.items) and shown.reason != "ERROR"


def _experience(at: tuple[str, str], shown: PageDecision | SlotDecision) -> Told:
    key, segment, reason = shown.experience, shown.segment, "DEFAULT" if shown.experience is None else "TARGETING_MATCH"
    if isinstance(shown.held_out, HeldOut) and isinstance(shown.held_out.experience, str):
        key, segment, reason = shown.held_out.experience, shown.held_out.segment or None, "HOLDOUT"
    return (("event", EXPERIENCE), at, *_given(experience=key, segment=segment), ("reason", reason))


def _variation(at: tuple[tuple[str, str], ...], shown: PageBlock | SlotDecision) -> Told:
    variation, held_out = shown.variation, shown.held_out
    reason = "DEFAULT" if variation is None else "TARGETING_MATCH"
    if isinstance(held_out, HeldOut) and isinstance(held_out.variation, str):
        variation, reason = held_out.variation, "HOLDOUT"
    return (("event", VARIATION), *at, *_given(collection=shown.collection, variation=variation), ("reason", reason))


def _given(**values: str | None) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, value in values.items() if value is not None)


def _event(one: Told, visit: int, ids: tuple[str, str], now: int) -> Event:
    (_, name), *properties = one
    return Event(
        type="track",
        message_id=f"exposure-{visit}-{hash64(repr(one))}",
        time=now,
        received=now,
        anonymous_id=ids[0],
        user_id=ids[1],
        name=name,
        properties={_KEYS[key]: value for key, value in properties},
    )
