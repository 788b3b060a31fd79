"""The pictures of an installation while it is open: which there are, and the one way in and out of them."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar

import msgspec

from lenticular.catalog.author import Author
from lenticular.catalog.picture import DRAWING, KeptPicture, Point, Text
from lenticular.errors import LenticularError, Problem, StoreError
from lenticular.ports import Clock, PictureStore
from lenticular.stores.codecs.ask import read_picture
from lenticular.stores.codecs.child import Read
from lenticular.stores.codecs.encode import RECIPE
from lenticular.stores.files.pictures import FOLDER, ORIGINAL, PictureFiles

P = ParamSpec("P")
T = TypeVar("T")
_AT_ONCE = 1
"""So many pictures are read at a time: each may take a core."""


class _InStore(Protocol):
    def __call__(self, ask: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]: ...


class Incoming(msgspec.Struct, frozen=True):
    """A picture that someone sends: its bytes, who, what its file is called, what it shows, where to look."""

    data: bytes
    author: Author
    name: str = ""
    alt: Text = ""
    focus: Point | None = None


class Pictures:
    """The pictures of all sites; `in_store` asks the database in a thread of its own."""

    def __init__(self, folder: Path, clock: Clock, in_store: _InStore) -> None:
        self.clock, self.in_store = clock, in_store
        self.files = PictureFiles(folder / FOLDER)
        self.waiting: set[str] = set()
        """Sites that have pictures without variants."""
        self.refusal = ""
        """Why nothing can be written, empty if it can."""
        self.on_change: list[Callable[[str], None]] = []
        """Told of a site that has other pictures than before."""
        self._store: PictureStore | None = None
        self._known: dict[str, tuple[str, set[str]]] = {}
        """By hash: the extension of what everybody knows, and the sites that have it."""
        self._reading = asyncio.Semaphore(_AT_ONCE)
        self._changing = asyncio.Lock()
        self._saving = 0
        self._later: set[str] = set()

    @property
    def store(self) -> PictureStore:
        """What is known of pictures; there once this is open."""
        if self._store is None:
            raise RuntimeError("The pictures are not open.")
        return self._store

    async def open(self, store: PictureStore, refusal: str) -> None:
        """Look at what there is; `refusal`: why nothing can be written. Raises StoreError."""
        self._store, self.refusal = store, refusal
        if not refusal:
            await asyncio.to_thread(self.files.sweep)
        for one in await self.in_store(store.every):
            self._note(one)

    def _note(self, one: KeptPicture) -> None:
        self._known.setdefault(one.hash, (one.extension, set()))[1].add(one.site)
        if one.made != RECIPE:
            self.waiting.add(one.site)

    def has(self, site: str, name: str) -> bool:
        """Return whether a site has the picture of a hash."""
        return name in self._known and site in self._known[name][1]

    def fallback(self, name: str) -> str:
        """Return the file of a picture that everybody knows, empty if there is no such picture."""
        return f"fallback.{self._known[name][0]}" if name in self._known else ""

    async def take(self, site: str, given: Incoming) -> KeptPicture:
        """Take a picture in; the same once more is the one that is there.

        Raises LenticularError for what is no picture that we take, StoreError.
        """
        if self.refusal:
            message = f"The data folder can't be written to: {self.refusal}."
            raise StoreError(Problem("data_error", message, hint="Pictures are taken when it can be again."))
        work = await asyncio.to_thread(self.files.begin)
        try:
            name = await asyncio.to_thread(_written, work / ORIGINAL, given.data)
            there = await self.in_store(self.store.find, site, name)
            if there is not None and await asyncio.to_thread(self._is_sound, name):
                return there
            async with self._reading:
                read = await read_picture(work / ORIGINAL, work)
            picture = _picture(site, name, given, read, self.clock())
            async with self._changing:
                await asyncio.to_thread(self.files.keep, work, name)
                self._later.discard(name)
                kept = await self.in_store(self.store.put, picture)
                if there is not None and kept.made:
                    await self.in_store(self.store.made, site, name, 0)
                    self.waiting.add(site)
                self._note(kept)
        except OSError as error:
            message = f"The picture can't be written: {error.strerror}."
            raise StoreError(Problem("data_error", message, hint="Look at the disk.")) from None
        finally:
            await asyncio.to_thread(self.files.forget, work)
        self._tell(site)
        return kept

    async def find(self, site: str, name: str) -> KeptPicture:
        """Return a picture of a site by its hash. Raises LenticularError, StoreError."""
        found = await self.in_store(self.store.find, site, name)
        if found is None:
            raise LenticularError(unknown_picture(name))
        return found

    async def forget(self, site: str, name: str) -> None:
        """Take a picture away from a site; its files go with the last site that has it. Raises StoreError."""
        async with self._changing:
            last = await self.in_store(self.store.remove, site, name)
            if name in self._known:
                self._known[name][1].discard(site)
            if last:
                self._known.pop(name, None)
                if self._saving:
                    self._later.add(name)
                else:
                    await asyncio.to_thread(self.files.remove, name)
        self._tell(site)

    async def derive(self, picture: KeptPicture) -> None:
        """Make the variants of a picture. Raises LenticularError for one that can't be read any more, StoreError."""
        try:
            await self._derive(picture)
        except LenticularError:
            if self.has(picture.site, picture.hash):  # else it was removed meanwhile
                raise

    async def _derive(self, picture: KeptPicture) -> None:
        original = self.files.find(picture.hash, ORIGINAL)
        if original is None:
            hint = "lenticular doctor says more."
            raise LenticularError(Problem("picture.missing", "Its file is missing.", picture.src, hint))
        work = await asyncio.to_thread(self.files.begin)
        try:
            async with self._reading:
                await read_picture(original, work, variants=True)
            async with self._changing:
                if self.has(picture.site, picture.hash):
                    await asyncio.to_thread(self.files.add, work, picture.hash)
                    await self.in_store(self.store.made, picture.site, picture.hash, RECIPE)
        finally:
            await asyncio.to_thread(self.files.forget, work)

    def is_whole(self, name: str) -> bool:
        """Return whether the file of a picture is there, and is what was uploaded; for a thread."""
        path = self.files.find(name, ORIGINAL)
        try:
            return path is not None and _hash_of(path) == name
        except OSError:
            return False

    def _is_sound(self, name: str) -> bool:
        return self.is_whole(name) and self.files.find(name, self.fallback(name)) is not None

    @asynccontextmanager
    async def saving(self) -> AsyncIterator[None]:
        """Let no file go for as long as a block takes: what the catalog names is copied with it."""
        self._saving += 1
        try:
            yield
        finally:
            self._saving -= 1
            if not self._saving:
                async with self._changing:
                    while self._later and not self._saving:
                        await asyncio.to_thread(self.files.remove, self._later.pop())

    def _tell(self, site: str) -> None:
        for tell in self.on_change:
            tell(site)


def unknown_picture(name: str) -> Problem:
    """Return the refusal of a picture that a site does not have."""
    return Problem("picture.unknown", f"There is no picture {name!r:.80}.", hint="Look at the list of pictures.")


def _written(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return hash_of(data)


def hash_of(data: bytes) -> str:
    """Return what stands for some bytes: the first 128 bits of their SHA-256, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()[:32]


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]


def _picture(site: str, name: str, given: Incoming, read: Read, now: int) -> KeptPicture:
    return KeptPicture(
        site=site,
        hash=name,
        name=given.name,
        kind=read.kind,
        extension=read.extension,
        width=read.width,
        height=read.height,
        bytes=len(given.data),
        notes=read.notes,
        author=given.author,
        created=now,
        alt=given.alt,
        focus=given.focus,
        made=RECIPE if read.kind == DRAWING else 0,
    )
