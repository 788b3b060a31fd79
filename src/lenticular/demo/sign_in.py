"""Signing in to the bank as one of the five, as a bank's own server would let its customers in, and out again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx
from litestar import Request, Response, get
from litestar.datastructures import Cookie, State
from litestar.exceptions import NotFoundException

from lenticular.demo.bank import Demo
from lenticular.demo.people import Person
from lenticular.errors import LenticularError, Problem
from lenticular.web.pages.frame import NO, YES
from lenticular.web.pages.visitor import CONSENT, ID, SECONDS, consent_in

_AGREED = {"analytics": True, "personalization": True}


def sign_in_routes(demo: Demo) -> Sequence[Any]:
    """Return the routes that make a visitor one of the five, and nobody again."""

    @get("/demo/sign-in/{key:str}", include_in_schema=False)
    async def sign_in(request: Request[Any, Any, State], key: str, to: str = "") -> Response[None]:
        person = next((one for one in demo.people if one.key == key), None)
        if person is None:
            raise NotFoundException("Nobody of that name is a customer of the bank.")
        cookies: list[Cookie] = []
        # All five have agreed to be remembered; a refusal in this browser goes before.
        if request.cookies.get(CONSENT) != NO:
            cookies.append(_cookie(ID, await _known(demo, person)))
            if consent_in(request.cookies.get(CONSENT, "")) is None:
                cookies.append(_cookie(CONSENT, YES))
        return _on(to or _home(request, demo), cookies)

    @get("/demo/sign-out", include_in_schema=False)
    async def sign_out(request: Request[Any, Any, State]) -> Response[None]:
        # Another id rather than none: the tag would remember the one that it had.
        signed_in = ID in request.cookies and request.cookies.get(CONSENT) != NO
        return _on(_home(request, demo), [_cookie(ID, demo.site.new_id())] if signed_in else [])

    return [sign_in, sign_out]


async def _known(demo: Demo, person: Person) -> str:
    """Return the id of the browser that a person has from now on.

    It is a new one each time, which the bank's server says to be theirs: what somebody else did before in this
    browser is not taken for theirs. Who never signed in has just the one browser.
    """
    if not person.user_id:
        return person.anonymous_id
    device = f"{person.anonymous_id}-{demo.site.new_id()[:12]}"
    message = {
        "anonymousId": device,
        "userId": person.user_id,
        "traits": person.traits,
        "context": {**person.context, "consent": {"categoryPreferences": _AGREED}},
    }
    key = demo.site.engine.catalog.site.write_key
    async with httpx.AsyncClient(base_url=demo.url, auth=(key, ""), timeout=30, trust_env=False) as client:
        answer = await client.post("/v1/identify", json=message)
    if answer.status_code != 200:
        raise LenticularError(Problem("demo.sign-in", f"{person.name} was refused: {answer.text}"))
    return device


def _cookie(name: str, value: str) -> Cookie:
    return Cookie(name, value=value, max_age=SECONDS, samesite="lax")


def _home(request: Request[Any, Any, State], demo: Demo) -> str:
    """Return the address of the home page in the language of the page that was left."""
    try:
        part = urlsplit(request.headers.get("referer", "")).path[1:].partition("/")[0]
    except ValueError:
        return "/"
    return f"/{part}" if part in demo.site.engine.catalog.site.locales else "/"


def _on(where: str, cookies: Sequence[Cookie]) -> Response[None]:
    path = where if where.startswith("/") and not where.startswith(("//", "/\\")) else "/"
    headers = {"location": path, "cache-control": "no-store"}
    return Response(None, status_code=303, headers=headers, cookies=cookies)
