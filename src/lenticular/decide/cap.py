"""Whether a frequency cap keeps an item back now, and until when."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import msgspec

from lenticular.catalog.cap import FrequencyCap, Per
from lenticular.criteria.calendar import DAY, Calendar, civil, day_number
from lenticular.criteria.duration import parse_duration
from lenticular.profiles.profile import Shown

_NEVER = Shown()


class Cap(msgspec.Struct, frozen=True):
    """A frequency cap ready for use; `gap` is in ms, 0 for none, `limit` 0 for none.

    `instead` is the key of the item that takes the place of one that is kept back.
    """

    limit: int = 0
    per: Per = "lifetime"
    gap: int = 0
    instead: str | None = None


class Kept(msgspec.Struct, frozen=True):
    """An item is kept back. `until` (ms) is when that ends if it isn't seen before, None if no time is known.

    `seen` counts the impressions that `per` limits, `reserved` the answers on their way that may become some.
    """

    until: int | None
    seen: int
    reserved: int


class Moment(msgspec.Struct, frozen=True):
    """When a cap is asked about: now and the session's start (ms), in the calendar of the site's zone."""

    now: int
    session_start: int | None
    calendar: Calendar


def ready_cap(cap: FrequencyCap) -> Cap:
    """Return a cap as it is used. Raises ValueError for a gap that is no duration."""
    gap = parse_duration(cap.gap) if cap.gap else None
    if cap.gap and (gap is None or gap.months):
        raise ValueError(f'"{cap.gap}" is not a gap.')
    return Cap(cap.limit or 0, cap.per or "lifetime", gap.milliseconds if gap else 0, cap.instead)


def kept_back(
    cap: Cap, shown: Shown | None, reserved: Sequence[int], moment: Moment, own: Sequence[int] = ()
) -> Kept | None:
    """Return why an item is kept back, or None if it may be shown.

    `reserved` are the ends (ms) of the item's active reservations: each counts as an impression until then,
    since it may still become one. `own` are those of the items that the same answer shows: they count for the limit,
    but no gap lies between what is shown together.
    """
    if shown is None and not reserved and not own:
        return None
    shown = shown or _NEVER
    seen = _seen(cap.per, shown, moment)
    active = sorted(end for end in reserved if end > moment.now)
    last = _last(shown, moment.now)
    coming = sorted([*active, *own])
    over = bool(cap.limit) and seen + len(coming) >= cap.limit
    near = bool(cap.gap) and (bool(active) or (last is not None and last + cap.gap > moment.now))
    if not over and not near:
        return None
    ends = []
    if over:
        ends.append(_limit_ends(cap, seen, coming, moment))
    if near:
        ends.append(max([*active, 0 if last is None else last + cap.gap]))
    known = [end for end in ends if end is not None]
    return Kept(max(known) if len(known) == len(ends) else None, seen, len(coming))


def room(cap: Cap, shown: Shown | None, reserved: Sequence[int], moment: Moment) -> tuple[int, bool]:
    """Return how many more a cap's limit lets be shown now (0 too where it has none), and whether its gap is over."""
    shown = shown or _NEVER
    active = sum(end > moment.now for end in reserved)
    last = _last(shown, moment.now)
    near = bool(cap.gap) and (bool(active) or (last is not None and last + cap.gap > moment.now))
    return max(0, cap.limit - _seen(cap.per, shown, moment) - active) if cap.limit else 0, not near


def window_start(per: Per, moment: Moment) -> int | None:
    """Return when the window in which now lies began (ms), None for no beginning."""
    if per == "session":
        return moment.session_start
    return None if per == "lifetime" else moment.calendar.start_of(_days(per, moment)[0])


def window_end(per: Per, moment: Moment) -> int | None:
    """Return when the window in which now lies ends (ms), None if no time is known."""
    if per in ("session", "lifetime"):
        return None
    end = moment.calendar.start_of(_days(per, moment)[1])
    # A zone that sets its clocks back over midnight begins a day twice: the second beginning is meant then.
    return end if end > moment.now else end + DAY


def _days(per: Per, moment: Moment) -> tuple[int, int]:
    """Return the first local day of a day, week or month, and the first one after it."""
    day = moment.calendar.day(moment.now)
    if per == "week":
        monday = day - (day + 3) % 7
        return monday, monday + 7
    if per == "month":
        year, month, of_month = civil(day)
        return day - of_month + 1, day_number(year + month // 12, month % 12 + 1, 1)
    return day, day + 1


def _seen(per: Per, shown: Shown, moment: Moment) -> int:
    times = shown.times
    due = bisect_right(times, moment.now)
    if per == "lifetime":
        return shown.count - (len(times) - due)
    start = window_start(per, moment)
    return 0 if start is None else max(0, due - bisect_left(times, start))


def _last(shown: Shown, now: int) -> int | None:
    due = bisect_right(shown.times, now)
    return shown.times[due - 1] if due else None


def _limit_ends(cap: Cap, seen: int, active: list[int], moment: Moment) -> int | None:
    """Return the first moment with room below the limit: the window's end, or when enough reservations have ended."""
    ends = []
    excess = seen + len(active) - cap.limit
    if excess < len(active):
        ends.append(active[excess])
    reset = window_end(cap.per, moment)
    if reset is not None:
        still = [end for end in active if end > reset]
        ends.append(reset if len(still) < cap.limit else still[len(still) - cap.limit])
    return min(ends, default=None)
