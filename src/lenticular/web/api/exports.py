"""What the admin API streams out: events, people, organizations, members."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import Parameter, QueryParameter
from litestar.response import Stream

from lenticular.app.export import Asked, What, export
from lenticular.app.export_formats import encoded
from lenticular.app.file_formats import MEDIA, Format
from lenticular.app.moments import ms_of
from lenticular.app.open import Installation
from lenticular.app.site import LiveSite
from lenticular.errors import LenticularError, Problem
from lenticular.web.api.sites import SiteKey

Whatever = Annotated[What, Parameter(description="What to export.")]
Form = Annotated[Format, QueryParameter(description="The form of the file.")]
Start = Annotated[str | None, QueryParameter(name="from", description="Events that happened at this moment or later.")]
End = Annotated[str | None, QueryParameter(name="to", description="Events that happened before this moment.")]
Segment = Annotated[str, QueryParameter(description="People who belong to this segment, or to a rule.")]
Fields = Annotated[list[str] | None, QueryParameter(name="field", description="A property to tell of each; several.")]
At = Annotated[str | None, QueryParameter(description="The moment at which people belong; now without it.")]
Gzip = Annotated[bool, QueryParameter(description="Gzip the file.")]
ExcelSafe = Annotated[
    bool,
    QueryParameter(name="excelSafe", description="Put ' before texts that a spreadsheet would take for a formula."),
]


class How(msgspec.Struct, frozen=True):
    """The form of a file."""

    form: Format
    gzip: bool
    excel_safe: bool


def asked_of(
    what: Whatever, start: Start = None, end: End = None, segment: Segment = "", field: Fields = None, at: At = None
) -> Asked:
    """Return what a request asks for. Raises LenticularError for a wrong moment."""
    return Asked(what, ms_of(start), ms_of(end), segment, ms_of(at), tuple(field or ()))


def how_of(format: Form = "csv", gzip: Gzip = False, excel_safe: ExcelSafe = False) -> How:
    """Return the form that a request asks for. Raises LenticularError for one that there is not."""
    if gzip and format == "parquet":
        raise LenticularError(Problem("export.gzip", "Parquet is compressed by itself.", "gzip", "Leave it out."))
    return How(format, gzip, excel_safe)


class ExportsController(Controller):
    """Exports."""

    path = "/api/sites/{key:str}/export"
    tags = ("Exports",)
    dependencies = {  # noqa: RUF012  # Litestar reads it from the class
        "asked": Provide(asked_of, sync_to_thread=False),
        "how": Provide(how_of, sync_to_thread=False),
    }

    @get("/{what:str}", summary="Everything of one kind as a file", media_type="application/octet-stream")
    async def export(
        self, state: State, key: SiteKey, asked: NamedDependency[Asked], how: NamedDependency[How]
    ) -> Stream:
        """Stream events, people, organizations or members, of everything accepted by now, as of one moment."""
        site = _sites(state).site(key)
        found = await export(site, asked)
        name = f"{asked.what}.{how.form}{'.gz' if how.gzip else ''}"
        return Stream(
            _counted(site, encoded(found, how.form, how.gzip, how.excel_safe)),
            media_type="application/gzip" if how.gzip else MEDIA[how.form],
            headers={"content-disposition": f'attachment; filename="{name}"'},
        )


async def _counted(site: LiveSite, content: AsyncGenerator[bytes, None]) -> AsyncIterator[bytes]:
    site.exporting += 1
    try:
        async with aclosing(content):
            async for piece in content:
                yield piece
    finally:
        site.exporting -= 1


def _sites(state: State) -> Installation:
    found: Installation = state["installation"]
    return found
