"""When an event happened: the client's timestamp, corrected for the client's clock (DESIGN §4.2, Time)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from lenticular.intake.refused import refuse

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MIN = -2_208_988_800_000  # 1900-01-01T00:00Z: what lies outside is a broken clock, not history
_MAX = 4_102_444_800_000  # 2100-01-01T00:00Z
_LEAST_NUMBER = 100_000_000_000  # smaller ones are seconds by mistake: as milliseconds they mean before 1973-03


def instant(raw: Any, place: str) -> int | None:
    """Return the milliseconds of an ISO 8601 text (no offset means UTC) or of a number; None if absent.

    Raises RefusedError for anything else.
    """
    if raw is None or raw == "":
        return None
    if isinstance(raw, str):
        value = _parsed(raw)
    elif isinstance(raw, int | float) and not isinstance(raw, bool) and _LEAST_NUMBER <= raw <= _MAX:
        value = int(raw)
    else:
        value = None
    if value is None or not in_range(value):
        raise refuse(
            "bad_time",
            f"{str(raw)[:60]!r} is not a time between 1900 and 2100.",
            place,
            "Write it like 2026-01-31T12:00:00.000Z, or as milliseconds since 1970.",
        )
    return value


def in_range(time: int) -> bool:
    """Return whether a moment (ms) is one at which something can have happened."""
    return _MIN <= time < _MAX


def _parsed(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    since = moment - _EPOCH
    return since.days * 86_400_000 + since.seconds * 1_000 + since.microseconds // 1_000


def event_time(timestamp: int | None, sent_at: int | None, received: int) -> int:
    """Return `received - (sent_at - timestamp)`, never after `received`; all in milliseconds.

    Formula: Segment's specification of `timestamp`. Without `sent_at` the timestamp is taken as it is;
    without a timestamp the event happened when it arrived.
    """
    if timestamp is None:
        return received
    if sent_at is not None:
        timestamp = received - (sent_at - timestamp)
    return max(min(timestamp, received), _MIN)
