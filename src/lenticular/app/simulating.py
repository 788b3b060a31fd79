"""A simulation in a process of its own: `python -m lenticular.app.simulating`, started by the server alone.

It works at a low priority, so that decisions are never delayed. Frames go to and fro: eight bytes that say how long one
is, and what it holds. Rows are passed on in pieces as the events store sends them; an empty frame ends a kind.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence

import msgspec

from lenticular.app.simulation import Outcome, Rows, Setting, Simulation
from lenticular.criteria.sql_visits import Needs
from lenticular.errors import LenticularError, Problem

_LOW = 10
"""How much more willingly than the server it lets others go first (nice)."""


class _Answer(msgspec.Struct, frozen=True):
    needs: Needs | None = None
    outcome: Outcome | None = None
    problems: tuple[Problem, ...] = ()


class Simulating:
    """A `Simulation` in another process."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def needs(self, setting: Setting) -> Needs:
        """Begin; return what must be read. Raises LenticularError."""
        await self._send(msgspec.msgpack.encode(setting))
        found = (await self._answer()).needs
        if found is None:
            raise _ended()
        return found

    async def run(self, rows: Sequence[AsyncIterator[bytes]]) -> Outcome:
        """Return what comes out of rows, in the order of `Rows`. Raises LenticularError."""
        for kind in rows:
            async for piece in kind:
                await self._send(piece)
            await self._send(b"")
        found = (await self._answer()).outcome
        if found is None:
            raise _ended()
        return found

    async def _send(self, body: bytes) -> None:
        to = self._process.stdin
        if to is None:
            raise _ended()
        try:
            to.write(len(body).to_bytes(8) + body)
            await to.drain()
        except OSError:
            raise _ended() from None

    async def _answer(self) -> _Answer:
        back = self._process.stdout
        if back is None:
            raise _ended()
        try:
            size = int.from_bytes(await back.readexactly(8))
            answer = msgspec.msgpack.decode(await back.readexactly(size), type=_Answer)
        except (asyncio.IncompleteReadError, OSError):
            raise _ended() from None
        if answer.problems:
            raise LenticularError(*answer.problems)
        return answer


@contextlib.asynccontextmanager
async def simulating() -> AsyncIterator[Simulating]:
    """Start the process; whatever happens, it has ended afterwards."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", __name__, stdin=PIPE, stdout=PIPE)
    try:
        yield Simulating(process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _ended() -> LenticularError:
    hint = "Ask again, perhaps for fewer days; the server's log may say more."
    return LenticularError(Problem("simulate.ended", "What simulates has ended.", hint=hint))


def main() -> None:
    """Answer twice: what must be read, and what comes out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends this process
    gc.disable()  # millions of rows, none in a circle, and the process ends with them
    with contextlib.suppress(OSError):
        os.nice(_LOW)
    try:
        simulation = Simulation(msgspec.msgpack.decode(_read(), type=Setting))
        _write(_Answer(needs=simulation.needs))
        visits, visitors, organizations, events = (b"".join(iter(_read, b"")) for _ in range(4))
        _write(_Answer(outcome=simulation.run(Rows(visits, visitors, organizations, events))))
    except LenticularError as error:
        _write(_Answer(problems=error.problems))
    except EOFError:
        return


def _read() -> bytes:
    size = sys.stdin.buffer.read(8)
    if len(size) < 8:
        raise EOFError
    return sys.stdin.buffer.read(int.from_bytes(size))


def _write(answer: _Answer) -> None:
    body = msgspec.msgpack.encode(answer)
    sys.stdout.buffer.write(len(body).to_bytes(8) + body)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
