"""SVG drawings: taken only if nothing in them runs or is fetched, and written anew from what was understood."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler, feature_namespaces
from xml.sax.xmlreader import AttributesNSImpl

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from defusedxml.expatreader import DefusedExpatParser

from lenticular.stores.codecs.refusal import RefusedError

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
MOST = 2_000_000
"""Bytes of a drawing."""
_NODES, _DEPTH, _DRAWN = 50_000, 200, 100_000
_XML = "http://www.w3.org/XML/1998/namespace"
_FORBIDDEN = frozenset(
    {"script", "foreignObject", "iframe", "object", "embed", "audio", "video", "canvas", "handler", "listener", "link"}
)
_XHTML = "http://www.w3.org/1999/xhtml"
_ANIMATED = frozenset({"animate", "set", "animateTransform", "animateMotion", "animateColor"})
_URL = re.compile(r"url\(\s*(['\"]?)\s*([^)]*)", re.IGNORECASE)
_CSS = re.compile(r"@import|\\|image-set\(|\bimage\(|\bsrc\(|cross-fade\(|expression\(|javascript:|-moz-binding", re.I)
_LENGTH = re.compile(r"\s*\+?(\d+(?:\.\d+)?|\.\d+)\s*(px|pt|pc|mm|cm|in)?\s*", re.IGNORECASE)
_UNITS = {"": 1.0, "px": 1.0, "pt": 96 / 72, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}
_HINT = "Export it from a drawing program as plain SVG, without scripts and links, or save it as PNG."


def read_drawing(path: Path, to: Path) -> tuple[int | None, int | None]:
    """Write a drawing that is harmless; return its width and height. Raises RefusedError: what, and where."""
    data = path.read_bytes()
    if len(data) > MOST:
        raise RefusedError("picture.large", f"A drawing has at most {MOST:,} bytes; this has {len(data):,}.", _HINT)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        where = f"line {data[: error.start].count(10) + 1}"
        raise RefusedError("picture.svg", "The drawing is not UTF-8.", "Save it as UTF-8.", where) from None
    _look(data)
    root = fromstring(data, forbid_dtd=True)
    _strip(root)
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    to.write_bytes(ElementTree.tostring(root, encoding="utf-8"))
    return _size(root)


def _look(data: bytes) -> None:
    """Read a drawing with a parser that knows its lines. Raises RefusedError."""
    parser = DefusedExpatParser(forbid_dtd=True)
    looking = _Looking(parser.getLineNumber)
    parser.setFeature(feature_namespaces, True)
    parser.setContentHandler(looking)
    try:
        parser.feed(data)
        parser.close()
        looking.whole()
    except DefusedXmlException:
        raise looking.refusal("A document type or an entity stands in it.", "Take the <!DOCTYPE …> out.") from None
    except SAXParseException as error:
        where = f"line {error.getLineNumber()}"
        message = f"The drawing is no XML: {error.getMessage()}."
        raise RefusedError("picture.svg", message, "Export it once more.", where) from None


class _Looking(ContentHandler):
    """Looks at every element and attribute."""

    def __init__(self, line: Callable[[], int | None]) -> None:
        super().__init__()
        self._line = line
        self._nodes = self._styles = 0
        self._style: list[str] = []
        self._open: list[str] = []
        """Ids of the elements that are open, empty for one without."""
        self._drawn: dict[str, int] = {}
        self._used: dict[str, list[str]] = {}

    def refusal(self, message: str, hint: str = _HINT) -> RefusedError:
        """Return the refusal of what stands here."""
        line = self._line()
        return RefusedError("picture.svg", message, hint, f"line {line}" if line else "")

    def startElementNS(  # xml.sax's name
        self, name: tuple[str | None, str], qname: str | None, attrs: AttributesNSImpl
    ) -> None:
        space, local = name
        self._nodes += 1
        if not self._open and name != (SVG, "svg"):
            raise self.refusal(f'It begins with <{local}>, not with <svg xmlns="{SVG}">.')
        if self._nodes > _NODES or len(self._open) >= _DEPTH:
            raise self.refusal(f"It has more than {_NODES:,} elements, or they are nested deeper than {_DEPTH}.")
        if space == _XHTML or (space == SVG and local in _FORBIDDEN):
            raise self.refusal(f"<{local}> can run or fetch something.")
        values = {str(key[1]): str(value) for key, value in attrs.items()}
        for (about, key), value in attrs.items():
            self._attribute(local, about, str(key), str(value))
        if local in _ANIMATED and values.get("attributeName", "").rpartition(":")[2].lower().startswith(("href", "on")):
            raise self.refusal(f"<{local}> changes where something leads.")
        self._note(local, values)
        self._styles += local == "style"

    def _attribute(self, element: str, about: str | None, key: str, value: str) -> None:
        plain = "".join(value.split()).lower()
        if about in (None, "", SVG) and key.lower().startswith("on"):
            raise self.refusal(f"<{element} {key}=…> runs a script.")
        if about == _XML and key == "base":
            raise self.refusal(f"<{element} xml:base=…> leads elsewhere.")
        if key.lower() in ("href", "src") and about in (None, "", XLINK, SVG) and not plain.startswith("#"):
            raise self.refusal(
                f"<{element} {key}={value[:60]!r}> leads elsewhere: only #ids of the drawing may be named."
            )
        if "javascript:" in plain:
            raise self.refusal(f"<{element} {key}=…> runs a script.")
        self._css(value, whole=key == "style")

    def _css(self, text: str, whole: bool) -> None:
        found = _CSS.search(text) if whole else None
        if found:
            raise self.refusal(f"Its styles have {found[0]!r}, which may fetch something.")
        for _, address in _URL.findall(text):
            if not address.startswith("#"):
                raise self.refusal(f"url({address[:60]}…) leads elsewhere: only #ids of the drawing may be named.")

    def _note(self, local: str, values: dict[str, str]) -> None:
        own = values.get("id", "")
        self._open.append(own)
        used = values.get("href", "").strip().removeprefix("#") if local in ("use", "tref", "pattern") else ""
        for each in filter(None, self._open):
            self._drawn[each] = self._drawn.get(each, 0) + 1
            if used:
                self._used.setdefault(each, []).append(used)
        if used:
            self._used.setdefault("", []).append(used)

    def endElementNS(self, name: tuple[str | None, str], qname: str | None) -> None:  # xml.sax's name
        self._open.pop()
        if name[1] == "style":
            self._styles -= 1
            if not self._styles:
                self._css("".join(self._style), whole=True)
                self._style.clear()

    def characters(self, content: str) -> None:
        if self._styles:
            self._style.append(content)

    def whole(self) -> None:
        """Refuse what draws itself again and again: it would keep a browser busy for good."""
        known: dict[str, int] = {}

        def drawn(name: str, above: frozenset[str]) -> int:
            if name in above or len(above) > _DEPTH:
                raise self.refusal(f'"#{name}" draws itself.')
            if name not in known:
                inside = self._used.get(name, ())
                known[name] = self._drawn.get(name, 0) + sum(drawn(each, above | {name}) for each in inside)
            return known[name]

        if drawn("", frozenset()) > _DRAWN:
            raise self.refusal(f"<use> draws more than {_DRAWN:,} elements.")


def _strip(root: ElementTree.Element) -> None:
    """Take out what is no SVG: notes of drawing programs."""
    for element in root.iter():
        for child in list(element):
            if not str(child.tag).startswith(f"{{{SVG}}}"):
                element.remove(child)
        for name in list(element.attrib):
            if name.startswith("{") and not name.startswith((f"{{{XLINK}}}", f"{{{_XML}}}")):
                del element.attrib[name]


def _size(root: ElementTree.Element) -> tuple[int | None, int | None]:
    """Return the size in CSS pixels: what it says, else that of its view box."""
    box = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    found = [_pixels(root.get("width", "")), _pixels(root.get("height", ""))]
    if None in found:
        found = [_pixels(box[2]), _pixels(box[3])] if len(box) == 4 else [None, None]
    width, height = found
    return (width, height) if width and height else (None, None)


def _pixels(text: str) -> int | None:
    found = _LENGTH.fullmatch(text)
    size = round(float(found[1]) * _UNITS[(found[2] or "").lower()]) if found and len(text) < 30 else 0
    return size if 1 <= size <= 20_000 else None
