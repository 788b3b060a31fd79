"""Accepted events that are not folded yet, found by the people they concern."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from itertools import islice

from lenticular.profiles.event import Event
from lenticular.profiles.fold import LookUps

Identity = tuple[str, str]
"""(kind, value); kind is `user` or `anonymous`."""

_ORGANIZATION = "organization"
"""The kind under which events are found by the organization that they name."""


class Pending:
    """A queue in the order of the journal, indexed by identity as far as somebody has asked.

    Most events are folded before anyone asks for their people, in an import nearly all: these are never indexed.
    """

    def __init__(self) -> None:
        self._queue: deque[tuple[int, Event]] = deque()
        self._unindexed: deque[tuple[int, Event]] = deque()  # the end of the queue
        self._by_identity: dict[Identity, deque[tuple[int, Event]]] = {}
        self._first: dict[str, int] = {}  # message id -> the first event of the index that has it

    def __len__(self) -> int:
        return len(self._queue)

    def add(self, first: int, events: Iterable[Event]) -> None:
        """Add events whose sequence numbers begin at `first`."""
        pairs = list(enumerate(events, first))
        self._queue += pairs
        self._unindexed += pairs

    def has(self, message_id: str) -> bool:
        """Return whether a message waits."""
        self._index()
        return message_id in self._first

    def next(self, limit: int) -> list[tuple[int, Event]]:
        """Return the oldest events, which stay."""
        return list(islice(self._queue, limit))

    def pop(self, count: int) -> None:
        """Remove the oldest events: a fold holds them now."""
        for _ in range(count):
            pair = self._queue.popleft()
            if self._unindexed and self._unindexed[0] is pair:
                self._unindexed.popleft()
            else:
                self._forget(pair)

    def _forget(self, pair: tuple[int, Event]) -> None:
        seq, event = pair
        if self._first.get(event.message_id) == seq:
            del self._first[event.message_id]
        for identity in _keys_of(event):
            found = self._by_identity[identity]
            found.popleft()
            if not found:
                del self._by_identity[identity]

    def put_back(self, pairs: list[tuple[int, Event]]) -> None:
        """Put events that were taken out last back to where they were."""
        self._index()
        for pair in reversed(pairs):
            self._queue.appendleft(pair)
            self._first[pair[1].message_id] = pair[0]
            for identity in _keys_of(pair[1]):
                self._by_identity.setdefault(identity, deque()).appendleft(pair)

    def about(self, organization_id: str) -> list[Event]:
        """Return the events that say something of an organization, in order; each message once."""
        self._index()
        named = self._by_identity.get((_ORGANIZATION, organization_id), ())
        return [event for seq, event in named if self._first.get(event.message_id) == seq]

    def _index(self) -> None:
        while self._unindexed:
            pair = self._unindexed.popleft()
            self._first.setdefault(pair[1].message_id, pair[0])
            for identity in _keys_of(pair[1]):
                found = self._by_identity.get(identity)
                if found is None:
                    self._by_identity[identity] = deque((pair,))
                else:
                    found.append(pair)

    def concerning(self, start: Iterable[Identity], look: LookUps) -> list[tuple[int, Event]]:
        """Return the events that may change the profile of these identities, in order; each message once.

        Two people are one as soon as an event says so, and a profile has other identities than those asked for:
        so identities lead to profiles and events, and these to identities, until nothing new turns up.
        """
        if not self._queue:
            return []
        self._index()
        events: dict[int, Event] = {}
        profiles: set[int] = set()
        known = set(start)
        ahead = list(known)
        while ahead:
            identity = ahead.pop()
            more: list[Identity] = []
            for seq, event in self._by_identity.get(identity, ()):
                if seq not in events and self._first.get(event.message_id) == seq:
                    events[seq] = event
                    more += identities_of(event)
            owner = look.find(*identity)
            if owner is not None and owner not in profiles:
                profiles.add(owner)
                profile = look.get(owner)
                if profile is not None:
                    more += [("anonymous", value) for value in profile.anonymous_ids]
                    more += [("user", value) for value in (profile.user_id, *profile.other_user_ids)]
            ahead += [each for each in more if each not in known]
            known.update(more)
        return sorted(events.items())


def identities_of(event: Event) -> list[Identity]:
    """Return the identities that an event names; an alias's former id may be of either kind. A bot's names nobody."""
    if event.bot:
        return []
    named: list[Identity] = []
    if event.anonymous_id:
        named.append(("anonymous", event.anonymous_id))
    if event.user_id:
        named.append(("user", event.user_id))
    if event.previous_id:
        named += [("anonymous", event.previous_id), ("user", event.previous_id)]
    return list(dict.fromkeys(named)) if event.previous_id else named


def _keys_of(event: Event) -> list[Identity]:
    """All that an event is found by."""
    named = identities_of(event)
    return [*named, (_ORGANIZATION, event.group_id)] if event.group_id and not event.bot else named
