"""Who asks for a page: the tag's cookies, and what may be kept of them (tag/src/who.ts, allowed.ts)."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from lenticular.catalog.site import Site
from lenticular.intake.agent import BOT, device_values
from lenticular.intake.sender import Sender
from lenticular.web.asgi import Scope

ID, CONSENT = "lenticular_id", "lenticular_consent"
_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)
_CONSENT = re.compile(r"[01]{2}")
SECONDS = 34_560_000
"""How long browsers keep a cookie at most: 400 days."""


class Caller(msgspec.Struct, frozen=True):
    """A visitor's id, empty if nothing may be kept; whether it is `new`; what they allow, None: they did not say.

    `said` is that in the form of the cookie.
    """

    anonymous_id: str = ""
    new: bool = False
    consent: dict[str, bool] | None = None
    said: str = ""


def caller_of(scope: Scope, site: Site, sender: Sender, new_id: Callable[[], str]) -> Caller:
    """Return who asks for a page, as the tag will see them.

    An id is read, and a new one given, where the visitor has agreed to anything; where they have not been asked, only
    if the site assumes it and their browser sends no signal against it. Machines have none.
    """
    cookies = _cookies(scope)
    consent = consent_in(cookies.get(CONSENT, ""))
    said = cookies[CONSENT] if consent else ""
    may = any(consent.values()) if consent else _assumed(site, sender)
    if not may or is_machine(sender):
        return Caller(consent=consent, said=said)
    known = id_in(cookies.get(ID, ""))
    return Caller(known or new_id(), not known, consent, said)


def consent_in(said: str) -> dict[str, bool] | None:
    """Return what the cookie of consent says, by purpose; None if it says nothing."""
    if not _CONSENT.fullmatch(said):
        return None
    return {"analytics": said[0] == "1", "personalization": said[1] == "1"}


def id_in(told: str) -> str:
    """Return a visitor's id as a cookie has it, empty for what can be none."""
    return told if _ID.fullmatch(told) else ""


def is_machine(sender: Sender) -> bool:
    """Return whether a page is asked for by a machine: one that is known, or what does not call itself a browser."""
    return not sender.user_agent or BOT in device_values({}, sender.user_agent, sender.hints)


def cookie_for(caller: Caller, secure: bool) -> bytes:
    """Return the cookie that a new visitor gets; its name and form are the tag's own."""
    end = "; Secure" if secure else ""
    return f"{ID}={caller.anonymous_id}; Path=/; Max-Age={SECONDS}; SameSite=Lax{end}".encode()


def _assumed(site: Site, sender: Sender) -> bool:
    return site.hosting.consent == "assumed" and not site.signals.withheld(sender.signals)


def _cookies(scope: Scope) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        if name == b"cookie":
            for part in value.decode("latin-1").split(";"):
                key, _, told = part.partition("=")
                found.setdefault(key.strip(), told.strip())
    return found
