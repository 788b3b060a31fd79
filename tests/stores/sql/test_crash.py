"""A publication is all or nothing, wherever it stops."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from sqlalchemy import event

from lenticular.catalog.stored import Live, Publishing
from lenticular.errors import StoreError
from lenticular.stores.sql.catalog import SqlCatalogs
from lenticular.stores.sql.database import SqlDatabase
from tests.stores.sql.kept import begin, change, draft, nothing, publishing


def several(catalogs: SqlCatalogs) -> Publishing:
    """A publication that changes, renames, deletes and adds, with a draft."""
    begin(catalogs, change("s1", "a"), change("s2", "b"), change("s3", "c"))
    catalogs.save("shop", draft("s1", "a", 1), 0)
    exchanged = change("s1", "b", 1), change("s2", "a", 1)
    return publishing(*exchanged, change("s3", "c", 1, "deleted"), change("s4", "d", tags=["x"]), drafts=(("s1", 1),))


def state(catalogs: SqlCatalogs) -> tuple[Live | None, Any, Any]:
    history = [catalogs.revisions(f"s{at}", None, 9) for at in range(1, 5)]
    return catalogs.live("shop"), catalogs.drafts("shop"), (history, catalogs.publications("shop", None, 9))


class StopError(Exception):
    """The machine stops."""


def statements(database: SqlDatabase, catalogs: SqlCatalogs, given: Publishing, stop_at: int) -> int:
    """Publish, and stop before the statement of a number; return how many there were."""
    seen = 0

    def before(*_: Any) -> None:
        nonlocal seen
        if seen == stop_at:
            raise StopError
        seen += 1

    event.listen(database.engine, "before_cursor_execute", before)
    try:
        catalogs.publish("shop", given, nothing)
    except StopError:
        pass
    finally:
        event.remove(database.engine, "before_cursor_execute", before)
    return seen


def test_nothing_is_left_of_what_stops_at_any_statement(database: SqlDatabase, catalogs: SqlCatalogs) -> None:
    given = several(catalogs)
    before = state(catalogs)
    stop_at = 0
    while statements(database, catalogs, given, stop_at) == stop_at:
        if state(catalogs) != before:
            break  # it got so far as to come about, with nothing left to stop at
        stop_at += 1
    assert stop_at > 10
    live, drafts, _ = state(catalogs)
    assert live is not None and sorted(live.catalog.segments) == ["a", "b", "d"] and drafts == []


def test_nothing_is_left_of_what_is_not_ready(catalogs: SqlCatalogs) -> None:
    given = several(catalogs)
    before = state(catalogs)

    def refuse() -> None:
        raise StoreError

    with pytest.raises(StoreError):
        catalogs.publish("shop", given, refuse)
    assert state(catalogs) == before


_PROGRAM = """
import os, sys
from sqlalchemy import event
from lenticular.stores.sql.catalog import SqlCatalogs
from lenticular.stores.sql.database import SqlDatabase
from tests.stores.sql.kept import change, nothing, publishing
database = SqlDatabase(sys.argv[1])
left = int(sys.argv[2])
def before(*_):
    global left
    left -= 1
    if left < 0:
        os._exit(9)
event.listen(database.engine, "before_cursor_execute", before)
event.listen(database.engine, "commit", before)
SqlCatalogs(database).publish("shop", publishing(change("s1", "b", 1), change("s2", "a", 1)), nothing)
"""


def test_nothing_is_left_of_what_a_dead_process_wrote(url: str) -> None:
    database = SqlDatabase(url)
    catalogs = SqlCatalogs(database)
    begin(catalogs, change("s1", "a"), change("s2", "b"))
    before = state(catalogs)
    for left in (3, 7, 10):
        ran = subprocess.run([sys.executable, "-c", _PROGRAM, url, str(left)], check=False, timeout=60)
        assert ran.returncode == 9
        assert state(catalogs) == before
    ran = subprocess.run([sys.executable, "-c", _PROGRAM, url, "1000"], check=False, timeout=60)
    live = catalogs.live("shop")
    assert ran.returncode == 0 and live is not None and live.revisions["segments", "a"] == ("s2", 2)
    database.close()
