"""Moments as people write them on the command line and in requests."""

from __future__ import annotations

from lenticular.errors import LenticularError, Problem
from lenticular.intake.clock import instant
from lenticular.intake.refused import RefusedError


def ms_of(text: str | int | None) -> int | None:
    """Return the milliseconds of an ISO 8601 moment (no offset means UTC), None for none. Raises LenticularError.

    A number is milliseconds already.
    """
    try:
        return instant(text, "at")
    except RefusedError:
        hint = "Write it like 2024-06-01T00:00:00Z."
        raise LenticularError(Problem("at", f"{text!r} is not a moment between 1900 and 2100.", "at", hint)) from None
