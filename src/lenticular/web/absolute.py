"""Links in the HTML of blocks that is shown on a page of another origin: there `/shoes` would be another site's.

The pictures that were uploaded are taken care of in `reachable`.
"""

from __future__ import annotations

import re

import msgspec

from lenticular.app.site import LiveSite
from lenticular.catalog.picture import PREFIX
from lenticular.decide.decision import Decision
from lenticular.web.asgi import Scope, header
from lenticular.web.pages.address import host_of, origin_of

_PATH = rf"/(?!/|{PREFIX[1:]})"
_ADDRESS = re.compile(rf' (?:href|src|action)="{_PATH}')
_LIST = re.compile(r' srcset="[^"]*"')
_IN_LIST = re.compile(rf'(?<=[" ,]){_PATH}')


def absolute(decision: Decision, site: LiveSite, scope: Scope) -> Decision:
    """Return a decision whose HTML can be shown where it is asked from, if that is another origin.

    What begins with `/` on a site that Lenticular serves is one of its own paths. Another site's paths are those of the
    page that asks.
    """
    came = header(scope, b"origin").decode("latin-1")
    at_home = not came or came.partition("://")[2] == "".join(host_of(scope))
    if at_home or not site.engine.catalog.site.hosting.hosts:
        return decision
    origin, page = origin_of(scope, site), decision.page
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
