"""Moves come together in few requests, and each person's own stay in their order."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenticular.app.webhooks.parts import of_parts, parts_of
from lenticular.catalog.author import ADMIN
from lenticular.profiles.move import Move
from lenticular.webhooks.payload import PEOPLE, sample
from lenticular.webhooks.webhook import EVENTS, Webhook

MERGED = st.sets(st.integers(1, 6), max_size=2)
MOVES = st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 6), st.booleans(), MERGED), max_size=60)


def move(segment: str, who: int, entered: bool, merged: Iterable[int] = (), at: int = 0) -> Move:
    person = {"profileId": str(who), "merged": [str(one) for one in merged], "traits": {"plan": "pro", "age": 5}}
    return Move(segment, who, entered, at, json.dumps(person).encode())


def names(move: Move) -> set[str]:
    """Everyone that a person is told to be and to have been."""
    told = json.loads(move.person)
    return {told["profileId"], *told["merged"]}


@given(MOVES)
def test_every_move_is_told_once_and_in_order(drawn: list[tuple[str, int, bool, set[int]]]) -> None:
    """Of people who became one everything that was told of each comes before what is told of them together."""
    moves = [move(*one, at) for at, one in enumerate(drawn)]
    parts = parts_of(moves)
    told = [one for part in parts for one in part.moves]
    assert sorted(one.at for one in told) == list(range(len(moves)))
    for part in parts:
        assert {(one.segment, one.entered) for one in part.moves} == {(part.segment, part.entered)}
    for segment in "ab":
        for who in map(str, range(1, 7)):
            own = [one.at for one in told if one.segment == segment and who in names(one)]
            assert own == sorted(own)


def test_parts_are_few_and_have_a_size() -> None:
    crowd = [move("ab"[at % 2], at, at % 3 > 0) for at in range(4 * PEOPLE)]
    sizes = [len(part.moves) for part in parts_of(crowd)]
    assert sum(sizes) == 4 * PEOPLE and max(sizes) == PEOPLE and len(sizes) <= 8


def test_a_webhook_is_told_what_it_asks_for() -> None:
    hook = Webhook(*("w", "shop", "", "http://x/", ("segment.left",), ("a",), ("plan",), True, "whsec_", ADMIN, 1))
    parts = parts_of([move("a", 1, True), move("a", 2, False), move("b", 3, False)])
    [found] = of_parts(hook, parts, lambda: "id", 9)
    body = json.loads(found.body)
    assert (found.event, found.subject, found.id) == ("segment.left", "a", "msg_id")
    assert body["data"] == {
        "site": "shop",
        "segment": "a",
        "people": [{"profileId": "2", "merged": [], "traits": {"plan": "pro"}}],
    }


@pytest.mark.parametrize("event", EVENTS)
def test_there_is_a_sample_of_every_event(event: str) -> None:
    told = json.loads(sample(event, "shop", "rich", 0))
    assert told["type"] == event and told["data"]["test"] is True and told["timestamp"] == "1970-01-01T00:00:00.000Z"
