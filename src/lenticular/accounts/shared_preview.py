"""What is kept of a preview link: who made it, what it shows, and whether it was taken back. Never the link itself."""

from __future__ import annotations

from typing import Any

import msgspec

from lenticular.catalog.author import Author


class SharedPreview(msgspec.Struct, frozen=True):
    """`shows` is what the link says, as plain JSON; it ends when it `expires` (ms), or was taken back (`ended`, ms).

    `used` is the day (its first millisecond in UTC) on which it was looked at last.
    """

    id: str
    site: str
    page: str
    shows: dict[str, Any]
    author: Author
    created: int
    expires: int
    ended: int | None = None
    used: int | None = None
