"""Decode a picture: upright, in sRGB, eight bits, RGB or RGBA, no larger than anybody needs; and nothing else of it."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from pathlib import Path

import msgspec
from PIL import Image, ImageCms

from lenticular.catalog.picture import LARGEST
from lenticular.stores.codecs.refusal import RefusedError

PIXELS, SIDE = 64_000_000, 16_000
"""The most pixels of a picture, and the most of a side: encoders of WebP take no more."""
_ORIENTATION = 0x0112
_TURNS = {
    2: (Image.Transpose.FLIP_LEFT_RIGHT,),
    3: (Image.Transpose.ROTATE_180,),
    4: (Image.Transpose.FLIP_TOP_BOTTOM,),
    5: (Image.Transpose.TRANSPOSE,),
    6: (Image.Transpose.ROTATE_270,),
    7: (Image.Transpose.TRANSVERSE,),
    8: (Image.Transpose.ROTATE_90,),
}
"""What makes a picture upright, by its EXIF orientation (CIPA DC-008, 4.6.4)."""
_ASIDE = (5, 6, 7, 8)
_MOVES = ("gif", "webp", "png", "avif")


class Decoded(msgspec.Struct):
    """A picture that is no wider than `LARGEST`, the size that it has (pixels, upright), and what is to be said."""

    image: Image.Image
    width: int
    height: int
    notes: list[str]


def decode(path: Path, kind: str) -> Decoded:
    """Decode a file whose kind is known. Raises RefusedError."""
    Image.MAX_IMAGE_PIXELS = None  # checked here, before anything is decoded
    try:
        with Image.open(path, formats=[kind.upper()]) as opened:
            return _decoded(opened, kind)
    except (RefusedError, MemoryError):
        raise
    except OSError as error:
        if error.errno is not None:  # of the disk, not of the picture
            raise
        raise _broken(error) from None
    except Exception as error:  # decoders raise whatever they meet
        raise _broken(error) from None


def _broken(error: Exception) -> RefusedError:
    said = str(error).partition("\n")[0][:100] or type(error).__name__
    return RefusedError(
        "picture.broken", f"The picture is damaged or cut off ({said}).", "Export or save it once more."
    )


def _decoded(opened: Image.Image, kind: str) -> Decoded:
    width, height = opened.size
    if width > SIDE or height > SIDE or width * height > PIXELS:
        message = f"The picture has {width:,} × {height:,} pixels."
        hint = f"At most {PIXELS // 1_000_000} million are taken, and {SIDE:,} on a side. Make it smaller."
        raise RefusedError("picture.pixels", message, hint)
    turn = _orientation(opened)
    profile = opened.info.get("icc_profile")
    notes = []
    if kind in _MOVES and getattr(opened, "is_animated", False):
        notes.append("It moves; of a moving picture the first one is shown.")
        opened.seek(0)
    if turn in _ASIDE:
        width, height = height, width
    most = (LARGEST, round(LARGEST * height / width) or 1)
    small = most[::-1] if turn in _ASIDE else most
    if width > LARGEST:
        opened.draft(None, small)  # JPEG decodes to a half, a quarter, an eighth at once
    opened.load()
    image = _plain(opened)
    if width > LARGEST:
        image = image.resize(small, Image.Resampling.LANCZOS, reducing_gap=3.0)
    image = _final(_srgb(image, profile))
    for step in _TURNS.get(turn, ()):
        image = image.transpose(step)
    return Decoded(_bare(image), width, height, notes)


def _orientation(opened: Image.Image) -> int:
    with suppress(Exception):  # whatever stands in EXIF
        found = opened.getexif().get(_ORIENTATION, 1)
        return found if isinstance(found, int) else 1
    return 1


def _plain(image: Image.Image) -> Image.Image:
    """Return an image of a mode that can be resized."""
    if image.mode in ("P", "PA") or "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode.startswith("I"):  # 16 bits; converting clips
        return image.point(lambda value: value / 256).convert("L") if image.mode != "I" else _from_wide(image)
    return image.convert("L") if image.mode in ("1", "F") else image


def _from_wide(image: Image.Image) -> Image.Image:
    return image.point(lambda value: value / 256).convert("L")


def _srgb(image: Image.Image, profile: object) -> Image.Image:
    """Return the colours in sRGB (IEC 61966-2-1); a profile that can't be used is as good as none."""
    if not isinstance(profile, bytes) or not profile:
        return image
    with suppress(Exception):  # ImageCms raises its own errors, and those of what reads the profile
        given = ImageCms.ImageCmsProfile(BytesIO(profile))
        mode = "RGBA" if image.mode in ("RGBA", "LA") else "RGB"
        if image.mode == "LA":
            colours = ImageCms.profileToProfile(image.getchannel("L"), given, _SRGB, outputMode="RGB")
            if colours is not None:
                colours.putalpha(image.getchannel("A"))
                return colours
        found = ImageCms.profileToProfile(image, given, _SRGB, outputMode=mode)
        return found if found is not None else image
    return image


_SRGB = ImageCms.createProfile("sRGB")


def _final(image: Image.Image) -> Image.Image:
    """Return RGBA where something shines through, else RGB."""
    if image.has_transparency_data:
        image = image.convert("RGBA")
        lowest, _ = image.getchannel("A").getextrema()
        return image if lowest != 255 else image.convert("RGB")
    return image.convert("RGB")


def _bare(image: Image.Image) -> Image.Image:
    """Return the pixels alone: encoders would write what else hangs on an image."""
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    return bare
