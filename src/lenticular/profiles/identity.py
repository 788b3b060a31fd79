"""Whose an event is (DESIGN §6 Identity)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from lenticular.profiles.event import Event

Kind = Literal["user", "anonymous"]
Find = Callable[[str, str], int | None]
"""(kind, value) -> the id of the profile that owns an identity."""
UserOf = Callable[[int], str]
Apart = Callable[[int, int], bool]
"""Two profiles, an anonymous one and a user's -> whether an operator took the first out of the second."""


class Owner(NamedTuple):
    """Whose an event is, and what it changes about who is who.

    `profile_id` is None for a profile not known yet. `absorb` is a profile that becomes part of it. `bind`
    lists identities that lead to it from now on. `ignored` says why an alias changed nothing.
    """

    profile_id: int | None
    absorb: int | None = None
    bind: tuple[tuple[Kind, str], ...] = ()
    ignored: str = ""


def owner(event: Event, find: Find, user_of: UserOf, apart: Apart = lambda anonymous, user: False) -> Owner:
    """Return whose an event is; `user_of` gives the user id of a profile, empty for an anonymous one.

    Profiles that are `apart` only a server's alias joins.
    """
    if event.type == "alias" and event.user_id and event.previous_id:
        return _alias(event, find, user_of, apart)
    return _claim((event.anonymous_id, event.user_id), find, user_of, apart)


def _claim(ids: tuple[str, str], find: Find, user_of: UserOf, apart: Apart) -> Owner:
    anonymous_id, user_id = ids
    mine = find("anonymous", anonymous_id) if anonymous_id else None
    if not user_id:
        return Owner(mine, bind=() if mine is not None else (("anonymous", anonymous_id),))
    theirs = find("user", user_id)
    user: tuple[tuple[Kind, str], ...] = () if theirs is not None else (("user", user_id),)
    if not anonymous_id or (mine is not None and mine == theirs):
        return Owner(theirs, bind=user)
    if mine is None or user_of(mine):
        # A device that another user left behind: it is theirs from now on, and nothing merges.
        return Owner(theirs, bind=(*user, ("anonymous", anonymous_id)))
    if theirs is None:
        return Owner(mine, bind=user)
    return Owner(theirs) if apart(mine, theirs) else Owner(theirs, absorb=mine)


def _alias(event: Event, find: Find, user_of: UserOf, apart: Apart) -> Owner:
    previous = None
    if find("anonymous", event.previous_id) is None:
        previous = find("user", event.previous_id)
    if previous is None and event.previous_id != event.user_id:
        allowed: Apart = (lambda anonymous, user: False) if event.trusted else apart
        return _claim((event.previous_id, event.user_id), find, user_of, allowed)
    target = find("user", event.user_id)
    user: tuple[tuple[Kind, str], ...] = () if target is not None else (("user", event.user_id),)
    if previous is None or previous == target:
        return Owner(target, bind=user)
    if not event.trusted:
        return Owner(target, bind=user, ignored="An alias between two users needs the site's secret key.")
    if target is None:
        return Owner(previous, bind=user)
    return Owner(target, absorb=previous)
