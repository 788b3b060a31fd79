"""A disk that is really full: nothing more is taken, decisions go on, and what was acknowledged is there afterwards."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.process import ServerProcess, start

SIZE = 400 << 20
"""The events store leaves 256 MB free, and waits."""

MESSAGE = {"type": "track", "event": "Seen", "properties": {"x": "y" * 500}}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "small", folder], check=False)
    if mounted.returncode:
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def fill(disk: Path, leave: int) -> None:
    """Leave so many bytes free."""
    found = os.statvfs(disk)
    # The server may be writing at the same time, and be quicker.
    with (disk / "filler").open("ab", buffering=0) as filler, suppress(OSError):
        for _ in range(max(0, found.f_bavail * found.f_frsize - leave) >> 12):
            filler.write(bytes(1 << 12))


def send(running: ServerProcess, key: str, number: int) -> httpx.Response:
    batch = [{**MESSAGE, "anonymousId": f"a{at}", "messageId": f"{number}-{at}"} for at in range(100)]
    return running.post("/v1/batch", {"batch": batch}, key)


@pytest.mark.parametrize(
    "leave", [40_000, *(pytest.param(each, marks=pytest.mark.soak) for each in (0, 9_000, 1_000_000))]
)
def test_a_full_disk(disk: Path, leave: int) -> None:
    """Full at another write each time: of the journal, of the profiles, of a checkpoint."""
    running = start(disk / "data")
    taken: set[str] = set()
    try:
        running.api("PUT", "/api/sites/shop", {"timezone": "UTC"})
        catalog = running.api("GET", "/api/sites/shop/catalog")
        catalog["slots"] = {"promo": {"key": "promo", "block": {"kind": "ad"}}}
        running.api("PUT", "/api/sites/shop/catalog", catalog)
        key = catalog["site"]["writeKey"]
        for number in range(5):
            assert send(running, key, number).status_code == 200
            taken |= {f"{number}-{at}" for at in range(100)}
        fill(disk, leave)
        refused = 0
        for number in range(5, 200):
            answer = send(running, key, number)
            assert answer.status_code in (200, 503), answer.text
            if answer.status_code == 200:
                taken |= {f"{number}-{at}" for at in range(100)}
                continue
            assert answer.json()["code"] == "disk_full"
            assert "retry-after" in answer.headers
            refused += 1
            decision = running.post("/v1/decide", {"site": "shop", "slots": ["promo"], "anonymousId": "a1"})
            assert decision.status_code == 200, decision.text
            if refused == 5:
                break
        assert refused == 5, "the disk was never full"
        (disk / "filler").unlink()
        assert send(running, key, 1_000).status_code == 200
        taken |= {f"1000-{at}" for at in range(100)}
    finally:
        running.kill()
    again = start(disk / "data")
    try:
        info = again.api("POST", "/api/sites/shop/settle")
        assert (info["pending"], info["waiting"]) == (0, 0)
        # A refused batch may lie in the journal after all: it was not acknowledged, and counts once when sent again.
        counted = again.api("POST", "/api/sites/shop/count", {"rule": f'count("Seen") >= {len(taken) // 100}'})
        assert counted["people"] == 100
        most = again.api("POST", "/api/sites/shop/count", {"rule": f'count("Seen") > {len(taken) // 100 + refused}'})
        assert most["people"] == 0
    finally:
        assert again.stop() == 0
