"""A picture as settings of blocks and fields of items have it, and what an editor may say of one."""

from __future__ import annotations

from math import isfinite
from typing import Any, cast

import msgspec

from lenticular.catalog.check_types import is_language
from lenticular.catalog.picture import KeptPicture, Point, Text
from lenticular.errors import LenticularError, Problem

LONGEST_NAME, LONGEST_ALT = 200, 2_000


class Value(msgspec.Struct, frozen=True, omit_defaults=True):
    """What goes into a setting such as `picture`, or a field of the type `image`."""

    src: str
    alt: Text = ""
    width: int | None = None
    height: int | None = None
    focus: Point | None = None


def value_of(picture: KeptPicture, alt: Text = "", focus: Point | None = None) -> Value:
    """Return a picture's value, with another text or focus than its usual ones if they are given."""
    return Value(picture.src, alt or picture.alt, picture.width, picture.height, focus or picture.focus)


def checked_name(name: str) -> str:
    """Return what a picture is called: the name of a file without its folder and ending. Raises LenticularError."""
    plain = name.replace("\\", "/").rpartition("/")[2].strip()
    stem, dot, end = plain.rpartition(".")
    if dot and stem and len(end) <= 5:
        plain = stem
    if len(plain) > LONGEST_NAME:
        raise LenticularError(
            Problem("picture.name", f"The name is longer than {LONGEST_NAME} letters.", "name", "Shorten it.")
        )
    return plain or "picture"


def checked_alt(alt: Any) -> Text:
    """Return an alternative text, the same for all or by language. Raises LenticularError."""
    texts = alt if isinstance(alt, dict) else {"": alt}
    for language, text in texts.items():
        if not isinstance(text, str) or (language and not is_language(language)):
            hint = 'Write "A branch", or {"en": "A branch", "es": "Una sucursal"}.'
            raise LenticularError(Problem("picture.alt", "This is no alternative text.", "alt", hint))
        if len(text) > LONGEST_ALT:
            message = f"The alternative text is longer than {LONGEST_ALT:,} letters."
            raise LenticularError(Problem("picture.alt", message, "alt", "Say in a sentence what is to be seen."))
    return cast(Text, alt)


def checked_focus(x: float | None, y: float | None) -> Point | None:
    """Return a focus, None if nothing is said of it. Raises LenticularError."""
    if x is None and y is None:
        return None
    pair = [0.5 if one is None else one for one in (x, y)]
    if not all(isfinite(one) and 0 <= one <= 1 for one in pair):
        hint = "From the left and the top: 0 to 1."
        raise LenticularError(Problem("picture.focus", "This is no place in a picture.", "focus", hint))
    return Point(*pair)
