"""An OpenID provider: what it says of itself, its keys, and who someone is by the code that it gave them.

OpenID Connect Core 1.0 and Discovery 1.0; the code flow with PKCE (RFC 7636). Nothing of what it sends is logged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote_plus, urlsplit

import httpx
import msgspec

from lenticular.accounts.openid import OpenId, is_safe
from lenticular.errors import LenticularError, Problem
from lenticular.ports import Clock

if TYPE_CHECKING:
    from joserfc.jwk import Key

T = TypeVar("T")
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""With what an id token may be signed: never with nothing, never with a secret that is a public key elsewhere."""
_FRESH = 600_000
"""So long (ms) what a provider says of itself and its keys are believed; an unknown key is looked for before."""
_PAUSE = 5_000
_LEEWAY = 60
_MOST = 1_000_000
_SECONDS = 10.0


class ProviderError(LenticularError):
    """The provider can't be asked now, or says what can't be believed."""


class _Metadata(msgspec.Struct, frozen=True):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    id_token_signing_alg_values_supported: tuple[str, ...] = ("RS256",)
    authorization_response_iss_parameter_supported: bool = False


class _Tokens(msgspec.Struct, frozen=True):
    id_token: str
    access_token: str = ""


class Asked(msgspec.Struct, frozen=True):
    """What one sign-in was begun with: our address for the answer, the nonce, PKCE's verifier."""

    redirect: str
    nonce: str
    verifier: str


