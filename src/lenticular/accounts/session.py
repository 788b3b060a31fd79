"""A browser that is signed in."""

from __future__ import annotations

import msgspec

IDLE = 7 * 86_400_000
"""So long (ms) a session that nobody uses stays open."""
LONGEST = 30 * 86_400_000
"""So long (ms) a session stays open at most."""
NOTED = 5 * 60_000
"""How exactly (ms) the time of the last request is noted."""


class Session(msgspec.Struct, frozen=True):
    """`id` is the hash of what the cookie holds; `seen` is when it was used last."""

    id: str
    user: str
    created: int
    seen: int
    expires: int
    agent: str


def begun(identity: str, user: str, now: int, agent: str) -> Session:
    """Return a session that begins."""
    return Session(identity, user, now, now, now + LONGEST, agent[:300])


def is_open(session: Session, now: int) -> bool:
    """Return whether a session still lets its user in."""
    return now < session.expires and now < session.seen + IDLE
