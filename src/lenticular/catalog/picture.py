"""Pictures of a site: what is known of one, and the addresses that say which sizes and formats of it there are.

`/lenticular/pictures/HASH/name.jpg` is a picture, HASH that of the bytes that were uploaded. Its variants lie at
`/lenticular/pictures/HASH/640/name.avif`: which widths there are follows from its width alone, so that a page is made
without looking anything up.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

import msgspec

from lenticular.catalog.author import Author

PREFIX = "/lenticular/pictures/"
LADDER = (320, 640, 960, 1280, 1920, 2560)
LARGEST = LADDER[-1]
FORMATS = ("avif", "webp")
"""Of variants, the one that a browser should rather take first."""
DRAWING = "svg"
"""The kind that is sharp at any size, and has no variants."""
_NEAR = 1.1
"""A step of the ladder that is no smaller than by this does not pay."""
_ADDRESS = re.compile(rf"{PREFIX}([0-9a-f]{{32}})/([A-Za-z0-9._~-]{{1,120}}\.([a-z]{{3,4}}))")
_ODD = re.compile(r"[^A-Za-z0-9._~-]+")
_MENTIONED = re.compile(rf"{PREFIX}([0-9a-f]{{32}})/".encode())

Text = str | dict[str, str]


class Point(msgspec.Struct, frozen=True):
    """What must stay visible, from the left and the top, 0 to 1."""

    x: float = 0.5
    y: float = 0.5


class KeptPicture(msgspec.Struct, frozen=True):
    """A picture of a site: what was uploaded when (ms) by whom, and what an editor says of it.

    `name` is that of its file, without the ending. `kind` is the format of what was uploaded, `extension` that of what
    is sent to who knows no newer one. `made`: which recipe its variants are of, 0 for none yet. `number` says in
    which order pictures came.
    """

    site: str
    hash: str
    name: str
    kind: str
    extension: str
    width: int | None
    height: int | None
    bytes: int
    notes: tuple[str, ...]
    author: Author
    created: int
    alt: Text = ""
    focus: Point | None = None
    made: int = 0
    number: int = 0

    @property
    def src(self) -> str:
        """Its address."""
        return f"{PREFIX}{self.hash}/{slug_of(self.name)}.{self.extension}"


def slug_of(name: str) -> str:
    """Return a name as it stands in an address."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return _ODD.sub("-", plain)[:80].strip("-.") or "picture"


def widths_of(width: int) -> list[int]:
    """Return the widths that a picture of a width is kept in, the smallest first."""
    most = min(width, LARGEST)
    return [*(step for step in LADDER if step * _NEAR <= most), most]


@lru_cache(8_192)
def sources_of(src: str, width: int | None) -> tuple[tuple[str, str], ...]:
    """Return media types and `srcset`s of a picture, the best first; none for one that is not ours."""
    found = _ADDRESS.fullmatch(src)
    if found is None or not width or found[3] == DRAWING:
        return ()
    folder, name = f"{PREFIX}{found[1]}", found[2].rpartition(".")[0]
    widths = widths_of(width)
    return tuple(
        (f"image/{form}", ", ".join(f"{folder}/{each}/{name}.{form} {each}w" for each in widths)) for form in FORMATS
    )


def hash_in(src: Any) -> str:
    """Return the hash of the picture that an address names, empty if it is none of ours."""
    found = _ADDRESS.fullmatch(src) if isinstance(src, str) else None
    return found[1] if found else ""


def hashes_in(encoded: bytes) -> frozenset[str]:
    """Return the hashes of all pictures that are mentioned in some JSON, also in formatted text."""
    return frozenset(each.decode() for each in _MENTIONED.findall(encoded))


def mentioned(what: object) -> frozenset[str]:
    """Return the hashes of all pictures that a definition, or a whole catalog, names."""
    return hashes_in(msgspec.json.encode(what))


_GONE = object()


def without_pictures(value: Any, missing: frozenset[str]) -> Any:
    """Return settings or fields without those pictures whose hashes are missing."""
    left = _left(value, missing)
    return {} if left is _GONE else left


def _left(value: Any, missing: frozenset[str]) -> Any:
    if isinstance(value, str):
        return _GONE if hash_in(value) in missing else value
    if isinstance(value, dict):
        if hash_in(value.get("src")) in missing:
            return _GONE
        left = {name: _left(one, missing) for name, one in value.items()}
        return {name: one for name, one in left.items() if one is not _GONE}
    if isinstance(value, list | tuple):
        return [one for one in (_left(each, missing) for each in value) if one is not _GONE]
    return value
