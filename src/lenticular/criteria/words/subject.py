"""What a condition says something about."""

from __future__ import annotations

import msgspec


class Subject(msgspec.Struct, frozen=True):
    """A property or what a behaviour gives, in words.

    `plural`: it is spoken of in the plural, as lists are. `function`: whose names the right side has (`weekday`,
    `month`), or none. `measured`: a behaviour gives it.
    """

    text: str
    plural: bool = False
    function: str = ""
    measured: bool = False
