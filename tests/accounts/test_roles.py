from __future__ import annotations

import pytest

from lenticular.accounts.actor import COMMAND_LINE, Actor
from lenticular.accounts.role import EVERYWHERE, ROLES, Role, at_least, limited, role_at
from lenticular.catalog.author import Author

MIXED: dict[str, Role] = {EVERYWHERE: "viewer", "shop": "publisher"}


def test_each_role_may_what_those_before_it_may() -> None:
    for at, role in enumerate(ROLES):
        assert [at_least(role, needed) for needed in ROLES] == [index <= at for index in range(len(ROLES))]
    assert not at_least(None, "viewer")


@pytest.mark.parametrize(
    ("site", "role"), [("shop", "publisher"), ("bank", "viewer"), (EVERYWHERE, "viewer"), ("Shop", "viewer")]
)
def test_the_higher_role_counts(site: str, role: Role) -> None:
    assert role_at(MIXED, site) == role


@pytest.mark.parametrize(
    ("roles", "site", "most", "left"),
    [
        (MIXED, EVERYWHERE, "admin", MIXED),
        (MIXED, EVERYWHERE, "viewer", {EVERYWHERE: "viewer", "shop": "viewer"}),
        (MIXED, "shop", "editor", {"shop": "editor"}),
        (MIXED, "bank", "admin", {"bank": "viewer"}),
        ({"shop": "admin"}, "bank", "admin", {}),
        ({}, EVERYWHERE, "admin", {}),
    ],
)
def test_a_token_never_gives_more_than_there_is(
    roles: dict[str, Role], site: str, most: Role, left: dict[str, Role]
) -> None:
    assert limited(roles, site, most) == left


def test_what_an_actor_may() -> None:
    actor = Actor(Author("Eve"), {"shop": "admin"}, "session")
    assert actor.may("admin", "shop") and not actor.may("viewer", "bank")
    assert actor.may_somewhere("admin") and not actor.may_everywhere("viewer")
    assert COMMAND_LINE.may_everywhere("admin") and COMMAND_LINE.may("admin", "anything")
    assert not Actor(Author("Tom"), {}, "session").may_somewhere("viewer")
