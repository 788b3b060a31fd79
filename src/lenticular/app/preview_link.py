"""Make a preview link: signed, and over after some hours."""

from __future__ import annotations

from urllib.parse import quote

import msgspec

from lenticular.app.moments import ms_of
from lenticular.app.open import Installation
from lenticular.app.preview import Previews
from lenticular.app.preview_token import MOST_BYTES, Preview, token_of
from lenticular.app.site import LiveSite
from lenticular.errors import LenticularError, Problem

PARAMETER = "lenticular-preview"
"""By which an address carries a token."""
MOST_HOURS = 24 * 30
_HOUR = 3_600_000


class NewPreview(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A link to make to a `page` by its path.

    It shows what someone sees who is in `segments` and in no others, or whom a `persona` stands for, or (neither)
    whoever opens it; of what is published, or with all `drafts`; now, or `at` a moment; for so many `hours`.
    """

    page: str = "/"
    segments: tuple[str, ...] | None = None
    persona: str | None = None
    drafts: bool = False
    at: str | int | None = None
    hours: int = 72


class PreviewLink(msgspec.Struct, frozen=True):
    """A link: its `token`, the `path` with it, which goes behind the site's host, and when it `expires` (ms)."""

    token: str
    path: str
    expires: int


async def make_preview_link(installation: Installation, site: LiveSite, new: NewPreview) -> PreviewLink:
    """Return a link that shows what is asked for. Raises LenticularError for what it can't show, StoreError."""
    if not 1 <= new.hours <= MOST_HOURS:
        hint = f"Choose 1 to {MOST_HOURS}."
        raise LenticularError(Problem("preview.hours", f"A link can't last for {new.hours} hours.", "hours", hint))
    if not new.page.startswith("/") or "?" in new.page or "#" in new.page:
        hint = "Write it like /college, without host, query and fragment."
        raise LenticularError(Problem("preview.page", f"{new.page!r} is not the path of a page.", "page", hint))
    expires = site.clock() + new.hours * _HOUR
    segments = None if new.segments is None else tuple(dict.fromkeys(new.segments))
    preview = Preview(site.key, expires, segments, new.persona, new.drafts, ms_of(new.at))
    await Previews(installation).engine(site, preview)
    token = token_of(preview, installation.preview_key())
    if len(token) > MOST_BYTES:
        raise LenticularError(
            Problem("preview.large", "The link would be too long.", "segments", "Name fewer of them.")
        )
    return PreviewLink(token, f"{quote(new.page)}?{PARAMETER}={token}", expires)
