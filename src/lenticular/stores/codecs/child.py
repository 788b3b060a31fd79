"""A picture read in a process of its own, with limits: what a file makes a decoder do hurts nobody else.

`python -m lenticular.stores.codecs.child`, started by `ask` and by nobody else: an order on standard input, an answer
on standard output. A process that says nothing has been stopped by its limits, or its decoder has crashed.
"""

from __future__ import annotations

import os
import resource
import sys
from contextlib import suppress
from pathlib import Path

import msgspec

from lenticular.errors import Problem

MEMORY = 2 << 30
_FILE = 256 << 20
_OPEN_FILES = 64


class Order(msgspec.Struct, frozen=True):
    """What to do with a file: look at it and write what everything knows, or also its variants; seconds it may take."""

    file: str
    to: str
    seconds: int
    variants: bool = False


class Read(msgspec.Struct, frozen=True):
    """What a file is: its kind, the extension of what was written, its size in pixels, what is to be said of it."""

    kind: str
    extension: str
    width: int | None
    height: int | None
    notes: tuple[str, ...] = ()


class Answer(msgspec.Struct, frozen=True):
    """What was read; or why the file is refused; or what the disk says."""

    read: Read | None = None
    refused: Problem | None = None
    disk: str = ""


def limit(seconds: int) -> None:
    """Hold this process to so much memory, time and room, as far as the system can."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, _FILE),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):  # not every system has each of them
            _, hard = resource.getrlimit(what)
            resource.setrlimit(what, (most, most) if hard == resource.RLIM_INFINITY or hard > most else (hard, hard))
    os.nice(5)


def work(order: Order) -> Answer:
    """Do what is ordered."""
    from lenticular.stores.codecs.refusal import RefusedError

    try:
        return Answer(_read(order))
    except RefusedError as error:
        return Answer(refused=Problem(error.code, error.message, error.place, error.hint))
    except MemoryError:
        hint = "Make it smaller, or save it once more."
        return Answer(refused=Problem("picture.memory", "The picture takes too much memory.", hint=hint))
    except OSError as error:
        return Answer(disk=error.strerror or str(error))


def _read(order: Order) -> Read:
    from lenticular.stores.codecs.sniff import HEAD, kind_of

    file, to = Path(order.file), Path(order.to)
    with file.open("rb") as opened:
        kind = kind_of(opened.read(HEAD))
    if kind == "svg":
        from lenticular.stores.codecs.drawing import read_drawing

        return Read(kind, kind, *read_drawing(file, to / "fallback.svg"))
    from lenticular.catalog.picture import widths_of
    from lenticular.stores.codecs.decode import decode
    from lenticular.stores.codecs.encode import encode, encode_variants, fallback_of

    decoded = decode(file, kind)
    extension = fallback_of(kind, decoded.image)
    encode(decoded.image, to / f"fallback.{extension}")
    if order.variants:
        encode_variants(decoded.image, widths_of(decoded.width), to)
    return Read(kind, extension, decoded.width, decoded.height, tuple(decoded.notes))


def main() -> None:
    """Read an order, do it, answer."""
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    limit(order.seconds)
    sys.stdout.buffer.write(msgspec.json.encode(work(order)))


if __name__ == "__main__":
    main()
