"""Encode what was decoded: one file that everything knows, and variants in newer formats."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from lenticular.catalog.picture import FORMATS

RECIPE = 1
"""Counts up when variants are made differently: then they are made anew."""
_JPEG = {"quality": 82, "progressive": True, "optimize": True}
_SAVED = {
    "jpg": ("JPEG", _JPEG),
    "png": ("PNG", {"compress_level": 7}),
    "webp": ("WEBP", {"quality": 78, "method": 4}),
    "avif": ("AVIF", {"quality": 56, "speed": 8, "max_threads": 1}),
}


def fallback_of(kind: str, image: Image.Image) -> str:
    """Return the extension of what is sent to who knows no newer format."""
    if image.mode == "RGBA" or kind in ("png", "gif"):
        return "png"
    return "jpg"


def encode(image: Image.Image, path: Path) -> None:
    """Write an image in the format of a path's extension. Raises OSError."""
    form, options = _SAVED[path.suffix[1:]]
    with path.open("xb") as file:
        image.save(file, form, **options)


def encode_variants(image: Image.Image, widths: list[int], to: Path) -> None:
    """Write `640.avif` and so on into a folder. Raises OSError."""
    for width in widths:
        height = max(1, round(image.height * width / image.width))
        small = image if width == image.width else image.resize((width, height), Image.Resampling.LANCZOS)
        for form in FORMATS:
            encode(small, to / f"{width}.{form}")
