"""Drawings: what is harmless is taken and written anew; everything else is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from defusedxml import ElementTree

from lenticular.stores.codecs.drawing import read_drawing
from lenticular.stores.codecs.refusal import RefusedError
from tests.stores.codecs.made import drawing

_BILLION = (
    "".join(f'<g id="g{n}">' + f'<use href="#g{n + 1}"/>' * 10 + "</g>" for n in range(8))
    + '<g id="g8"><path d="M0 0"/></g><use href="#g0"/>'
)
BAD = [
    ("a script", drawing("<script>alert(1)</script>"), "<script>", 2),
    ("a script of another name", drawing('<x:script xmlns:x="http://www.w3.org/2000/svg">1</x:script>'), "<script>", 2),
    ("a script of a page", drawing('<script xmlns="http://www.w3.org/1999/xhtml">1</script>'), "<script>", 2),
    ("an event", drawing('\n<rect onclick="alert(1)"/>'), "onclick", 3),
    ("an event on top", drawing(more='onload="alert(1)"'), "onload", 1),
    ("foreign things", drawing("<foreignObject/>"), "foreignObject", 2),
    ("a link", drawing('<a href="https://evil.example/">x</a>'), "href", 2),
    ("an old link", drawing('<a xlink:href=" java\nscript:alert(1)">x</a>'), "href", 2),
    ("a picture elsewhere", drawing('<image href="https://evil.example/p.png"/>'), "href", 2),
    ("a picture inside", drawing('<image href="data:image/svg+xml;base64,AAAA"/>'), "href", 2),
    ("a drawing elsewhere", drawing('<use xlink:href="other.svg#a"/>'), "href", 2),
    ("a fill elsewhere", drawing('<rect fill="url(https://evil.example/#a)"/>'), "url(", 2),
    ("a style elsewhere", drawing("<rect style=\"fill: URL( '//evil.example' )\"/>"), "url(", 2),
    ("a stylesheet", drawing("<style>@import 'https://evil.example';</style>"), "@import", 2),
    ("a hidden stylesheet", drawing("<style><![CDATA[@\\69mport 'x';]]></style>"), "\\", 2),
    ("a font", drawing("<style>@font-face { src: url(https://evil.example/f) }</style>"), "url(", 2),
    ("what changes a link", drawing('<a><animate attributeName="xlink:href" to="javascript:1"/></a>'), "animate", 2),
    ("a base", drawing(more='xml:base="https://evil.example/"'), "xml:base", 1),
    ("a document type", b'<!DOCTYPE svg SYSTEM "x">\n' + drawing(), "document type", 1),
    ("an entity", b'<!DOCTYPE svg [<!ENTITY a "b">]>\n' + drawing("&a;"), "document type", 1),
    ("cut off", drawing()[:-4], "no XML", 3),
    ("another document", b'<html xmlns="http://www.w3.org/1999/xhtml"><svg/></html>', "<html>", 1),
    ("without its namespace", b"<svg><script>1</script></svg>", "<svg>", 1),
    ("another alphabet", '<svg xmlns="http://www.w3.org/2000/svg"><text>é</text></svg>'.encode("latin-1"), "UTF-8", 1),
    ("itself", drawing('<g id="a"><use href="#a"/></g>'), "draws itself", None),
    ("a billion", drawing(_BILLION), "draws more", None),
    ("too deep", drawing("<g>" * 300 + "</g>" * 300), "nested deeper", 2),
    ("too much", drawing("<g/>" * 60_000), "more than", 2),
]
GOOD = [
    ("a plain one", drawing(), (300, 200)),
    ("with a view box alone", drawing(more='viewBox="0 0 640 480"'), (640, 480)),
    ("in millimetres", drawing(more='width="25.4mm" height="50.8mm"'), (96, 192)),
    ("without a size", drawing(more=""), (None, None)),
    ("in per cent", drawing(more='width="100%" height="100%" viewBox="0 0 10 20"'), (10, 20)),
    ("gradients", drawing('<linearGradient id="a"/><rect fill="url(#a)" style="stroke:url(\'#a\')"/>'), (300, 200)),
    ("with its own styles", drawing("<style>.a{fill:red}</style><use xlink:href='#b'/><g id='b'/>"), (300, 200)),
    ("of a drawing program", drawing('<i:view xmlns:i="http://inkscape.example" i:x="1"><i:y/></i:view>'), (300, 200)),
    ("that moves", drawing('<rect><animate attributeName="x" to="9"/></rect>'), (300, 200)),
    ("with a declaration", b'\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8"?>\n<!-- x -->\n' + drawing(), (300, 200)),
    ("with a stylesheet named above", b'<?xml-stylesheet href="//evil.example"?>' + drawing(), (300, 200)),
]  # fmt: skip


@pytest.mark.parametrize(("what", "data", "said", "line"), BAD, ids=[each[0] for each in BAD])
def test_bad(what: str, data: bytes, said: str, line: int | None, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(RefusedError) as caught:
        read_drawing(tmp_path / "file", tmp_path / "to.svg")
    assert said in caught.value.message and caught.value.hint and not (tmp_path / "to.svg").exists()
    assert line is None or caught.value.place == f"line {line}"


@pytest.mark.parametrize(("what", "data", "size"), GOOD, ids=[each[0] for each in GOOD])
def test_good(what: str, data: bytes, size: tuple[int | None, int | None], tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(data)
    assert read_drawing(tmp_path / "file", tmp_path / "to.svg") == size
    written = (tmp_path / "to.svg").read_bytes()
    assert ElementTree.fromstring(written).tag == "{http://www.w3.org/2000/svg}svg"
    assert b"evil" not in written and b"inkscape" not in written and written.startswith(b"<svg")
