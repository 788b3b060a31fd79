"""Which ways of signing in there are, and the one by way of an OpenID provider. It is a browser that comes here."""

from __future__ import annotations

import secrets
from html import escape
from typing import Annotated, Any, cast

import msgspec
from litestar import Controller, Request, Response, get
from litestar.datastructures import Cookie, State
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from lenticular.accounts.secret import hash_of
from lenticular.app.accounts.provider import ProviderError
from lenticular.app.accounts.refusals import TooOftenError
from lenticular.app.accounts.sign_in_openid import LASTS, Answer, OpenIdSignIn
from lenticular.app.open import Installation
from lenticular.errors import LenticularError, Problem, StoreError
from lenticular.settings import OFF
from lenticular.web.api.cookie import session_cookie, session_secret
from lenticular.web.api.problems import MEDIA, ProblemDocument
from lenticular.web.api.session import address_of, agent_of, of

BACK = "/api/session/oidc/callback"
_COOKIE = "lenticular_oidc"
_PATH = "/api/session/oidc"
_MOST = 200
_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_PLAIN = {
    "content-security-policy": _POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}
Next = Annotated[str, QueryParameter(description="Where to go afterwards: a path of this server.")]
StateText = Annotated[str, QueryParameter(name="state", description="What the sign-in was begun with.")]
Code = Annotated[str, QueryParameter(description="What the provider gave.")]
Refusal = Annotated[str, QueryParameter(description="Why the provider gave nothing.")]
Issuer = Annotated[str, QueryParameter(description="Which provider says so (RFC 9207).")]
_AWAY = ResponseSpec(None, description="On to the provider.")
_IN = ResponseSpec(None, description="Signed in, and on.")
_NO_WAY = ResponseSpec(ProblemDocument, generate_examples=False, description="There is no provider.", media_type=MEDIA)


class OpenIdWay(msgspec.Struct, frozen=True):
    """Sign-in by way of a provider: what to call it, and where a browser goes for it."""

    name: str
    path: str


class Ways(msgspec.Struct, frozen=True):
    """How people can sign in; `oidc` is null where there is no provider."""

    passwords: bool
    oidc: OpenIdWay | None


class OpenIdController(Controller):
    """Sign-in by way of an OpenID provider."""

    path = "/api/session"
    tags = ("Accounts",)

    @get("/ways", summary="How people can sign in")
    async def ways(self, state: State) -> Ways:
        """Tell a page which ways to offer."""
        openid, settings = of(state).openid, cast(Installation, state["installation"]).settings
        return Ways(settings.passwords != OFF, OpenIdWay(openid.name, _PATH) if openid else None)

    @get("/oidc", summary="Sign in by way of the provider", status_code=302, responses={302: _AWAY, 404: _NO_WAY})
    async def begin(self, request: Request[Any, Any, Any], state: State, next: Next = "/") -> Response[Any]:
        """Send the browser to the provider; it comes back to the page `next`."""
        sign_in = _of(state)
        browser = _browser(request) or secrets.token_urlsafe(32)
        try:
            url = await sign_in.begin(browser, _redirect(request, state), next)
        except LenticularError as error:
            return _page(error)
        headers = {**_PLAIN, "location": url}
        return Response(None, status_code=302, headers=headers, cookies=[_cookie(request, browser)])

    @get("/oidc/callback", summary="Come back from the provider", status_code=303, responses={303: _IN, 404: _NO_WAY})
    async def finish(
        self,
        request: Request[Any, Any, Any],
        state: State,
        state_text: StateText = "",
        code: Code = "",
        error: Refusal = "",
        iss: Issuer = "",
    ) -> Response[Any]:
        """Begin a session for whoever the provider says that this is, and go on."""
        sign_in, accounts = _of(state), of(state)
        answer = Answer(state_text, code, error, iss)
        try:
            secret, path = await sign_in.finish(answer, _browser(request), address_of(request), agent_of(request))
        except LenticularError as refusal:
            return _page(refusal)
        before = session_secret(request)
        if before:
            await accounts.in_store(accounts.store.end_session, hash_of(before))
        cookies = [session_cookie(request, secret), _cookie(request, "")]
        return Response(None, status_code=303, headers={**_PLAIN, "location": path}, cookies=cookies)


def _of(state: State) -> OpenIdSignIn:
    found = state.get("openid")
    if not isinstance(found, OpenIdSignIn):
        hint = "Use a password; GET /api/session/ways says what there is."
        raise LenticularError(Problem("way.unknown", "There is no sign-in by way of a provider here.", hint=hint))
    return found


def _redirect(request: Request[Any, Any, Any], state: State) -> str:
    url = cast(Installation, state["installation"]).settings.url
    return f"{str(request.base_url).rstrip('/') if url == OFF else url.rstrip('/')}{BACK}"


def _browser(request: Request[Any, Any, Any]) -> str:
    found = request.cookies.get(_COOKIE, "")
    return found if len(found) <= _MOST else ""


def _cookie(request: Request[Any, Any, Any], value: str) -> Cookie:
    secure = request.scope["scheme"] == "https"
    age = LASTS // 1000 if value else 0
    return Cookie(key=_COOKIE, value=value, path=_PATH, max_age=age, secure=secure, httponly=True, samesite="lax")


def _page(error: LenticularError) -> Response[bytes]:
    """Tell a person in a browser what was wrong, and how to begin again."""
    [problem, *_] = error.problems
    status = 503 if isinstance(error, StoreError) else 429 if isinstance(error, TooOftenError) else 403
    status = 502 if isinstance(error, ProviderError) else status
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Sign in</title>'
        f"<h1>{escape(problem.message)}</h1><p>{escape(problem.hint)}</p>"
        f'<p><a href="{_PATH}">Begin again</a></p></html>'
    )
    return Response(page.encode(), status_code=status, media_type="text/html; charset=utf-8", headers=_PLAIN)
