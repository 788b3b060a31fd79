"""Sends the demo's traffic from a process of its own: `python -m lenticular.demo.sender URL KEY UNTIL PEOPLE SEED`.

Prints what was acknowledged, a line of JSON each time, and ends when its standard input does.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress

import msgspec

from lenticular.demo import traffic
from lenticular.demo.traffic import Sent
from lenticular.errors import LenticularError


async def main(url: str, key: str, until: int, people: int, seed: int) -> None:
    """Send everything, or stop when the demo is gone."""
    loop = asyncio.get_running_loop()
    gone = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), gone.set)

    def progress(sent: Sent) -> None:
        sys.stdout.buffer.write(msgspec.json.encode(sent) + b"\n")
        sys.stdout.buffer.flush()

    batches = traffic.messages(until, people, seed)
    sending = asyncio.ensure_future(traffic.send(url, key, batches, progress, pause=0.02))
    waiting = asyncio.ensure_future(gone.wait())
    await asyncio.wait((sending, waiting), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not sending.done():
        sending.cancel()
    with suppress(asyncio.CancelledError):
        await sending


if __name__ == "__main__":
    given_url, given_key, *numbers = sys.argv[1:]
    try:
        asyncio.run(main(given_url, given_key, *(int(number) for number in numbers)))
    except LenticularError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from None
    except (BrokenPipeError, KeyboardInterrupt):
        raise SystemExit(1) from None
