"""The stream of a site by itself, and with a server that stops."""

from __future__ import annotations

import asyncio
from pathlib import Path

from lenticular.app.stream.notice import MOST_WAITING, Listener, Notice
from lenticular.app.stream.presence import Presence, Present
from tests.process import PATIENCE, start


def test_what_waits_for_a_slow_reader_is_bounded() -> None:
    ended: list[str] = []
    listener = Listener("eve", "x-0", lambda: ended.append("aborted"))
    taken = [listener.offer(Notice("draft", b"{}", f"x-{at}")) for at in range(MOST_WAITING + 5)]
    assert taken == [True] * MOST_WAITING + [False] * 5
    assert [one.kind for one in asyncio.run(listener.next(0))] == ["reset"]
    assert listener.over
    counted = Listener("eve", "x-0", lambda: None)
    assert all(counted.offer(Notice("count", b"%d" % at)) for at in range(1_000))
    assert [one.data for one in asyncio.run(counted.next(0))] == [b"999"], "only the newest count is of use"


def test_what_is_kept_of_who_edits_is_bounded() -> None:
    now = [0]
    changed: list[int] = []
    presence = Presence(lambda: now[0], lambda: changed.append(now[0]))
    for at in range(60):
        now[0] = at
        presence.here(Present("pages", f"p{at}", "", "Ana", "u1", f"tab {at}", 0))
    assert [one.tab for one in presence.all() if one.user == "u1"] == sorted(
        (f"tab {at}" for at in range(10, 60)), key=lambda tab: f"p{tab[4:]}"
    )
    for at in range(1_200):
        presence.here(Present("pages", "home", "", f"user {at}", f"u{at + 2}", "tab", 0))
    assert len(presence.all()) == 1_000
    told = len(changed)
    presence.here(presence.all()[0])
    presence.gone(Present("pages", "home", "", "Nobody", "", "tab", 0))
    assert len(changed) == told, "nothing is new"


def test_open_streams_do_not_hold_up_a_server_that_stops(tmp_path: Path) -> None:
    """Cut off after the patience of its server, an answer would not be whole."""
    running = start(tmp_path / "data")
    try:
        running.api("PUT", "/api/sites/shop", {})
        with running.http.stream("GET", "/api/sites/shop/stream") as answer:
            pieces = answer.iter_raw()
            assert next(pieces).startswith(b"retry")
            running.process.terminate()
            assert b"".join(pieces) is not None
        assert running.process.wait(PATIENCE) == 0
    finally:
        running.kill()
    assert "Cancel" not in running.data.with_name("data.log").read_text()
