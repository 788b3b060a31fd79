"""Sign-in with OpenID Connect: what a site's operator has set, and what a provider's claims give someone. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from lenticular.accounts.role import ROLES, Role
from lenticular.accounts.user import checked_email, email_key
from lenticular.errors import LenticularError, Problem
from lenticular.settings import OFF, Settings

_ROLE = re.compile(r"(?:(?P<group>[^,=]+):)?(?P<site>[A-Za-z0-9_-]{1,63}|\*)=(?P<role>[a-z]+)")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_PATH = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")
_MOST = 2_000


class Given(msgspec.Struct, frozen=True):
    """A role at a site (`*`: all) for whoever is in a group; `group` is empty for everybody."""

    group: str
    site: str
    role: Role


class OpenId(msgspec.Struct, frozen=True):
    """How people sign in with OpenID Connect. `secret` is empty for a public client.

    `roles` are what new users get: none of them means that only those get in whom someone invited or added. `domains`
    are those of the e-mail addresses that may come in; none means all.
    """

    issuer: str
    client: str
    secret: str
    scopes: str
    domains: tuple[str, ...]
    roles: tuple[Given, ...]
    groups: str
    name: str

    @property
    def by_group(self) -> bool:
        """Whether the provider's groups say what someone may."""
        return any(one.group for one in self.roles)


def openid_of(settings: Settings) -> OpenId | None:
    """Return what the settings say; None if there is no sign-in of this kind. Raises LenticularError."""
    if settings.oidc_issuer == OFF:
        if settings.passwords == OFF:
            hint = "Set LENTICULAR_OIDC_ISSUER, or leave passwords on."
            raise LenticularError(Problem("settings", "Nobody could sign in.", "LENTICULAR_PASSWORDS", hint))
        return None
    issuer = settings.oidc_issuer
    if not is_safe(issuer) or urlsplit(issuer).query:
        hint = "Write the provider's address: https://login.example.com."
        raise LenticularError(Problem("settings", f"{issuer!r} is no issuer.", "LENTICULAR_OIDC_ISSUER", hint))
    if not _set(settings.oidc_client_id):
        hint = "Register Lenticular with the provider, and set what it is known as there."
        raise LenticularError(Problem("settings", "It is not set.", "LENTICULAR_OIDC_CLIENT_ID", hint))
    scopes = settings.oidc_scopes.split()
    return OpenId(
        issuer=issuer,
        client=settings.oidc_client_id,
        secret=_set(settings.oidc_client_secret),
        scopes=" ".join(dict.fromkeys(("openid", *scopes))),
        domains=tuple(one.lower().removeprefix("@") for one in _parts(settings.oidc_domains)),
        roles=tuple(map(_given, _parts(settings.oidc_roles))),
        groups=settings.oidc_groups,
        name=settings.oidc_name,
    )


def _set(text: str) -> str:
    return "" if text == OFF else text


def _parts(text: str) -> list[str]:
    return [part.strip() for part in _set(text).split(",") if part.strip()]


def _given(part: str) -> Given:
    match = _ROLE.fullmatch(part)
    role = next((one for one in ROLES if match and one == match["role"]), None)
    if match is None or role is None:
        hint = "Write SITE=ROLE or GROUP:SITE=ROLE, joined with commas: *=viewer, marketing:shop=editor."
        raise LenticularError(Problem("settings", f"{part!r} gives no role.", "LENTICULAR_OIDC_ROLES", hint))
    return Given((match["group"] or "").strip(), match["site"], role)


def is_safe(url: str) -> bool:
    """Return whether what is sent to an address stays between us and it: TLS, or this machine itself."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return False
    plain = parts.scheme == "http" and host in _LOOPBACK
    return bool(host) and (parts.scheme == "https" or plain) and not (parts.username or parts.password)


def roles_from(openid: OpenId, claims: Mapping[str, Any]) -> dict[str, Role]:
    """Return the roles that claims give: of several at one site the highest."""
    told = claims.get(openid.groups)
    groups = {told} if isinstance(told, str) else {one for one in told or () if isinstance(one, str)}
    found: dict[str, Role] = {}
    for one in openid.roles:
        if not one.group or one.group in groups:
            found[one.site] = max(found.get(one.site, one.role), one.role, key=ROLES.index)
    return found


def verified_email(claims: Mapping[str, Any]) -> str:
    """Return the e-mail address of claims, empty if there is none, or the provider does not say that it is theirs."""
    email, verified = claims.get("email"), claims.get("email_verified")
    if not isinstance(email, str) or verified not in (True, "true"):
        return ""
    try:
        return checked_email(email)
    except LenticularError:
        return ""


def may_come(openid: OpenId, email: str) -> bool:
    """Return whether an address is of a domain that may come in."""
    return not openid.domains or email_key(email).rpartition("@")[2] in openid.domains


def local_path(wanted: str) -> str:
    """Return where to go after a sign-in: a path of this server, whatever was asked for."""
    return wanted if len(wanted) <= _MOST and _PATH.fullmatch(wanted) else "/"
