"""The audit log: who did what, when, from where."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from typing import Annotated, Literal

import msgspec
from litestar import Controller, get
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter, SkipValidation
from litestar.response import Stream

from lenticular.accounts.entry import Entry, Wanted
from lenticular.app.accounts.accounts import Accounts
from lenticular.app.moments import ms_of
from lenticular.web.api.paging import page_size
from lenticular.web.api.segments import Limit
from lenticular.web.api.session import of

Text = Annotated[str, QueryParameter(description="Only lines with this text in them.")]
Who = Annotated[str, QueryParameter(description="Only what someone did: a name or an id.")]
What = Annotated[str, QueryParameter(description="Only this: `sign-in`, `sign-in.refused`, `POST /api/users`, …")]
AtSite = Annotated[str, QueryParameter(description="Only at a site.")]
Since = Annotated[str | None, QueryParameter(description="From this moment on (ISO 8601, or ms since 1970).")]
Until = Annotated[str | None, QueryParameter(description="Before this moment.")]
Before = Annotated[int | None, QueryParameter(description="Where the page before ended: its `next`.")]
Form = Annotated[Literal["jsonl", "csv"], QueryParameter(name="format", description="`jsonl` or `csv`.")]
WantedLines = NamedDependency[SkipValidation[Wanted]]
_PIECE = 1_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class AuditPage(msgspec.Struct, frozen=True):
    """Lines of the audit log, the newest first; `next` is where the next page begins, null at the end."""

    entries: list[Entry]
    next: int | None


def wanted(
    text: Text = "", who: Who = "", what: What = "", site: AtSite = "", since: Since = None, until: Until = None
) -> Wanted:
    """Return which lines a request is about. Raises LenticularError for what is no moment."""
    return Wanted(text, who, what, site, _ms(since), _ms(until))


class AuditController(Controller):
    """The audit log. It is only added to."""

    path = "/api/audit"
    tags = ("Accounts",)

    @get("/", summary="The audit log", dependencies={"wanted": Provide(wanted, sync_to_thread=False)})
    async def audit(self, state: State, wanted: WantedLines, before: Before = None, limit: Limit = 100) -> AuditPage:
        """List every sign-in, good or bad, and every change, the newest first."""
        accounts, size = of(state), page_size(limit)
        found = await accounts.in_store(accounts.store.audit, wanted, _id(before), size)
        return AuditPage(found, found[-1].id if len(found) == size else None)

    @get("/export", summary="The audit log as a file", media_type="application/octet-stream")
    async def export(self, state: State, form: Form = "jsonl") -> Stream:
        """Return all of it, the newest first, as JSON lines or CSV."""
        headers = {"content-disposition": f'attachment; filename="audit.{form}"'}
        return Stream(_pieces(of(state), form), media_type="application/octet-stream", headers=headers)


async def _pieces(accounts: Accounts, form: str) -> AsyncIterator[bytes]:
    if form == "csv":
        yield _csv([Entry.__struct_fields__])
    before: int | None = None
    while True:
        found = await accounts.in_store(accounts.store.audit, Wanted(), before, _PIECE)
        if form == "csv":
            yield _csv([[_shown(getattr(one, name)) for name in Entry.__struct_fields__] for one in found])
        else:
            yield b"".join(msgspec.json.encode(one) + b"\n" for one in found)
        if len(found) < _PIECE:
            return
        before = found[-1].id


def _csv(rows: list[list[str]] | list[tuple[str, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _shown(value: object) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _ms(moment: str | None) -> int | None:
    return ms_of(int(moment) if moment and moment.isdecimal() and len(moment) < 18 else moment)


def _id(before: int | None) -> int | None:
    return None if before is None else max(-1, min(before, (1 << 63) - 1))
