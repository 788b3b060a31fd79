"""In which order the events of a file are taken in: person after person, each in the order of time.

Visits follow each other then, and a person's profile is read and written once for many events. Two ids that one event
names are one person here: what says who is who keeps its place among all that it may concern.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from lenticular.app.pending import identities_of
from lenticular.profiles.event import Event

T = TypeVar("T")


def in_order(rows: Sequence[T], event_of: Callable[[T], Event]) -> list[T]:
    """Return rows in the order in which their events should be folded; of one person and moment, as they stand."""
    people = People()
    numbers: list[int] = []
    times: list[int] = []
    for row in rows:
        event = event_of(row)
        numbers.append(people.number(event))
        times.append(event.time)
    person_of = [people.root(number) for number in range(len(people))]
    rows_of: dict[int, list[T]] = {}
    for at in sorted(range(len(rows)), key=times.__getitem__):
        person = person_of[numbers[at]]
        if person in rows_of:
            rows_of[person].append(rows[at])
        else:
            rows_of[person] = [rows[at]]
    return [row for each in rows_of.values() for row in each]


class People:
    """A number for each person: a disjoint-set forest over the ids that events name together."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str], int] = {}
        self._users: dict[str, int] = {}
        self._parents: list[int] = []

    def __len__(self) -> int:
        return len(self._parents)

    def number(self, event: Event) -> int:
        """Return the number of an event's person, which is its root's once all events are known."""
        if event.user_id and not (event.anonymous_id or event.previous_id or event.context):
            found = self._users.get(event.user_id)
            return self._of(("user", event.user_id)) if found is None else found
        return self.join(identities_of(event) or [("organization", event.group_id)])

    def join(self, identities: Sequence[tuple[str, str]]) -> int:
        """Make these ids one person's, and return the number of that."""
        named = [self._of(identity) for identity in identities]
        first = self.root(named[0])
        for other in named[1:]:
            self._parents[self.root(other)] = first
        return first

    def root(self, number: int) -> int:
        """Return the number that stands for all ids of a person."""
        parents = self._parents
        while parents[number] != number:
            parents[number] = number = parents[parents[number]]
        return number

    def _of(self, identity: tuple[str, str]) -> int:
        number = self._numbers.get(identity)
        if number is None:
            number = self._numbers[identity] = len(self._parents)
            self._parents.append(number)
            if identity[0] == "user":
                self._users[identity[1]] = number
        return number
