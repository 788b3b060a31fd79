"""Whose an event is, as a table of cases."""

from __future__ import annotations

import pytest

from lenticular.profiles.event import Event
from lenticular.profiles.identity import Owner, owner
from tests.profiles.worlds import event

# Profile 1 is anonymous (a1), 2 is user u2 with a2, 3 is user u3 with a3.
KNOWN = {
    ("anonymous", "a1"): 1,
    ("anonymous", "a2"): 2,
    ("user", "u2"): 2,
    ("anonymous", "a3"): 3,
    ("user", "u3"): 3,
}
USER = {1: "", 2: "u2", 3: "u3"}


def alias(previous_id: str, user_id: str, trusted: bool = False) -> Event:
    return event("m", type="alias", name="", previous_id=previous_id, user_id=user_id, trusted=trusted)


CASES: list[tuple[str, Event, Owner]] = [
    ("known anonymous", event("m", anonymous_id="a1"), Owner(1)),
    ("unknown anonymous", event("m", anonymous_id="a9"), Owner(None, bind=(("anonymous", "a9"),))),
    ("known user", event("m", user_id="u2"), Owner(2)),
    ("unknown user", event("m", user_id="u9"), Owner(None, bind=(("user", "u9"),))),
    ("both known, one profile", event("m", anonymous_id="a2", user_id="u2"), Owner(2)),
    (
        "both unknown",
        event("m", anonymous_id="a9", user_id="u9"),
        Owner(None, bind=(("user", "u9"), ("anonymous", "a9"))),
    ),
    (
        "anonymous becomes a new user",
        event("m", anonymous_id="a1", user_id="u9"),
        Owner(1, bind=(("user", "u9"),)),
    ),
    ("anonymous joins a known user", event("m", anonymous_id="a1", user_id="u2"), Owner(2, absorb=1)),
    (
        "a new device of a known user",
        event("m", anonymous_id="a9", user_id="u2"),
        Owner(2, bind=(("anonymous", "a9"),)),
    ),
    (
        "a shared device goes to a known user",
        event("m", anonymous_id="a3", user_id="u2"),
        Owner(2, bind=(("anonymous", "a3"),)),
    ),
    (
        "a shared device goes to a new user",
        event("m", anonymous_id="a3", user_id="u9"),
        Owner(None, bind=(("user", "u9"), ("anonymous", "a3"))),
    ),
    ("alias of an anonymous id", alias("a1", "u2"), Owner(2, absorb=1)),
    ("alias of an unknown id", alias("x", "u2"), Owner(2, bind=(("anonymous", "x"),))),
    ("alias of oneself", alias("u2", "u2"), Owner(2)),
    ("alias between two users, trusted", alias("u3", "u2", trusted=True), Owner(2, absorb=3)),
    ("alias to a new user, trusted", alias("u3", "u9", trusted=True), Owner(3, bind=(("user", "u9"),))),
]


@pytest.mark.parametrize(("name", "given", "expected"), CASES, ids=[case[0] for case in CASES])
def test_whose_it_is(name: str, given: Event, expected: Owner) -> None:
    assert owner(given, lambda kind, value: KNOWN.get((kind, value)), USER.__getitem__) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (event("m", anonymous_id="a1", user_id="u2"), Owner(2)),
        (alias("a1", "u2"), Owner(2)),
        (alias("a1", "u2", trusted=True), Owner(2, absorb=1)),
        (event("m", anonymous_id="a1", user_id="u3"), Owner(3, absorb=1)),
        (event("m", anonymous_id="a1", user_id="u9"), Owner(1, bind=(("user", "u9"),))),
    ],
)
def test_those_whom_an_operator_took_apart_only_a_server_joins(given: Event, expected: Owner) -> None:
    assert (
        owner(given, lambda kind, value: KNOWN.get((kind, value)), USER.__getitem__, lambda *two: two == (1, 2))
        == expected
    )


@pytest.mark.parametrize("to", ["u2", "u9"])
def test_an_alias_between_two_users_without_the_secret_key_changes_nothing_and_says_why(to: str) -> None:
    found = owner(alias("u3", to), lambda kind, value: KNOWN.get((kind, value)), USER.__getitem__)
    assert found.absorb is None
    assert found.profile_id == (2 if to == "u2" else None)
    assert "secret key" in found.ignored
