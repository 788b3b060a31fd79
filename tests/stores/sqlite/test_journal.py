"""The journal: order, days, reopening, and that nothing acknowledged is lost."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lenticular.errors import StoreError
from lenticular.profiles.event import Event
from lenticular.stores.sqlite.journal import DAY, SqliteJournal
from tests.profiles.worlds import NOON, event


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    journal = SqliteJournal(tmp_path)
    yield journal
    journal.close()


def batch(first: int, count: int, day: int = 0) -> list[Event]:
    return [event(f"m{first + at}", received=NOON + day * DAY, anonymous_id="a") for at in range(count)]


def test_numbers_go_up_one_by_one_and_events_come_back_as_they_were(journal: SqliteJournal) -> None:
    rich = event(
        "m1",
        anonymous_id="a",
        user_id="ü",
        properties={"n_x": 5.0, "d_y": 5, "l_z": ["1"], "o_p": [{"a": 1.0, "b": [True, "x"]}], "b_q": True},
        traits={"t_é": "ñ"},
        removed=("gone",),
        context={"t_path": "/"},
        trusted=True,
    )
    assert journal.last() == 0
    assert journal.append([]) == range(1, 1)
    assert journal.append([rich]) == range(1, 2)
    assert journal.append(batch(2, 3)) == range(2, 5)
    assert journal.read(0, 10) == [(1, rich), *enumerate(batch(2, 3), 2)]
    assert isinstance(journal.read(0, 1)[0][1].properties["n_x"], float)
    assert journal.last() == 4


@pytest.mark.parametrize("after", [0, 1, 254, 255, 256, 257, 699, 700, 900])
def test_reading_starts_anywhere(journal: SqliteJournal, after: int) -> None:
    journal.append(batch(1, 700))
    journal.append(batch(701, 5, day=1))
    expected = [(seq, f"m{seq}") for seq in range(after + 1, 706)]
    assert [(seq, each.message_id) for seq, each in journal.read(after, 1000)] == expected
    assert [(seq, each.message_id) for seq, each in journal.read(after, 3)] == expected[:3]


def test_reopening_goes_on_where_it_ended(tmp_path: Path) -> None:
    for day in range(3):
        journal = SqliteJournal(tmp_path)
        journal.append(batch(day * 10 + 1, 10, day))
        journal.close()
    journal = SqliteJournal(tmp_path)
    assert journal.last() == 30
    assert [seq for seq, _ in journal.read(0, 100)] == list(range(1, 31))
    journal.close()


def test_whole_days_are_forgotten_and_numbers_go_on(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path)
    today = NOON // DAY
    for day in range(3):
        journal.append(batch(day * 10 + 1, 10, day))
    journal.forget(15, today + 2)
    assert [seq for seq, _ in journal.read(0, 100)] == list(range(11, 31))
    journal.forget(30, today + 2)
    assert [seq for seq, _ in journal.read(0, 100)] == list(range(21, 31))
    journal.forget(30, today + 100)
    journal.close()
    journal = SqliteJournal(tmp_path)
    assert (journal.read(0, 100), journal.last()) == ([], 30)
    assert journal.append(batch(31, 1, 3)) == range(31, 32)
    journal.close()


def test_beyond_its_bytes_the_oldest_goes_within_a_day_too(journal: SqliteJournal, tmp_path: Path) -> None:
    for at in range(40):
        journal.append(batch(at * 1000 + 1, 1000))
    used = journal.bytes()
    assert journal.forget(40_000, 0, used) == 0
    gone = journal.forget(40_000, 0, used // 2)
    assert used // 2 * 0.7 < journal.bytes() <= used // 2
    assert journal.first() == gone + 1
    assert [seq for seq, _ in journal.read(0, 10**6)] == list(range(gone + 1, 40_001))
    # Never above what is folded and sent, however much that is.
    assert journal.forget(gone + 300, 10**6, 0) < 300
    assert journal.read(gone + 299, 1)[0][0] == gone + 300
    size = (tmp_path / "journal.db").stat().st_size
    for at in range(40, 55):
        journal.append(batch(at * 1000 + 1, 1000))
    assert (tmp_path / "journal.db").stat().st_size <= size, "free pages were not used again"
    assert journal.forget(55_000, 10**6) > 0
    assert (journal.read(0, 10), journal.first(), journal.last()) == ([], 0, 55_000)


def test_a_clock_that_steps_back_changes_no_order(journal: SqliteJournal) -> None:
    journal.append(batch(1, 2, day=5))
    journal.append(batch(3, 2, day=1))
    journal.append(batch(5, 2, day=6))
    assert [seq for seq, _ in journal.read(0, 100)] == [1, 2, 3, 4, 5, 6]


def test_killed_at_any_moment_it_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    moments = random.Random(7)
    acknowledged = 0
    for _ in range(10):
        script = Path(__file__).with_name("append_forever.py")
        with subprocess.Popen([sys.executable, str(script), str(tmp_path)], stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            said = child.stdout.readline()
            time.sleep(moments.uniform(0, 0.08))
            os.kill(child.pid, signal.SIGKILL)
            lines = [said, *child.stdout.readlines()]
        acknowledged = max(int(line) for line in lines if line.endswith("\n"))
        journal = SqliteJournal(tmp_path)
        assert journal.last() >= acknowledged
        found = journal.read(0, 10**9)
        assert [(seq, each.message_id) for seq, each in found] == [
            (seq, f"m{seq}") for seq in range(1, journal.last() + 1)
        ]
        journal.close()
    assert acknowledged > 100


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        SqliteJournal(tmp_path / "nowhere")
    problem = caught.value.problems[0]
    assert (problem.code, problem.place) == ("data_missing", str(tmp_path / "nowhere"))
    assert problem.hint


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"not a database, but long enough to be looked at" * 100)
    with pytest.raises(StoreError) as caught:
        SqliteJournal(tmp_path)
    assert caught.value.problems[0].code == "data_corrupt"


def test_a_read_only_file_is_said(tmp_path: Path) -> None:
    SqliteJournal(tmp_path).close()
    # Root may write to files without the right to; so the write is forbidden where SQLite itself looks.
    with pytest.raises(StoreError) as caught:
        journal = SqliteJournal(tmp_path)
        journal._database._writer.execute("PRAGMA query_only=1")
        try:
            journal.append(batch(1, 1))
        finally:
            assert journal.last() == 0
            journal.close()
    problem = caught.value.problems[0]
    assert (problem.code, problem.place) == ("data_read_only", str(tmp_path / "journal.db"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_folder_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError) as caught:
        SqliteJournal(tmp_path)
    assert caught.value.problems[0].hint


def test_a_full_disk_is_said_and_nothing_half_is_left(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path)
    journal.append(batch(1, 3))
    pages = journal._database._writer.execute("PRAGMA page_count").fetchone()[0]
    journal._database._writer.execute(f"PRAGMA max_page_count={pages + 2}")
    big = [event(f"m{at}", anonymous_id="a", properties={"t_x": "x" * 1000}) for at in range(4, 200)]
    with pytest.raises(StoreError) as caught:
        journal.append(big)
    assert caught.value.problems[0].code == "disk_full"
    journal._database._writer.execute("PRAGMA max_page_count=1000000")
    assert journal.append(batch(4, 1)) == range(4, 5)
    assert [seq for seq, _ in journal.read(0, 10)] == [1, 2, 3, 4]
    journal.close()


@pytest.mark.parametrize("closed", [True, False])
def test_a_journal_that_nobody_can_write_to_is_read_with_what_was_left(tmp_path: Path, closed: bool) -> None:
    """Also with the write-ahead log of a process that was killed; nothing beside it is made or changed."""
    home, copy = tmp_path / "home", tmp_path / "copy"
    home.mkdir()
    journal = SqliteJournal(home)
    journal.append(batch(1, 3))
    if closed:
        journal.close()
    shutil.copytree(home, copy)
    assert (copy / "journal.db-wal").exists() is not closed
    before = {path.name: path.read_bytes() for path in copy.iterdir()}
    frozen = SqliteJournal(copy, to_read=True)
    try:
        assert (frozen.last(), [seq for seq, _ in frozen.read(0, 10)]) == (3, [1, 2, 3])
        with pytest.raises(StoreError) as caught:
            frozen.append(batch(4, 4))
        assert caught.value.problems[0].code == "data_read_only"
        assert frozen.last() == 3
    finally:
        frozen.close()
        if not closed:
            journal.close()
    assert {path.name: path.read_bytes() for path in copy.iterdir()} == before


def test_another_process_can_t_have_the_file_meanwhile(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path)
    try:
        asked = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1], timeout=0).execute('SELECT 1 FROM meta'))"
        ran = subprocess.run(
            [sys.executable, "-c", asked, tmp_path / "journal.db"], capture_output=True, text=True, check=False
        )
        assert "database is locked" in ran.stderr
        assert not (tmp_path / "journal.db-shm").exists()
    finally:
        journal.close()
