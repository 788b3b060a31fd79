"""Pictures that tests make: real files, good and bad."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms
from PIL.TiffImagePlugin import IFDRational

RED, GREEN = (200, 30, 40), (20, 160, 60)


def halves(width: int = 600, height: int = 400, mode: str = "RGB") -> Image.Image:
    """Return a picture whose left half is red and whose right half is green."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(GREEN, (width // 2, 0, width, height))
    return image.convert(mode)


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    """Return the bytes of a picture."""
    file = BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def photo(width: int = 600, height: int = 400, orientation: int = 6) -> bytes:
    """Return a JPEG that lies on its side, with the place where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SECRETCAMERA"
    exif[0x8825] = {1: "N", 2: (IFDRational(40), IFDRational(25), IFDRational(0)), 3: "W"}
    return saved(halves(width, height), "JPEG", exif=exif, quality=95, comment=b"SECRETCOMMENT")


def profiled() -> bytes:
    """Return a JPEG with a colour profile."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return saved(halves(), "JPEG", icc_profile=profile)


def see_through(mode: str = "RGBA") -> bytes:
    """Return a PNG whose right half shows what is behind it."""
    image = halves(mode="RGBA")
    image.paste((0, 0, 0, 0), (300, 0, 600, 400))
    if mode == "P":
        image = image.quantize(16)
    return saved(image, "PNG")


def moving(form: str, frames: int = 3) -> bytes:
    """Return a picture that moves."""
    images = [halves(60, 40), *(Image.new("RGB", (60, 40), (n % 256, n // 256, 9)) for n in range(frames - 1))]
    return saved(images[0], form, save_all=True, append_images=images[1:], duration=50)


def wide() -> bytes:
    """Return a PNG of 16 bits."""
    image = Image.new("I;16", (600, 400), 32_768)
    return saved(image, "PNG")


def png_of(width: int, height: int, body: bytes = b"") -> bytes:
    """Return a PNG that says so large it is."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(body or bytes(1_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def gif_of(width: int, height: int) -> bytes:
    """Return a GIF that says so large it is."""
    return (
        b"GIF89a"
        + struct.pack("<HH", width, height)
        + b"\x80\0\0\0\0\0\xff\xff\xff,"
        + struct.pack("<HHHH", 0, 0, width, height)
        + b"\0\2\2D\1\0;"
    )


def webp_of(width: int, height: int) -> bytes:
    """Return a WebP that says so large it is (extended format)."""
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + size
    return b"RIFF" + struct.pack("<I", len(body)) + body


def drawing(inside: str = '<rect width="9" height="9"/>', more: str = 'width="300" height="200"') -> bytes:
    """Return an SVG."""
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"<svg {names} {more}>\n{inside}\n</svg>".encode()
