"""Why someone is not let in, or not let do something."""

from __future__ import annotations

from lenticular.errors import LenticularError, Problem


class SignInError(LenticularError):
    """It is not known who this is."""


class ForbiddenError(LenticularError):
    """It is known who this is, and they may not do this."""


class TooOftenError(LenticularError):
    """Too many tries; `seconds` until the next one."""

    def __init__(self, wait: int) -> None:
        self.seconds = max(1, -(-wait // 1000))
        hint = f"Try again in {self.seconds} seconds."
        super().__init__(Problem("sign-in.often", "There were too many tries.", hint=hint))
