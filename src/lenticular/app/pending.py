"""Accepted events that are not folded yet, found by the people they concern."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice

from lenticular.app.sheets.waiting import Waiting
from lenticular.profiles.event import Event
from lenticular.profiles.fold import LookUps
from lenticular.profiles.sheet import Sheet

Identity = tuple[str, str]
"""(kind, value); kind is `user` or `anonymous`."""

_ORGANIZATION = "organization"
"""The kind under which events are found by the organization that they name."""


class Pending:
    """A queue in the order of the journal, indexed by identity as far as somebody has asked.

    Most events are folded before anyone asks for their people, in an import nearly all: these are never indexed. A
    sheet waits as a whole, and is asked itself.
    """

    def __init__(self) -> None:
        self._queue: deque[tuple[int, Event] | Waiting] = deque()
        self._unindexed: deque[tuple[int, Event]] = deque()  # the end of the queue, but for sheets
        self._sheets: deque[Waiting] = deque()
        self._by_identity: dict[Identity, deque[tuple[int, Event]]] = {}
        self._first: dict[str, int] = {}  # message id -> the first event of the index that has it
        self._events = 0

    def __len__(self) -> int:
        return self._events + sum(map(len, self._sheets))

    def add(self, first: int, events: Iterable[Event]) -> None:
        """Add events whose sequence numbers begin at `first`."""
        pairs = list(enumerate(events, first))
        self._queue += pairs
        self._unindexed += pairs
        self._events += len(pairs)

    def add_sheet(self, first: int, sheet: Sheet) -> None:
        """Add the events of a sheet, whose sequence numbers begin at `first`."""
        waiting = Waiting(first, sheet)
        self._queue.append(waiting)
        self._sheets.append(waiting)

    def has(self, message_id: str) -> bool:
        """Return whether a message waits."""
        return self._first_of(message_id) is not None

    @property
    def oldest(self) -> Event | None:
        """The oldest event."""
        head = self._queue[0] if self._queue else None
        return next(head.pairs(1))[1] if isinstance(head, Waiting) else None if head is None else head[1]

    def sheet(self) -> Waiting | None:
        """Return the sheet that is the oldest, which stays; None where a single event is."""
        head = self._queue[0] if self._queue else None
        return head if isinstance(head, Waiting) else None

    def next(self, limit: int) -> list[tuple[int, Event]]:
        """Return the oldest events, which stay, as far as the next sheet."""
        found: list[tuple[int, Event]] = []
        for each in islice(self._queue, limit):
            if isinstance(each, Waiting):
                break
            found.append(each)
        return found

    def pop_sheet(self) -> None:
        """Remove the sheet that is the oldest."""
        self._queue.popleft()
        self._sheets.popleft()

    def pop(self, count: int) -> None:
        """Remove the oldest events: a fold holds them now."""
        for _ in range(count):
            pair = self._queue.popleft()
            if isinstance(pair, Waiting):
                raise TypeError("A sheet is removed as a whole.")
            if self._unindexed and self._unindexed[0] is pair:
                self._unindexed.popleft()
            else:
                self._forget(pair)
        self._events -= count

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
        self._events += len(pairs)
        for pair in reversed(pairs):
            self._queue.appendleft(pair)
            self._first[pair[1].message_id] = pair[0]
            for identity in _keys_of(pair[1]):
                self._by_identity.setdefault(identity, deque()).appendleft(pair)

    def about(self, organization_id: str) -> list[Event]:
        """Return the events that say something of an organization, in order; each message once."""
        self._index()
        named = self._by_identity.get((_ORGANIZATION, organization_id), ())
        return [event for seq, event in named if self._first_of(event.message_id) == seq]

    def _first_of(self, message_id: str) -> int | None:
        """Return the number of the first event that waits with a message id."""
        self._index()
        found = self._first.get(message_id)
        for waiting in self._sheets:
            number = waiting.first_of(message_id)
            if number is not None and (found is None or number < found):
                found = number
        return found

    def _named(self, identity: Identity) -> Iterator[tuple[int, Event]]:
        yield from self._by_identity.get(identity, ())
        for waiting in self._sheets:
            yield from waiting.about(*identity)

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
            for seq, event in self._named(identity):
                if seq not in events and self._first_of(event.message_id) == seq:
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