class Provider:
    """The provider that the settings name. Raises LenticularError if what it needs is not installed."""

    def __init__(self, openid: OpenId, clock: Clock, transport: httpx.AsyncBaseTransport | None = None) -> None:
        _needs_extra()
        self.openid, self._clock, self._transport = openid, clock, transport
        self._metadata: _Metadata | None = None
        self._keys: list[Key] = []
        self._read = self._keys_read = self._failed = -_FRESH

    async def begin(self, asked: Asked, state: str) -> str:
        """Return where a browser is sent to sign in. Raises ProviderError."""
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        metadata = await self._about()
        return str(
            prepare_grant_uri(
                metadata.authorization_endpoint,
                self.openid.client,
                "code",
                redirect_uri=asked.redirect,
                scope=self.openid.scopes,
                state=state,
                nonce=asked.nonce,
                code_challenge=create_s256_code_challenge(asked.verifier),
                code_challenge_method="S256",
            )
        )

    async def claims(self, asked: Asked, code: str, issuer: str) -> dict[str, Any]:
        """Return what is known of whoever brings a code; `issuer` is who says that it gave it (RFC 9207).

        Raises ProviderError.
        """
        metadata = await self._about()
        if issuer != metadata.issuer and (issuer or metadata.authorization_response_iss_parameter_supported):
            raise _unbelievable("The answer came from another provider.")
        tokens = await self._tokens(metadata, asked, code)
        claims = await self._verified(metadata, tokens.id_token, asked.nonce)
        wanted = {"email", *((self.openid.groups,) if self.openid.by_group else ())}
        if wanted - claims.keys() and metadata.userinfo_endpoint and tokens.access_token:
            claims = {**await self._userinfo(metadata, tokens.access_token, str(claims["sub"])), **claims}
        return claims

    async def _about(self) -> _Metadata:
        now = self._clock()
        if self._metadata is None or not 0 <= now - self._read < _FRESH:
            if 0 <= now - self._failed < _PAUSE:
                raise _silent()
            url = f"{self.openid.issuer.rstrip('/')}/.well-known/openid-configuration"
            found = _convert(await self._ask("GET", url), _Metadata)
            if found.issuer.rstrip("/") != self.openid.issuer.rstrip("/"):
                raise _unbelievable("It says that it is another one.")
            endpoints = (found.authorization_endpoint, found.token_endpoint, found.jwks_uri)
            if not all(map(is_safe, (*endpoints, found.userinfo_endpoint or found.token_endpoint))):
                raise _unbelievable("It has addresses without TLS.")
            self._metadata, self._read = found, now
        return self._metadata

    async def _tokens(self, metadata: _Metadata, asked: Asked, code: str) -> _Tokens:
        openid = self.openid
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": asked.redirect}
        form |= {"code_verifier": asked.verifier, "client_id": openid.client}
        auth = None
        if openid.secret and "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
            auth = httpx.BasicAuth(_quoted(openid.client), _quoted(openid.secret))
        elif openid.secret:
            form["client_secret"] = openid.secret
        return _convert(await self._ask("POST", metadata.token_endpoint, form=form, auth=auth), _Tokens)

    async def _userinfo(self, metadata: _Metadata, token: str, subject: str) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {token}"}
        found = _convert(await self._ask("GET", metadata.userinfo_endpoint, headers=headers), dict[str, Any])
        if found.get("sub") != subject:
            raise _unbelievable("It speaks of somebody else.")
        return found

    async def _verified(self, metadata: _Metadata, token: str, nonce: str) -> dict[str, Any]:
        """Return the claims of an id token that is the provider's, for us, for this sign-in, and not expired."""
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import JoseError

        allowed = [one for one in ALGORITHMS if one in metadata.id_token_signing_alg_values_supported]
        try:
            key = await self._key(metadata, token, allowed)
            read = jwt.decode(token, key, algorithms=allowed)
            exact = {"iss": {"essential": True, "value": metadata.issuer}}
            whole = {"sub": {"essential": True}, "aud": {"essential": True, "value": self.openid.client}}
            params = {"nonce": nonce, "client_id": self.openid.client}
            claims = CodeIDToken(read.claims, read.header, {**exact, **whole}, params)
            claims.validate(now=self._clock() // 1000, leeway=_LEEWAY)
        except (JoseError, ValueError, TypeError) as error:
            raise _unbelievable(f"Its id token is not good ({getattr(error, 'error', 'unreadable')}).") from None
        audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        azp = claims.get("azp")
        if self.openid.client not in audience or (len(audience) > 1 and azp != self.openid.client):
            raise _unbelievable("Its id token is for another program.")
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
            raise _unbelievable("Its id token names nobody.")
        return dict(claims)

    async def _key(self, metadata: _Metadata, token: str, allowed: list[str]) -> Key:
        """Return the key that a token says it was signed with; read them again if it is a new one."""
        from joserfc import jws

        header = jws.extract_compact(token.encode()).headers()
        if header.get("alg") not in allowed:
            raise ValueError("alg")
        name, now = header.get("kid"), self._clock()
        if not self._keys or not 0 <= now - self._keys_read < _FRESH:
            await self._read_keys(metadata)
        found = _fitting(self._keys, name, str(header["alg"]))
        if len(found) != 1 and not 0 <= self._clock() - self._keys_read < _PAUSE:
            await self._read_keys(metadata)
            found = _fitting(self._keys, name, str(header["alg"]))
        if len(found) != 1:
            raise ValueError("kid")
        return found[0]

    async def _read_keys(self, metadata: _Metadata) -> None:
        from joserfc.errors import JoseError
        from joserfc.jwk import import_key

        found = _convert(await self._ask("GET", metadata.jwks_uri), dict[str, Any])
        keys: list[Key] = []
        for one in found.get("keys", []) if isinstance(found.get("keys"), list) else []:
            if not isinstance(one, dict) or one.get("use", "sig") != "sig" or one.get("kty") == "oct":
                continue
            try:
                keys.append(import_key(one))
            except (JoseError, ValueError, TypeError, KeyError):
                continue  # a kind that we don't know is none of ours
        self._keys, self._keys_read = keys, self._clock()

    async def _ask(
        self,
        method: str,
        url: str,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: httpx.BasicAuth | None = None,
    ) -> bytes:
        """Return the body of an answer; nobody is followed elsewhere, nothing endless is read. Raises ProviderError."""
        outside = urlsplit(url).scheme == "https"
        sent = {"accept": "application/json", **(headers or {})}
        try:
            async with (
                httpx.AsyncClient(timeout=_SECONDS, trust_env=outside, transport=self._transport) as client,
                client.stream(method, url, data=form, headers=sent, auth=auth) as answer,
            ):
                body = bytearray()
                async for piece in answer.aiter_bytes():
                    body += piece
                    if len(body) > _MOST:
                        raise _unbelievable("Its answer is endless.")
        except (httpx.HTTPError, httpx.InvalidURL):
            self._failed = self._clock()
            raise _silent() from None
        if answer.status_code >= 500:
            self._failed = self._clock()
            raise _silent()
        if answer.status_code != 200:
            raise _unbelievable(f"It answered {answer.status_code}.")
        return bytes(body)


def _needs_extra() -> None:
    try:
        import authlib  # noqa: F401
        import joserfc  # noqa: F401
    except ModuleNotFoundError:
        hint = "Install it with: pip install 'lenticular[server,oidc]'"
        message = "Sign-in with OpenID Connect is not installed."
        raise LenticularError(Problem("settings", message, "LENTICULAR_OIDC_ISSUER", hint)) from None


def _fitting(keys: list[Key], name: Any, algorithm: str) -> list[Key]:
    kind = {"R": "RSA", "P": "RSA", "E": "EC"}[algorithm[0]] if algorithm != "EdDSA" else "OKP"
    found = [key for key in keys if key.key_type == kind and key.get("alg") in (None, algorithm)]
    return found if name is None else [key for key in found if key.kid == name]


def _quoted(text: str) -> str:
    """RFC 6749, 2.3.1: the parts of Basic are encoded as in a form before."""
    return quote_plus(text)


def _convert(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _unbelievable("Its answer is not what OpenID Connect says.") from None


def _silent() -> ProviderError:
    hint = "Try again in a moment; if it stays so, tell an admin."
    return ProviderError(Problem("oidc.silent", "The sign-in provider does not answer.", hint=hint))


def _unbelievable(what: str) -> ProviderError:
    hint = "Try again from the beginning; if it stays so, tell an admin."
    return ProviderError(Problem("oidc.provider", f"The sign-in provider can't be believed. {what}", hint=hint))
