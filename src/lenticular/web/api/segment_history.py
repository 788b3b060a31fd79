"""What the admin API answers about the history of segments, and about how they overlap."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from litestar import Controller, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody, QueryParameter, SkipValidation

from lenticular.app.members import Asking
from lenticular.app.moments import ms_of
from lenticular.app.open import Installation
from lenticular.app.overlap import Overlap, overlap
from lenticular.app.segment_history import Days, SegmentHistory, history
from lenticular.app.segment_moves import Between, MovedMembers, moved
from lenticular.app.site import LiveSite
from lenticular.web.api.paging import page_size, profile_id
from lenticular.web.api.segments import AfterProfile, Limit, SegmentKey
from lenticular.web.api.sites import SiteKey

FirstDay = Annotated[str, QueryParameter(name="from", description="The first day, such as 2026-11-01.")]
LastDay = Annotated[str, QueryParameter(name="to", description="The last day; today without it.")]
By = Annotated[Literal["day", "hour"], QueryParameter(description="Days, or every count.")]
Day = Annotated[str, QueryParameter(description="The day, such as 2026-11-29.")]
Since = Annotated[str, QueryParameter(description="The day to compare with; without it the one counted before.")]
Fields = Annotated[list[str] | None, QueryParameter(name="field", description="A property to show of each; several.")]


class OverlapRequest(msgspec.Struct, frozen=True):
    """Up to four segments, and the moment (ISO 8601, or ms since 1970) as of which; now without it."""

    segments: list[str]
    at: str | int | None = None


TwoDays = NamedDependency[SkipValidation[Between]]
SomeDays = NamedDependency[SkipValidation[Days]]
AskedPage = NamedDependency[SkipValidation[Asking]]


def two_days(day: Day, since: Since = "") -> Between:
    """Return the days that a request compares."""
    return Between(day, since)


def page_of(after: AfterProfile = "0", limit: Limit = 100, field: Fields = None) -> Asking:
    """Return the page that a request asks for. Raises LenticularError."""
    return Asking(page_size(limit), profile_id(after), fields=tuple(field or ()))


def days_of(first: FirstDay = "", last: LastDay = "") -> Days:
    """Return the days that a request asks for."""
    return Days(first, last)


class SegmentHistoryController(Controller):
    """How segments went."""

    path = "/api/sites/{key:str}"
    tags = ("Segments",)
    dependencies = {  # noqa: RUF012  # Litestar's form
        "between": Provide(two_days, sync_to_thread=False),
        "asking": Provide(page_of, sync_to_thread=False),
        "days": Provide(days_of, sync_to_thread=False),
    }

    @get("/segments/{segment:str}/history", summary="How a segment went")
    async def history(
        self, state: State, key: SiteKey, segment: SegmentKey, days: SomeDays, by: By = "day"
    ) -> SegmentHistory:
        """Return size, joined and left of each day (by default the last ninety), and what was published on it."""
        return await history(_site(state, key), segment, days, by)

    @get("/segments/{segment:str}/joined", summary="Who joined a segment")
    async def joined(
        self, state: State, key: SiteKey, segment: SegmentKey, between: TwoDays, asking: AskedPage
    ) -> MovedMembers:
        """List the people who are in it on a day and were not on the day before that was counted."""
        return await moved(_site(state, key), segment, True, between, asking)

    @get("/segments/{segment:str}/left", summary="Who left a segment")
    async def left(
        self, state: State, key: SiteKey, segment: SegmentKey, between: TwoDays, asking: AskedPage
    ) -> MovedMembers:
        """List the people who were in it on the day before that was counted and are not on a day."""
        return await moved(_site(state, key), segment, False, between, asking)

    @post("/overlap", summary="How segments overlap", status_code=200)
    async def overlap(self, state: State, key: SiteKey, data: JSONBody[OverlapRequest]) -> Overlap:
        """Return how many people are in each combination of up to four segments."""
        return await overlap(_site(state, key), data.segments, ms_of(data.at))


def _site(state: State, key: str) -> LiveSite:
    found: Installation = state["installation"]
    return found.site(key)
