"""Files become pictures, or are refused with the reason: each is read in a process of its own."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PIL import Image

from lenticular.catalog.picture import widths_of
from lenticular.errors import LenticularError
from lenticular.stores.codecs.ask import read_picture
from lenticular.stores.codecs.child import Read
from tests.stores.codecs import made

GOOD = [
    # what, bytes, kind, extension, size
    ("a photo on its side", made.photo(), "jpeg", "jpg", (400, 600)),
    ("with a profile", made.profiled(), "jpeg", "jpg", (600, 400)),
    ("four colours of print", made.saved(made.halves(mode="CMYK"), "JPEG"), "jpeg", "jpg", (600, 400)),
    ("grey", made.saved(made.halves(mode="L"), "JPEG"), "jpeg", "jpg", (600, 400)),
    ("large", made.saved(made.halves(3000, 2000), "JPEG"), "jpeg", "jpg", (3000, 2000)),
    ("large on its side", made.photo(3000, 2000, 8), "jpeg", "jpg", (2000, 3000)),
    ("see-through", made.see_through(), "png", "png", (600, 400)),
    ("see-through with a palette", made.see_through("P"), "png", "png", (600, 400)),
    ("16 bits", made.wide(), "png", "png", (600, 400)),
    ("one bit", made.saved(made.halves(mode="1"), "PNG"), "png", "png", (600, 400)),
    ("grey, see-through", made.saved(made.halves(mode="LA"), "PNG"), "png", "png", (600, 400)),
    ("one pixel", made.saved(made.halves(1, 1), "PNG"), "png", "png", (1, 1)),
    ("a thin one", made.saved(made.halves(4000, 1), "PNG"), "png", "png", (4000, 1)),
    ("a moving GIF", made.moving("GIF"), "gif", "png", (60, 40)),
    ("a GIF of 2,000 frames", made.moving("GIF", 2_000), "gif", "png", (60, 40)),
    ("a moving WebP", made.moving("WEBP"), "webp", "jpg", (60, 40)),
    ("WebP", made.saved(made.halves(), "WEBP"), "webp", "jpg", (600, 400)),
    ("AVIF", made.saved(made.halves(), "AVIF"), "avif", "jpg", (600, 400)),
    ("a page behind it", made.saved(made.halves(), "PNG") + b"<script>alert(1)</script>", "png", "png", (600, 400)),
    ("a drawing", made.drawing(), "svg", "svg", (300, 200)),
]  # fmt: skip
BAD = [
    ("nothing", b"", "picture.empty", "empty"),
    ("a text", b"Hello, this is a text.", "picture.kind", "no picture"),
    ("a page", b"<!doctype html><html><svg></svg></html>", "picture.kind", "no picture"),
    ("HEIC", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "picture.kind", "HEIC"),
    ("TIFF", made.saved(made.halves(), "TIFF"), "picture.kind", "TIFF"),
    ("PDF", b"%PDF-1.7 ", "picture.kind", "PDF"),
    ("cut off", made.saved(made.halves(), "JPEG")[:900], "picture.broken", "damaged"),
    ("a PNG cut off", made.saved(Image.effect_noise((600, 400), 90), "PNG")[:9_000], "picture.broken", "damaged"),
    ("only a head", b"\x89PNG\r\n\x1a\n", "picture.broken", "damaged"),
    ("a PNG bomb", made.png_of(100_000, 100_000), "picture.pixels", "100,000"),
    ("a wide bomb", made.png_of(16_001, 1), "picture.pixels", "16,001"),
    ("a GIF bomb", made.gif_of(65_535, 65_535), "picture.pixels", "65,535"),
    ("a WebP bomb", made.webp_of(16_383, 16_383), "picture.", ""),
    ("an AVIF that is none", b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", "picture.broken", "damaged"),
]
SIZES = {"a photo on its side": (400, 600), "large": (2560, 1707), "large on its side": (2000, 3000)}


async def _read(data: bytes, folder: Path, variants: bool = False) -> Read:
    (folder / "file").write_bytes(data)
    (folder / "to").mkdir()
    return await read_picture(folder / "file", folder / "to", variants)


def _at(image: Image.Image, x: float, y: float) -> int:
    """Return a pixel of one band."""
    return image.tobytes()[int(y * image.height) * image.width + int(x * image.width)]


@pytest.mark.parametrize(("what", "data", "kind", "extension", "size"), GOOD, ids=[each[0] for each in GOOD])
async def test_good(what: str, data: bytes, kind: str, extension: str, size: tuple[int, int], tmp_path: Path) -> None:
    read = await _read(data, tmp_path, variants=True)
    assert (read.kind, read.extension, (read.width, read.height)) == (kind, extension, size)
    assert bool(read.notes) == ("moving" in what or "frames" in what)
    if kind == "svg":
        assert [path.name for path in (tmp_path / "to").iterdir()] == ["fallback.svg"]
        return
    expected = {f"{width}.{form}" for width in widths_of(size[0]) for form in ("avif", "webp")}
    found = {path.name: path for path in (tmp_path / "to").iterdir()}
    assert found.keys() == expected | {f"fallback.{extension}"}
    for name, path in found.items():
        with Image.open(path) as image:
            image.load()
            width = min(size[0], 2560) if name.startswith("fallback") else int(name.partition(".")[0])
            assert abs(image.height - max(1, image.width * size[1] / size[0])) <= 1 and image.width == width
            assert not image.getexif() and "icc_profile" not in image.info and "xmp" not in image.info
        assert b"SECRET" not in path.read_bytes() and b"script" not in path.read_bytes()


@pytest.mark.parametrize(("what", "data", "code", "said"), BAD, ids=[each[0] for each in BAD])
async def test_bad(what: str, data: bytes, code: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(LenticularError) as caught:
        await _read(data, tmp_path)
    [problem] = caught.value.problems
    assert problem.code.startswith(code) and said in problem.message and problem.hint


async def test_upright(tmp_path: Path) -> None:
    """Turned by a quarter, the red half is on top."""
    await _read(made.photo(), tmp_path, variants=True)
    for name in ("fallback.jpg", "320.avif", "320.webp"):
        with Image.open(tmp_path / "to" / name) as image:
            reds = image.convert("RGB").getchannel("R")
        assert _at(reds, 0.5, 0.1) > 150 > 60 > _at(reds, 0.5, 0.9)


@pytest.mark.parametrize("mode", ["RGBA", "P"])
async def test_what_shines_through_stays(mode: str, tmp_path: Path) -> None:
    await _read(made.see_through(mode), tmp_path, variants=True)
    for name in ("fallback.png", "320.avif", "320.webp"):
        with Image.open(tmp_path / "to" / name) as image:
            solid = image.convert("RGBA").getchannel("A")
        assert (_at(solid, 0.2, 0.5), _at(solid, 0.8, 0.5)) == (255, 0)


async def test_sixteen_bits_are_the_same_grey(tmp_path: Path) -> None:
    await _read(made.wide(), tmp_path)
    with Image.open(tmp_path / "to" / "fallback.png") as image:
        assert abs(_at(image.convert("L"), 0.5, 0.5) - 128) <= 1


async def test_many_at_once(tmp_path: Path) -> None:
    """Each has a process of its own; one that is refused stops no other."""
    folders = [tmp_path / str(number) for number in range(4)]
    for folder in folders:
        folder.mkdir()
    data = [made.photo(), b"none", made.drawing(), made.png_of(100_000, 100_000)]
    found = await asyncio.gather(*(map(_read, data, folders)), return_exceptions=True)
    assert [type(each) for each in found] == [Read, LenticularError, Read, LenticularError]
