"""How long a server takes to start, empty and with very many people, and how much memory it and its child use.

A tenth of the size that DESIGN §10 speaks of, unless BENCH_PEOPLE says otherwise (1000000 is all of it, with 50 M
events; filling that takes some minutes and gigabytes of disk).
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import httpx

from benchmarks._many import EVENTS_EACH, HEAVY, fill
from benchmarks._server import serving
from benchmarks.table import show
from lenticular.web.running import Running

FULL = 1_000_000
EMPTY_START, FULL_START = 3.0, 5.0
"""Seconds (DESIGN §10)."""


def main() -> None:
    """Print the figures."""
    people = int(os.environ.get("BENCH_PEOPLE", FULL // 10))
    with tempfile.TemporaryDirectory() as folder:
        empty = [_start(Path(folder) / f"empty{at}")[0] for at in range(3)]
        data = Path(folder) / "data"
        began = time.perf_counter()
        fill(data, people)
        print(f"{people:,} profiles, {people * EVENTS_EACH:,} events, made in {time.perf_counter() - began:,.0f} s")
        full = [_start(data) for _ in range(3)]
        after = _start(data, HEAVY)
    show(
        ["", "start, s", "budget, s", "server, MB", "events store, MB"],
        [
            ["empty", f"{min(empty):.1f}", f"{EMPTY_START:.0f}", "", ""],
            [f"{people:,} people", f"{min(each[0] for each in full):.1f}", f"{FULL_START:.0f}", *_memory(full[0])],
            ["after the heaviest reports", "", "", *_memory(after)],
        ],
    )


def _start(data: Path, rule: str = "") -> tuple[float, int, int]:
    """Start a server, ask it a few counts of a rule; return the seconds to its answer, and the memory of both (MB)."""
    began = time.perf_counter()
    with serving(data) as running:
        httpx.get(f"{running.url}/health/live").raise_for_status()
        seconds = time.perf_counter() - began
        for _ in range(5 if rule else 0):
            _count(running, rule)
        return seconds, resident(running.pid), sum(resident(child) for child in children_of(running.pid))


def _count(running: Running, rule: str) -> None:
    headers = {"authorization": f"Bearer {running.token}"}
    url = f"{running.url}/api/sites/bench/count"
    httpx.post(url, json={"rule": rule, "exact": True}, headers=headers, timeout=600).raise_for_status()


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def resident(pid: int) -> int:
    """Return how much memory a process has (MB)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) // 1024
    return 0


def _memory(of: tuple[float, int, int]) -> list[str]:
    return [f"{of[1]:,}", f"{of[2]:,}"]
