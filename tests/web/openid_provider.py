"""An OpenID provider on loopback, with keys of its own: discovery, authorize, token, keys, userinfo. It can lie."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode

from joserfc import jwt
from joserfc.jwk import RSAKey

from lenticular.web.asgi import Message, Receive, Scope, Send
from tests.web.shop import Shop

CLIENT, SECRET = "lenticular", "the client's secret: 100%"


class OpenIdProvider:
    """Knows one person at a time, `who`, and gives a code for them to whoever asks. `lies` go into the id token."""

    def __init__(self) -> None:
        self.url = ""
        self.shop: Shop | None = None
        self._first, self._stranger = _key("k1"), _key("k1")
        self.begin_anew()

    def begin_anew(self) -> None:
        """Be honest, with one key."""
        self.keys = {"k1": self._first}
        self.signing = "k1"
        self.who: dict[str, Any] = person("eve")
        self.lies: dict[str, Any] = {}
        self.userinfo: dict[str, Any] | None = None
        self.metadata: dict[str, Any] = {}
        self.forge: str = ""
        self.down = False
        self.asked: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}

    def rotate(self, name: str) -> None:
        """Sign with a new key, and show no other."""
        self.keys, self.signing = {name: _key(name)}, name

    def describe(self) -> dict[str, Any]:
        """What it says of itself."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            **self.metadata,
        }

    def authorize(self, query: str) -> str:
        """What a browser is told that comes to sign in, and does: where to go on to."""
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
        assert asked["client_id"] == CLIENT and "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(8)
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer programs."""
        body = b""
        more = True
        while more:
            message: Message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.asked.append(scope["path"])
        status, content = self._answer(scope["path"], headers, body.decode())
        await send(
            {"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]}
        )
        await send({"type": "http.response.body", "body": json.dumps(content).encode()})

    def _answer(self, path: str, headers: dict[str, str], body: str) -> tuple[int, Any]:
        if self.down:
            return 503, {}
        if path == "/.well-known/openid-configuration":
            return 200, self.describe()
        if path == "/keys":
            public = [key.as_dict(private=False) for key in self.keys.values()]
            return 200, {"keys": [{"kty": "NEW", "kid": "unknown"}, *public]}
        if path == "/token":
            return self._token(headers, {name: values[0] for name, values in parse_qs(body).items()})
        if path == "/userinfo" and headers.get("authorization") == "Bearer the access token":
            return 200, self.userinfo
        return 404, {}

    def _token(self, headers: dict[str, str], form: dict[str, str]) -> tuple[int, Any]:
        user, _, password = base64.b64decode(headers["authorization"].removeprefix("Basic ")).decode().partition(":")
        asked = self._codes.pop(form["code"], None)  # good once
        given = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = _base64(given)
        if (unquote_plus(user), unquote_plus(password)) != (CLIENT, SECRET) or asked is None:
            return 401, {"error": "invalid_client"}
        if asked["code_challenge"] != challenge or asked["redirect_uri"] != form["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        return 200, {
            "access_token": "the access token",
            "token_type": "Bearer",
            "id_token": self._signed(asked["nonce"]),
        }

    def _signed(self, nonce: str) -> str:
        assert self.shop is not None
        now = self.shop.now // 1000
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce, **self.who, **self.lies}
        for name in ("exp", "iat", "nbf"):  # lies about times are seconds from now
            claims |= {name: now + self.lies[name]} if self.lies.get(name) else {}
        claims = {name: value for name, value in claims.items() if value is not None}
        key = self.keys[self.signing]
        if self.forge == "none":
            return f"{_part({'alg': 'none', 'kid': self.signing})}.{_part(claims)}."
        if self.forge == "HS256":  # signed with the public key as if it were a secret
            signed = f"{_part({'alg': 'HS256', 'kid': self.signing})}.{_part(claims)}"
            return f"{signed}.{_base64(hmac.digest(key.as_pem(private=False), signed.encode(), 'sha256'))}"
        if self.forge == "stranger":
            return jwt.encode({"alg": "RS256", "kid": self.signing}, claims, self._stranger)
        return jwt.encode({"alg": "RS256", "kid": self.signing}, claims, key)


def person(name: str, **more: Any) -> dict[str, Any]:
    """The claims of someone whose address the provider vouches for."""
    return {"sub": f"sub-{name}", "email": f"{name}@example.com", "email_verified": True, "name": name.title(), **more}


def _key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"})


def _part(content: dict[str, Any]) -> str:
    return _base64(json.dumps(content).encode())


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
