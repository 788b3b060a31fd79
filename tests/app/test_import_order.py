"""The order in which a file's events are taken in: person by person, and nobody is somebody else because of it."""

from __future__ import annotations

from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from lenticular.app.import_order import in_order
from lenticular.app.pending import identities_of
from lenticular.profiles.event import Event
from lenticular.profiles.fold import Fold
from lenticular.profiles.profile import Profile
from tests.profiles.worlds import MADRID, Sums, World

_ID = st.sampled_from(["", "1", "2", "3"])
_EVENTS = st.lists(st.tuples(_ID, _ID, st.integers(0, 50)).filter(lambda one: one[0] or one[1]), max_size=25)


def made(rows: list[tuple[str, str, int]]) -> list[Event]:
    return [
        Event("track", f"m{at}", time * 600_000, 10**10, anonymous, user, name="Seen", traits={"t_last": f"{at}"})
        for at, (anonymous, user, time) in enumerate(rows)
    ]


def people_of(events: list[Event]) -> list[set[tuple[str, str]]]:
    """Join the ids that are named together."""
    people: list[set[tuple[str, str]]] = []
    for event in events:
        ids = set(identities_of(event))
        joined = [each for each in people if each & ids]
        people = [each for each in people if not each & ids] + [ids.union(*joined)]
    return people


@given(_EVENTS)
def test_each_person_comes_once_in_the_order_of_time(rows: list[tuple[str, str, int]]) -> None:
    events = made(rows)
    found, people = in_order(events, lambda event: event), people_of(events)
    assert sorted(event.message_id for event in found) == sorted(event.message_id for event in events)
    whose = [next(at for at, ids in enumerate(people) if ids & set(identities_of(event))) for event in found]
    assert len([key for key, _ in groupby(whose)]) == len(people)
    for person in range(len(people)):
        own = [event for event, at in zip(found, whose, strict=True) if at == person]
        assert own == sorted((event for event in events if event in own), key=lambda event: event.time)


@given(_EVENTS)
def test_who_is_who_is_as_in_the_order_of_time(rows: list[tuple[str, str, int]]) -> None:
    events = made(rows)
    assert folded(in_order(events, lambda event: event)) == folded(sorted(events, key=lambda event: event.time))


def folded(events: list[Event]) -> list[Profile]:
    """Fold events; return the profiles without what tells in which order they came to be."""
    fold = Fold(World(), MADRID, {}, Sums())
    for seq, event in enumerate(events, 1):
        fold.apply(seq, event)
    profiles = fold.result(len(events)).profiles
    for profile in profiles:
        profile.id = 0
        profile.merged = [0 for _ in profile.merged]
        profile.behind = dict(enumerate(sorted(profile.behind.values())))
    return sorted(profiles, key=lambda profile: (profile.user_id, profile.anonymous_ids))
