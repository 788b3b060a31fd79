"""`lenticular people unmerge`, asked of the folder and of a running server."""

from __future__ import annotations

from pathlib import Path

from tests.process import good, refused


def test_a_wrong_alias_is_undone(tmp_path: Path) -> None:
    rows = tmp_path / "events.csv"
    rows.write_text(
        "anonymousId,userId,event,timestamp\n"
        "phone,,Seen,2026-01-01T10:00:00Z\nlaptop,ana,Seen,2026-01-01T11:00:00Z\nphone,ana,Seen,2026-01-01T12:00:00Z\n"
    )
    data = tmp_path / "data"
    good("import", "events", rows, data=data)
    assert good("segment", "count", 'count("Seen") == 3', data=data) == "1"
    assert good("people", "unmerge", "--anonymous-id", "phone", data=data) == (
        "phone is a person again, apart from ana, laptop"
    )
    assert good("segment", "members", 'count("Seen") == 1', data=data) == "phone"
    assert good("segment", "members", 'count("Seen") == 2', data=data) == "ana"
    assert refused("people", "unmerge", "--anonymous-id", "phone", data=data) == [
        "Nobody was joined to the profile of 'phone'."
    ]
