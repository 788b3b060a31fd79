"""Client hints from a browser's request headers (User-Agent Client Hints), in the form of `navigator.userAgentData`."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from lenticular.intake.structured import item, items

HEADERS: dict[bytes, str] = {
    b"sec-ch-ua": "brands",
    b"sec-ch-ua-full-version-list": "fullVersionList",
    b"sec-ch-ua-mobile": "mobile",
    b"sec-ch-ua-platform": "platform",
    b"sec-ch-ua-platform-version": "platformVersion",
    b"sec-ch-ua-model": "model",
    b"sec-ch-ua-form-factors": "formFactors",
}
"""The headers that are read, in lower case, and the member of `navigator.userAgentData` that each one stands for.

The first, the third and the fourth come with every request of a browser that has client hints; the others only where a
page asks for them with `Accept-CH`.
"""
MAX_HINT = 512
"""So many bytes a header may have to be read."""

Told = tuple[tuple[bytes, bytes], ...]
"""Headers as they came: (name in lower case, value)."""


@lru_cache(maxsize=4096)
def hints_of(told: Told) -> bytes:
    """Return what some of `HEADERS` say, as the JSON of a `navigator.userAgentData`; empty if they say nothing.

    A header that stands twice is one list; one that is malformed says nothing.
    """
    raw: dict[str, str] = {}
    for name, value in told:
        member = HEADERS[name]
        text = value.decode("latin-1")
        raw[member] = f"{raw[member]}, {text}" if member in raw else text
    hints: dict[str, Any] = {}
    for member, text in raw.items():
        if len(text) > MAX_HINT:
            continue
        found = _read(member, text)
        if found not in (None, "", []):
            hints[member] = found
    return msgspec.json.encode(hints) if hints else b""


def _read(member: str, text: str) -> Any:
    if member in ("brands", "fullVersionList"):
        return [
            {"brand": each.value, "version": each.parameters.get("v", "")}
            for each in items(text)
            if isinstance(each.value, str)
        ]
    if member == "formFactors":
        return [each.value for each in items(text) if isinstance(each.value, str)]
    value = item(text)
    return value if isinstance(value, bool) == (member == "mobile") else None
