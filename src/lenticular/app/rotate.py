"""A site's keys: which there are, a new one in place of the one before, the end of one."""

from __future__ import annotations

from typing import Literal

import msgspec

from lenticular.accounts.secret import new_secret
from lenticular.accounts.site_key import PREFIXES, KeyUse, SiteKey, is_good
from lenticular.app.definitions import stored
from lenticular.app.publish import live_of
from lenticular.app.publishing import publish_now
from lenticular.app.site import LiveSite
from lenticular.catalog.author import Author
from lenticular.catalog.compose import body_of
from lenticular.catalog.stored import Change
from lenticular.criteria.duration import parse_duration
from lenticular.errors import ConflictError, LenticularError, Problem

_MOST_GRACE = 366 * 86_400_000
_MOST_GOOD = 20
NOW = "now"


class KeyView(msgspec.Struct, frozen=True):
    """A key. `key` is a public one itself, and empty for a secret one, of which `tail` has the last letters.

    `ends` (ms) is when it stops being good, null for the one in use; `used` is the day (ms) it was used last.
    """

    id: str
    use: KeyUse
    key: str
    tail: str
    state: Literal["current", "ending", "ended"]
    created: int
    author: str
    ends: int | None
    used: int | None


class NewKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key to make. The one before stays good for `grace`: `30d`, `12h`; `now` ends it at once.

    Left out, it is 30 days for a public key and 24 hours for a secret one.
    """

    use: KeyUse
    grace: str | None = None


class GivenKey(msgspec.Struct, frozen=True):
    """A new key; of a secret one `secret` is shown this once. `others` are those before it."""

    key: KeyView
    secret: str
    others: list[KeyView]


def view(key: SiteKey, now: int) -> KeyView:
    """Return what may be told of a key."""
    state: Literal["current", "ending", "ended"] = "ended"
    if is_good(key, now):
        state = "current" if key.ends is None else "ending"
    return KeyView(key.id, key.use, key.text, key.tail, state, key.created, key.author.name, key.ends, key.used)


async def site_keys(site: LiveSite) -> list[KeyView]:
    """Return the keys of a site, the newest first. Raises StoreError."""
    keys = site.stores.keys
    await keys.note_uses()
    await keys.load()
    return [view(one, site.clock()) for one in reversed(keys.ring.of(site.key))]


async def new_key(site: LiveSite, new: NewKey, author: Author) -> GivenKey:
    """Make a key; those before it end after a while. A new public key is published in the site's definition.

    Raises LenticularError, ConflictError, StoreError.
    """
    grace = _grace(new.grace)
    keys = site.stores.keys
    text = new_secret(PREFIXES[new.use], site.new_id)
    async with site.publishing:
        _refuse_many(site, new.use)
        made = await keys.take_in(site.key, new.use, text, author, grace)
        if new.use == "public":
            await _publish(site, text, author)
        else:
            await keys.settle(made)
    every = await site_keys(site)
    own = next(one for one in every if one.id == made.id)
    others = [one for one in every if one.use == new.use and one.id != made.id and one.state == "ending"]
    return GivenKey(own, text if new.use == "secret" else "", others)


async def end_key(site: LiveSite, identity: str) -> KeyView:
    """End a key at once. Raises ConflictError for the public key that pages have, LenticularError, StoreError."""
    keys, now = site.stores.keys, site.clock()
    async with site.publishing:
        found = next((one for one in keys.ring.of(site.key) if one.id == identity), None)
        if found is None:
            raise LenticularError(Problem("key.unknown", "There is no such key.", hint="Look at the list of keys."))
        if found.use == "public" and found.ends is None:
            hint = "Make a new one, with the grace that this one needs; `now` for none."
            raise ConflictError(Problem("key.current", "This is the key that pages are to have.", hint=hint))
        await keys.note_uses()
        await keys.in_store(keys.store.end, found.id, now)
        await keys.load()
    return view(next(one for one in keys.ring.of(site.key) if one.id == identity), now)


async def _publish(site: LiveSite, text: str, author: Author) -> None:
    """Publish a site's definition with another public key. Only while `site.publishing` is held."""
    definition = msgspec.structs.replace((await live_of(site)).catalog.site, write_key=text)
    now = await stored(site, "site", site.key)
    change = Change(now.id, "site", site.key, now.revision, "live", body_of(definition))
    await publish_now(site, [change], author, "A new public key", "publish", None)


def _grace(text: str | None) -> int | None:
    if text is None:
        return None
    found = None if text == NOW else parse_duration(text)
    if text != NOW and (found is None or found.months or found.milliseconds > _MOST_GRACE):
        hint = "Write 12h, 30d, or now; at most a year, 366d."
        raise LenticularError(Problem("key.grace", f"{text!r} is no time for a key to go on.", "grace", hint))
    return 0 if found is None else found.milliseconds


def _refuse_many(site: LiveSite, use: KeyUse) -> None:
    good = [one for one in site.stores.keys.ring.of(site.key) if one.use == use and is_good(one, site.clock())]
    if len(good) >= _MOST_GOOD:
        hint = "End those that nobody uses any more."
        raise ConflictError(Problem("key.many", f"There are {len(good)} {use} keys that are good.", hint=hint))
