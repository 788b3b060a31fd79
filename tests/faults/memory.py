"""Memory that a process may not have more of: as the kernel counts it for a group, and as addresses."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.process import PATIENCE

_ONE, _TWO = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")


@contextmanager
def group(pid: int, most: int) -> Iterator[None]:
    """Let the kernel kill a process, and its children, when they have more than `most` bytes; skips where it can't."""
    first = _ONE.is_dir()
    made = (_ONE if first else _TWO) / f"lenticular-test-{pid}"
    try:
        made.mkdir()
        (made / ("memory.limit_in_bytes" if first else "memory.max")).write_text(str(most))
        (made / "cgroup.procs").write_text(str(pid))
    except OSError:
        if made.is_dir():
            made.rmdir()
        pytest.skip("no memory of a group can be limited here")
    try:
        yield
    finally:
        deadline = time.monotonic() + PATIENCE
        while (made / "cgroup.procs").read_text():  # it must have been killed
            assert time.monotonic() < deadline, "it was not killed"
            time.sleep(0.05)
        made.rmdir()


@contextmanager
def no_more_addresses(pid: int) -> Iterator[None]:
    """Let a process map no more than it has: what it asks for is refused, and it may end of that."""
    now = _status(pid, "VmSize")
    resource.prlimit(pid, resource.RLIMIT_AS, (now, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def resident(pid: int) -> int:
    """Return the bytes that a process has in memory."""
    return _status(pid, "VmRSS")


def _status(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(f"{name}:")).split()[1]) * 1024
