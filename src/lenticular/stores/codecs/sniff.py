"""What kind of file some bytes are the beginning of; names and media types that somebody gave say nothing."""

from __future__ import annotations

import re

from lenticular.stores.codecs.refusal import TAKEN, RefusedError

HEAD = 4_096
"""So many bytes are looked at."""
_SVG = re.compile(
    rb"(?s)\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*|<!--.*?-->\s*|<!DOCTYPE[^>]*>\s*)*<(?:\w+:)?svg[\s>/]"
)
_BRAND = slice(8, 12)
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_AVIF = frozenset({b"avif", b"avis"})
_OTHERS = (
    (b"II*\0", "a TIFF file"),
    (b"MM\0*", "a TIFF file"),
    (b"BM", "a BMP file"),
    (b"%PDF", "a PDF file"),
    (b"8BPS", "a Photoshop file"),
    (b"\0\0\1\0", "an icon file"),
    (b"\x1f\x8b", "a gzipped file"),
    (b"PK\3\4", "a ZIP file"),
    (b"\xff\x0a", "a JPEG XL file"),
    (b"\0\0\0\x0cJXL", "a JPEG XL file"),
    (b"\0\0\0\x0cjP", "a JPEG 2000 file"),
)


def kind_of(head: bytes) -> str:
    """Return `jpeg`, `png`, `gif`, `webp`, `avif` or `svg`. Raises RefusedError for anything else."""
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if head.startswith(b"RIFF") and head[_BRAND] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp":
        return _boxed(head)
    if _SVG.match(head):
        return "svg"
    if not head:
        raise RefusedError("picture.empty", "The file is empty.", "Send the file's bytes as the body.")
    what = next((name for magic, name in _OTHERS if head.startswith(magic)), "")
    said = f"This is {what}." if what else "This is no picture."
    raise RefusedError("picture.kind", said, f"Save it as {TAKEN}.")


def _boxed(head: bytes) -> str:
    """Return the kind of a file of the ISO base media format (ISO/IEC 23008-12): its brands say it."""
    size = min(int.from_bytes(head[:4]), len(head))
    brands = {head[_BRAND], *(head[at : at + 4] for at in range(16, size - 3, 4))}
    if brands & _AVIF:
        return "avif"
    what = "a HEIC file, as iPhones make them" if brands & _HEIC else "a film or sound file"
    raise RefusedError("picture.kind", f"This is {what}.", f"Save it as {TAKEN}.")
