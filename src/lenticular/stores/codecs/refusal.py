"""Why a picture is not taken."""

from __future__ import annotations

TAKEN = "JPEG, PNG, GIF, WebP, AVIF or SVG"


class RefusedError(Exception):
    """A file is no picture that we take: a code, what is wrong, where in it, and what to do."""

    def __init__(self, code: str, message: str, hint: str, place: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.hint, self.place = code, message, hint, place
