"""Import: a row counts once, however often and however late its file comes again."""

from __future__ import annotations

from pathlib import Path

from lenticular.app.columns import Columns
from lenticular.app.import_ import Rows, import_rows
from lenticular.catalog.site import Site
from tests.running import MONDAY, running

_MONTH = 31 * 86_400_000
_ROWS = [(line, {"user_id": f"u{line}", "event": "Paid", "timestamp": "2026-11-01"}) for line in range(2, 502)]


async def test_a_file_again_after_a_month_that_the_log_slept_through(tmp_path: Path) -> None:
    """The profiles have forgotten the message ids by then, and not every row had reached the log before."""
    clock = [MONDAY]
    async with running(tmp_path, lambda: clock[0]) as (installation, _):
        site = await installation.ensure(Site(key="shop", timezone="UTC", write_key="shop"))
        part = Rows("paid.csv", Columns(user_id="user_id"), {}, _ROWS)
        assert (await import_rows(site, part)).accepted == len(_ROWS)
        clock[0] += _MONTH
        newer = Rows("more.csv", part.columns, {}, [(2, _ROWS[0][1])])
        assert (await import_rows(site, newer)).accepted == 1
        report = await import_rows(site, part)
    assert (report.accepted, report.duplicate) == (0, len(_ROWS))
