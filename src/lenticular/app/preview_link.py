"""Preview links: make one, signed and over after some hours; which there are; take one back."""

from __future__ import annotations

from urllib.parse import quote

import msgspec

from lenticular.accounts.actor import Actor
from lenticular.accounts.shared_preview import SharedPreview
from lenticular.app.accounts.refusals import ForbiddenError
from lenticular.app.moments import ms_of
from lenticular.app.open import Installation
from lenticular.app.preview import Previews
from lenticular.app.preview_key import preview_key
from lenticular.app.preview_token import MOST_BYTES, Preview, token_of
from lenticular.app.site import LiveSite
from lenticular.catalog.author import Author
from lenticular.errors import LenticularError, Problem

PARAMETER = "lenticular-preview"
"""By which an address carries a token."""
MOST_HOURS, HOURS = 24 * 30, 72
MOST_HOURS_OF_A_PERSON, HOURS_OF_A_PERSON = 72, 8
"""A link that shows what somebody real sees tells something of them: it is over sooner."""
_HOUR = 3_600_000
_DIGITS = 18


class NewPreview(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A link to make to a `page` by its path.

    It shows what someone sees who is in `segments` and in no others, or whom a `persona` stands for, or somebody real
    (by their `profile` id, `user_id` or `anonymous_id`; without their frequency caps if `caps` is false), or (none of
    them) whoever opens it; of what is published, or with all `drafts`; now, or `at` a moment; for so many `hours`.
    """

    page: str = "/"
    segments: tuple[str, ...] | None = None
    persona: str | None = None
    profile: str = ""
    user_id: str = ""
    anonymous_id: str = ""
    caps: bool = True
    drafts: bool = False
    at: str | int | None = None
    hours: int | None = None


class PreviewLink(msgspec.Struct, frozen=True):
    """A link: its `id`, its `token`, the `path` with it, which goes behind the site's host, and when it `expires` (ms).

    `profile` is the id of the real person that it shows, if it shows one.
    """

    id: str
    token: str
    path: str
    expires: int
    profile: str | None = None


class PreviewLinkView(msgspec.Struct, frozen=True, rename="camel"):
    """A link that was made: what it shows (see NewPreview), who made it and when (ms), when it `expires` or was taken
    back (`ended`), and the day (ms) on which it was looked at last.
    """

    id: str
    page: str
    segments: tuple[str, ...] | None
    persona: str | None
    profile: str | None
    caps: bool
    drafts: bool
    at: int | None
    author: str
    created: int
    expires: int
    ended: int | None
    used: int | None


async def make_preview_link(installation: Installation, site: LiveSite, new: NewPreview, author: Author) -> PreviewLink:
    """Return a link that shows what is asked for. Raises LenticularError for what it can't show, StoreError."""
    if not new.page.startswith("/") or "?" in new.page or "#" in new.page:
        hint = "Write it like /college, without host, query and fragment."
        raise LenticularError(Problem("preview.page", f"{new.page!r} is not the path of a page.", "page", hint))
    segments = None if new.segments is None else tuple(dict.fromkeys(new.segments))
    profile = await person_id(site, new)
    now = site.clock()
    expires = now + hours_of(new) * _HOUR
    preview = Preview(
        site.key, expires, site.new_id(), segments, new.persona, new.drafts, ms_of(new.at), profile, new.caps
    )
    await Previews(installation).engine(site, preview)
    token = token_of(preview, preview_key(installation))
    if len(token) > MOST_BYTES:
        raise LenticularError(
            Problem("preview.large", "The link would be too long.", "segments", "Name fewer of them.")
        )
    shows = msgspec.to_builtins(preview)
    await installation.preview_links.add(SharedPreview(preview.id, site.key, new.page, shows, author, now, expires))
    path = f"{quote(new.page)}?{PARAMETER}={token}"
    return PreviewLink(preview.id, token, path, expires, None if profile is None else str(profile))


async def preview_links(installation: Installation, site: LiveSite) -> list[PreviewLinkView]:
    """Return the links of a site that are not over, the newest first. Raises StoreError."""
    return [_view(one) for one in await installation.preview_links.of(site.key)]


async def take_back(installation: Installation, site: LiveSite, identity: str, actor: Actor) -> PreviewLinkView:
    """Take a link back: one's own, or as an editor anybody's. Raises LenticularError, ForbiddenError, StoreError."""
    links = installation.preview_links
    found = next((one for one in await links.of(site.key) if one.id == identity), None)
    if found is None:
        hint = "Look at the list of links: what is over is not in it."
        raise LenticularError(Problem("preview-link.unknown", "There is no such preview link.", hint=hint))
    own = found.author.id == actor.author.id if found.author.id else found.author == actor.author
    if not own and not actor.may("editor", site.key):
        hint = "Ask whoever made it, or an editor."
        raise ForbiddenError(Problem("preview.others", "This link was made by somebody else.", hint=hint))
    if found.ended is None:
        await links.end(found)
        found = msgspec.structs.replace(found, ended=site.clock())
    return _view(found)


def _view(link: SharedPreview) -> PreviewLinkView:
    shown = msgspec.convert(link.shows, Preview)
    profile = None if shown.profile is None else str(shown.profile)
    return PreviewLinkView(
        id=link.id,
        page=link.page,
        segments=shown.segments,
        persona=shown.persona,
        profile=profile,
        caps=shown.caps,
        drafts=shown.drafts,
        at=shown.at,
        author=link.author.name,
        created=link.created,
        expires=link.expires,
        ended=link.ended,
        used=link.used,
    )


def hours_of(new: NewPreview) -> int:
    """Return how long a link lasts. Raises LenticularError."""
    real = bool(new.profile or new.user_id or new.anonymous_id)
    most, usual = (MOST_HOURS_OF_A_PERSON, HOURS_OF_A_PERSON) if real else (MOST_HOURS, HOURS)
    hours = usual if new.hours is None else new.hours
    if not 1 <= hours <= most:
        of = " of a real person" if real else ""
        message = f"A link{of} can't last for {hours} hours."
        raise LenticularError(Problem("preview.hours", message, "hours", f"Choose 1 to {most}."))
    return hours


async def person_id(site: LiveSite, new: NewPreview) -> int | None:
    """Return the id of the profile that a link shows, None if it shows nobody real. Raises LenticularError."""
    named = [one for one in (new.profile, new.user_id, new.anonymous_id) if one]
    if not named:
        return None
    if len(named) > 1 or new.persona is not None:
        message = "A link shows one person, or one persona."
        raise LenticularError(Problem("preview.person", message, "profile", "Name one of them."))
    if new.profile:
        if not (new.profile.isascii() and new.profile.isdigit() and len(new.profile) <= _DIGITS):
            hint = "Write the number that profiles have in lists of people."
            raise LenticularError(Problem("preview.person", f"{new.profile!r} is no id of a profile.", "profile", hint))
        return int(new.profile)
    await site.collector.drain()  # before that the id of somebody new is not settled
    found = site.collector.current(new.anonymous_id, new.user_id)
    if found is None:
        hint = "Give a userId or an anonymousId."
        raise LenticularError(Problem("person.unknown", f"Nobody is known as {named[0]!r}.", hint=hint))
    return found.id
