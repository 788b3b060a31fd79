"""Addresses in a hosted site's blocks that are shown on a page of another origin: there `/shoes` would be another's."""

from __future__ import annotations

import re

import msgspec

from lenticular.app.site import LiveSite
from lenticular.decide.decision import Decision
from lenticular.web.asgi import Scope, header
from lenticular.web.pages.address import host_of, origin_of

_ADDRESS = re.compile(r' (?:href|src|action)="/(?!/)')
_LIST = re.compile(r' srcset="[^"]*"')
_IN_LIST = re.compile(r'(?<=[" ,])/(?!/)')


def absolute(decision: Decision, site: LiveSite, scope: Scope) -> Decision:
    """Return a decision whose HTML can be shown where it is asked from, if that is another origin.

    What begins with `/` on a site that Lenticular serves is one of its own paths. Of other sites only the pictures are
    (reachable.py).
    """
    came = header(scope, b"origin").decode("latin-1")
    hosted = site.engine.catalog.site.hosting.hosts
    if not (hosted and came) or came.partition("://")[2] == "".join(host_of(scope)):
        return decision
    origin = origin_of(scope, site)
    page = decision.page
    if page is not None and page.html:
        page = msgspec.structs.replace(page, html=_with(page.html, origin))
    slots = {
        key: msgspec.structs.replace(slot, html=_with(slot.html, origin)) if slot.html else slot
        for key, slot in decision.slots.items()
    }
    return msgspec.structs.replace(decision, page=page, slots=slots)


def _with(html: str, origin: str) -> str:
    html = _ADDRESS.sub(lambda found: f"{found[0][:-1]}{origin}/", html)
    return _LIST.sub(lambda found: _IN_LIST.sub(f"{origin}/", found[0]), html)
