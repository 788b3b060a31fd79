"""Pages: how long one is, and where it begins."""

from __future__ import annotations

from lenticular.errors import LenticularError, Problem

_MOST = 1_000


def page_size(limit: int) -> int:
    """Return how many are answered at once: from 1 to 1,000."""
    return max(1, min(limit, _MOST))


def profile_id(text: str) -> int:
    """Return the profile id after which a page begins. Raises LenticularError."""
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        message = f"{text!r} is not where a page ended."
        raise LenticularError(Problem("members.after", message, "after", "Send `next` of the page before."))
    return int(text)
