"""The whole way in: events that arrive twice, late, in slices and for two profiles at first, through the real fold."""

from __future__ import annotations

from random import Random

import msgspec
import pytest

from lenticular.criteria.calendar import calendar_of
from lenticular.criteria.person import Person
from lenticular.criteria.segments import Segments
from lenticular.profiles.event import Event
from lenticular.profiles.profile import Profile
from tests.criteria.reference import Reference, Visitor
from tests.criteria.vocabulary import SCHEMA
from tests.criteria.worlds import make_world
from tests.profiles.worlds import MADRID, World


@pytest.mark.parametrize("seed", range(400, 404))
def test_a_folded_profile_is_its_history(seed: int) -> None:
    drawn = make_world(seed, people=40)
    segments = Segments(drawn.trees, SCHEMA, MADRID)
    reference = Reference(drawn.trees, SCHEMA, MADRID.zone)
    folded = World(segments.plan)
    dice = Random(seed)
    for key, someone in drawn.people.items():
        arrived = [_said_by(event, key, dice) for event in someone.events]
        arrived += dice.sample(arrived, len(arrived) // 2)  # sent again
        dice.shuffle(arrived)
        while arrived:
            size = dice.randrange(1, 5)
            folded.fold(*arrived[:size])
            arrived = arrived[size:]
        folded.fold(_joins(key, drawn.now))
    assert "duplicate" in folded.outcomes
    for key, someone in drawn.people.items():
        profile = folded.get(folded.identities["user", f"u{key}"])
        assert profile
        person = Person(session=_values(profile), session_start=_start(profile, drawn.now), tallies=profile.tallies)
        person = msgspec.structs.replace(
            person, interests=msgspec.structs.replace(drawn, calendar=calendar_of(MADRID.zone)).views(someone.events)
        )
        start = person.session_start
        visitor = Visitor(
            events=drawn.visitor(key).events,
            sessions=[] if start is None else [(start, person.session)],
        )
        expected = {name for name, tree in drawn.trees.items() if reference.member(tree, visitor, drawn.now)}
        assert segments.matching(drawn.trees, person, drawn.now) == expected


def _said_by(event: Event, key: int, dice: Random) -> Event:
    """The same event, of a browser that nobody has signed in on, or of a user."""
    if dice.random() < 0.5:
        return msgspec.structs.replace(event, anonymous_id=f"a{key}")
    return msgspec.structs.replace(event, user_id=f"u{key}")


def _joins(key: int, now: int) -> Event:
    return Event(
        type="identify",
        message_id=f"i{key}",
        time=now,
        received=now,
        anonymous_id=f"a{key}",
        user_id=f"u{key}",
    )


def _start(profile: Profile, now: int) -> int | None:
    return profile.session.start if profile.session and profile.session.start <= now else None


def _values(profile: Profile) -> dict[str, object]:
    return dict(profile.session.properties) if profile.session else {}
