"""What is known of one visitor: the value that a profile store keeps."""

from __future__ import annotations

from typing import Any

import msgspec

from lenticular.profiles.event import Values
from lenticular.profiles.flag import Flag


class Session(msgspec.Struct, omit_defaults=True, gc=False):
    """One visit. `id` comes from the first event's message id; `start` and `last` are ms; `number` counts from 1.

    `first_page` is the time (ms) of the event that told how it landed, `newest_page` the (time, tie) of the one that
    told where it is; `query` are the stored keys of that page's parameters. `stamps` hold (time, tie) of the last write
    of what the site sends of its own, by stored key.
    """

    id: int
    start: int
    last: int
    number: int
    properties: Values = {}
    first_page: int | None = None
    newest_page: tuple[int, int] | None = None
    query: list[str] = []
    stamps: dict[str, tuple[int, int]] = {}


class Shown(msgspec.Struct, gc=False):
    """The impressions of one content item: how many ever, and the newest times (ms, ascending, at most 100)."""

    count: int = 0
    times: list[int] = []


class Membership(msgspec.Struct, array_like=True, gc=False):
    """What was said of someone and an organization: (time, tie) of the first joining and of the last word.

    `joined` is None for one of which only the leaving is known; `active` says whether the last word was a joining.
    """

    joined: tuple[int, int] | None
    last: tuple[int, int]
    active: bool


class Profile(msgspec.Struct, omit_defaults=True, gc=False):
    """One visitor, anonymous until identified.

    `id` is a dense counter, a text in every JSON. `traits` holds typed values by stored key, `stamps` the
    (time, tie) of each trait's last write by *name*. `session` is the latest visit. `tallies` holds the
    state of behavioural conditions by the key of each; a tally that is absent is empty, unless `away` has its key:
    then the state is in a row of its own (`row`), or has outgrown that (`log`: the log has to be asked).
    `generation` is that of the plan of tallies by which the profile was counted last.
    `version` counts changes; `merged` lists the ids of the profiles that were joined into this one, and
    `other_user_ids` the user ids that lead here beside `user_id` (after an alias between two users).
    `last_sign_in` is the newest moment (ms) at which they went from not signed in to signed in.
    `organizations` are the ids of the organizations joined and not left, in the order of joining, and
    `memberships` what that follows from. `withheld` is a mask of `criteria.purposes.PURPOSES` and follows from
    `consents`, by purpose (yes: withheld). `lists` are the keys of the segments whose static list the person
    is on, sorted, and follow from `listed`. `interests` are views by topic and local day number, and `views_from`
    is the first day of which they are kept. `apart` are the ids of profiles that an operator took this one out of:
    nobody joins it to them by signing in. `behind` says of merges whose other profile brought the latest visit, by the
    id of that profile: when (ms) the visit began that is the latest but for it, and the day on which they were joined.
    `bucketing_id` is what lots are drawn by: the identity under which someone was first seen.
    """

    id: int
    first_seen: int
    version: int = 0
    user_id: str = ""
    anonymous_ids: list[str] = []
    traits: Values = {}
    stamps: dict[str, tuple[int, int]] = {}
    session: Session | None = None
    tallies: dict[str, Any] = {}
    away: dict[str, str] = {}
    generation: int = 0
    shown: dict[str, Shown] = {}
    merged: list[int] = []
    other_user_ids: list[str] = []
    last_sign_in: int | None = None
    organizations: list[str] = []
    memberships: dict[str, Membership] = {}
    withheld: int = 0
    consents: dict[str, Flag] = {}
    lists: list[str] = []
    listed: dict[str, Flag] = {}
    interests: dict[str, dict[int, int]] = {}
    views_from: int = -(1 << 31)
    apart: list[int] = []
    behind: dict[int, tuple[int, int]] = {}
    bucketing_id: str = ""

    @property
    def names(self) -> list[tuple[str, str]]:
        """Every identity that leads here, as (kind, value)."""
        users = [self.user_id, *self.other_user_ids] if self.user_id else self.other_user_ids
        return [*(("anonymous", value) for value in self.anonymous_ids), *(("user", value) for value in users)]
