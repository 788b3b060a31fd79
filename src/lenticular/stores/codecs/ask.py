"""Have a picture read in a process of its own."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path

import msgspec

from lenticular.errors import LenticularError, Problem, StoreError
from lenticular.settings import PREFIX
from lenticular.stores.codecs.child import Answer, Order, Read

SECONDS = 60
"""Of the processor that looking at a picture may take; with its variants, twice that."""
_MODULE = "lenticular.stores.codecs.child"


async def read_picture(file: Path, to: Path, variants: bool = False) -> Read:
    """Look at a file and write into a folder what everything knows, and its variants if wanted.

    Raises LenticularError for what is no picture that we take, StoreError where the disk refuses.
    """
    seconds = SECONDS * (2 if variants else 1)
    order = msgspec.json.encode(Order(str(file), str(to), seconds, variants))
    try:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", _MODULE, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=_environment()
        )
    except OSError as error:
        message = f"Pictures can't be read now: {error.strerror}."
        raise StoreError(Problem("picture.process", message, hint="Look at the memory of the machine.")) from None
    answer = await _answer(child, order, seconds * 4)
    if answer.read is not None:
        return answer.read
    if answer.refused is not None:
        raise LenticularError(answer.refused)
    hint = "Look at the disk and the rights of the data folder."
    raise StoreError(Problem("data_error", f"The picture can't be written: {answer.disk}.", hint=hint))


def _environment() -> dict[str, str]:
    """Return what the process may know: none of our settings, which may have secrets."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}


async def _answer(child: Process, order: bytes, patience: float) -> Answer:
    """Return what a process says; one that takes too long is ended. Raises LenticularError."""
    try:
        async with asyncio.timeout(patience):
            said, _ = await child.communicate(order)
        return msgspec.json.decode(said, type=Answer)
    except (TimeoutError, msgspec.DecodeError):
        hint = "Make it smaller, or save it once more as JPEG or PNG."
        raise LenticularError(
            Problem("picture.costly", "The picture takes too much memory or time, or breaks its decoder.", hint=hint)
        ) from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
