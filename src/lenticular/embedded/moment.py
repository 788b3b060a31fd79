"""Moments as Python programs have them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from lenticular.errors import LenticularError, Problem
from lenticular.intake.clock import instant
from lenticular.intake.refused import RefusedError

Moment = datetime | str | int
"""A datetime with its zone, an ISO 8601 text (no offset means UTC), or milliseconds since 1970-01-01T00:00Z."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def milliseconds(moment: Moment) -> int:
    """Return a moment as milliseconds since 1970-01-01T00:00Z. Raises LenticularError for what is no moment."""
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            hint = "Write datetime(2026, 1, 31, 12, tzinfo=UTC)."
            raise LenticularError(Problem("moment", f"{moment} does not say its zone.", "datetime", hint))
        return (moment - _EPOCH) // _MILLISECOND
    try:
        found = instant(moment, "moment")
    except RefusedError as refused:
        raise LenticularError(*refused.problems) from None
    if found is None:
        raise LenticularError(Problem("moment", "The moment is empty.", "moment", "Write 2026-01-31T12:00Z."))
    return found
