"""A file read in a process of its own: `python -m lenticular.cli.elsewhere`, started by an import and by nobody else.

Where no server runs, the command is the server: reading in the same process would take turns with folding, on one core.
Frames go to and fro: four bytes that say how long one is, and MessagePack. It ends when its standard input ends.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import Process
from typing import Any

import msgspec

from lenticular.app.report import Report
from lenticular.app.row import Position
from lenticular.cli.job import FileReading, Job, Ready, Types
from lenticular.errors import LenticularError, Problem


class _Order(msgspec.Struct, frozen=True):
    """What is asked: the next part, after taking up properties and naming rows whose person is unknown."""

    types: list[tuple[str, str, str]]
    unknown: list[int] | None = None
    job: Job | None = None
    after: Position | None = None


class _Answer(msgspec.Struct, frozen=True):
    ready: Ready | None = None
    unknown: Report | None = None
    problems: tuple[Problem, ...] = ()


class Elsewhere:
    """A `FileReading` in another process."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, job: Job, types: Types, after: Position) -> Elsewhere:
        """Start the process. Raises LenticularError."""
        pipe = asyncio.subprocess.PIPE
        found = cls(await asyncio.create_subprocess_exec(sys.executable, "-m", __name__, stdin=pipe, stdout=pipe))
        await found._ask(_Order(_listed(types), job=job, after=after))
        return found

    async def next(self) -> Ready | None:
        """Return the next part, None behind the last. Raises LenticularError."""
        return (await self._ask(_Order([]))).ready

    async def know(self, types: Types) -> None:
        """Take up properties that have come to be known."""
        await self._ask(_Order(_listed(types), []))

    async def unknown(self, lines: list[int]) -> Report:
        """Write down the rows whose person is unknown; return a report that names them."""
        return (await self._ask(_Order([], lines))).unknown or Report()

    async def close(self) -> None:
        """End the process."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._process.wait()

    async def _ask(self, order: _Order) -> _Answer:
        to, back = self._process.stdin, self._process.stdout
        if to is None or back is None:
            raise RuntimeError("The process has no pipes.")
        to.write(_frame(order))
        try:
            size = int.from_bytes(await back.readexactly(4))
            answer = msgspec.msgpack.decode(await back.readexactly(size), type=_Answer)
        except (asyncio.IncompleteReadError, OSError):
            hint = "Give the same command again: it goes on where it stopped."
            raise LenticularError(Problem("import.reader", "What reads the file has ended.", hint=hint)) from None
        if answer.problems:
            raise LenticularError(*answer.problems)
        return answer


def _frame(content: Any) -> bytes:
    body = msgspec.msgpack.encode(content)
    return len(body).to_bytes(4) + body


def _listed(types: Types) -> list[tuple[str, str, str]]:
    return [(scope, name, kind) for (scope, name), kind in types.items()]


def main() -> None:
    """Read what is asked for, until nobody asks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the command
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    reading: FileReading | None = None
    while len(size := asked.read(4)) == 4:
        order = msgspec.msgpack.decode(asked.read(int.from_bytes(size)), type=_Order)
        try:
            reading, answer = _answer(reading, order)
        except LenticularError as error:
            answer = _Answer(problems=error.problems)
        answers.write(_frame(answer))
        answers.flush()
    if reading is not None:
        reading.close()


def _answer(reading: FileReading | None, order: _Order) -> tuple[FileReading, _Answer]:
    types = {(scope, name): kind for scope, name, kind in order.types}
    if reading is None:
        if order.job is None:
            raise LenticularError(Problem("import.reader", "Nothing was said of what to read."))
        return FileReading(order.job, types, order.after or Position()), _Answer()
    reading.know(types)
    if order.unknown is None:
        return reading, _Answer(reading.next())
    return reading, _Answer(unknown=reading.unknown(order.unknown)) if order.unknown else _Answer()


if __name__ == "__main__":
    main()
