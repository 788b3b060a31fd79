"""Processes of a benchmark: a server, an echo, a load generator."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from benchmarks._load import Order, Result
from benchmarks._pace import Pace, Paced
from lenticular.web.running import Running, running_server


@contextmanager
def serving(data: Path) -> Iterator[Running]:
    """Run `lenticular serve` on a data folder for the length of a block."""
    code = "from lenticular.cli.main import main; main()"
    with _process([sys.executable, "-c", code, "serve", "--port", "0", "--data", str(data)]) as process:
        assert process.stdout is not None
        process.stdout.readline()
        running = running_server(data)
        assert running is not None
        yield running


@contextmanager
def echoing(answer: Path) -> Iterator[int]:
    """Run the echo for the length of a block; yield its port."""
    with _process([sys.executable, "-m", "benchmarks._echo", str(answer)]) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())


def load(order: Order) -> Result:
    """Send an order from a process of its own and return the result."""
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks._load"],
        input=msgspec.json.encode(order),
        stdout=subprocess.PIPE,
        timeout=120,
        check=True,
    )
    return msgspec.json.decode(ran.stdout, type=Result)


@contextmanager
def pacing(pace: Pace, done: list[Paced]) -> Iterator[None]:
    """Send at a steady pace for the length of a block; then add what became of it to `done`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks._pace"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    process.stdin.write(msgspec.json.encode(pace) + b"\n")
    process.stdin.flush()
    try:
        yield
    finally:
        answer, _ = process.communicate(timeout=60)
        done.append(msgspec.json.decode(answer, type=Paced))


@contextmanager
def _process(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)
        if process.stdout is not None:
            process.stdout.close()
