"""What the door says when it lets a message not in."""

from __future__ import annotations

from lenticular.errors import LenticularError, Problem


class RefusedError(LenticularError):
    """A message is refused as a whole; its problem says why. Inside intake only: callers get the Problem."""


def refuse(code: str, message: str, place: str, hint: str = "") -> RefusedError:
    """Return the error that refuses a message; `place` is a path into it, such as `/properties/price`."""
    return RefusedError(Problem(code, message, place, hint))
