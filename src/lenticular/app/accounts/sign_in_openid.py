"""Sign in with OpenID Connect: begin in a browser, come back to the same one, be the user that this is (ADR 0032)."""

from __future__ import annotations

import secrets
from typing import Any

import msgspec
from msgspec.structs import replace

from lenticular.accounts.link import Link
from lenticular.accounts.openid import OpenId, local_path, may_come, roles_from, verified_email
from lenticular.accounts.role import Role
from lenticular.accounts.secret import hash_of
from lenticular.accounts.throttle import Throttle, network_of
from lenticular.accounts.user import User, checked_name, email_key
from lenticular.app.accounts.accounts import Accounts
from lenticular.app.accounts.provider import Asked, Provider
from lenticular.app.accounts.refusals import SignInError, TooOftenError
from lenticular.app.accounts.sign_in import begin_session
from lenticular.app.accounts.users import keeps_an_admin
from lenticular.errors import LenticularError, Problem

LASTS = 600_000
"""So long (ms) someone may take at the provider."""
_MOST = 10_000
_FREE = 50
"""So often an address may have the provider asked in vain before it has to wait."""


class Answer(msgspec.Struct, frozen=True):
    """What a browser brings back from the provider."""

    state: str = ""
    code: str = ""
    error: str = ""
    issuer: str = ""


class _Begun(msgspec.Struct, frozen=True):
    browser: str
    asked: Asked
    next: str
    expires: int


class OpenIdSignIn:
    """Sign-ins that are under way; each is good once, in the browser in which it was begun."""

    def __init__(self, accounts: Accounts, provider: Provider) -> None:
        self.accounts, self.provider = accounts, provider
        self.openid: OpenId = provider.openid
        self._begun: dict[str, _Begun] = {}
        self._asking = Throttle(_FREE)

    async def begin(self, browser: str, redirect: str, wanted: str) -> str:
        """Return where to send a browser, which `browser` (a secret in its cookie) stands for. Raises ProviderError."""
        new_id, now = self.accounts.new_id, self.accounts.clock()
        state, nonce, verifier = (hash_of(f"{new_id()}{new_id()}") for _ in range(3))
        asked = Asked(redirect, nonce, verifier)
        url = await self.provider.begin(asked, state)
        self._begun[hash_of(state)] = _Begun(hash_of(browser), asked, local_path(wanted), now + LASTS)
        while len(self._begun) > _MOST:
            del self._begun[next(iter(self._begun))]
        return url

    async def finish(self, answer: Answer, browser: str, address: str, agent: str) -> tuple[str, str]:
        """Return the secret of a new session, and the path to go on to. Raises SignInError, ProviderError,
        TooOftenError.
        """
        begun = self._begun.pop(hash_of(answer.state), None)
        if begun is None or self.accounts.clock() >= begun.expires:
            raise _again("This sign-in has been used, or took too long.")
        if not browser or not secrets.compare_digest(begun.browser, hash_of(browser)):
            raise _again("This sign-in was begun in another browser.")
        if answer.error or not answer.code:
            raise _again(f"The sign-in provider says no{_shown(answer.error)}.")
        network, now = network_of(address), self.accounts.clock()
        if wait := self._asking.wait(network, now):
            raise TooOftenError(wait)
        self._asking.tried(network, now)
        claims = await self.provider.claims(begun.asked, answer.code, answer.issuer)
        user = await self._user(claims, address)
        self._asking.take_back(network)
        return await begin_session(
            self.accounts, user, address, agent, f"signed in with {self.openid.name}"
        ), begun.next

    async def _user(self, claims: dict[str, Any], address: str) -> User:
        """Return the user of claims, who may be new. Raises SignInError."""
        accounts, store = self.accounts, self.accounts.store
        issuer, subject, email = self.openid.issuer, str(claims["sub"]), verified_email(claims)
        async with accounts.changing:
            known, user = await accounts.in_store(store.known_to, issuer, subject)
            if not (email and may_come(self.openid, email)) and (user is None or self.openid.domains):
                why = "the provider vouches for no e-mail address" if not email else "their domain may not come in"
                raise await self._refused(user.email if user else "someone", why, address)
            if user is None:
                user = await self._found(claims, email, known, address)
                await accounts.in_store(store.join_identity, issuer, subject, user.id, accounts.clock())
            if user.state != "active":
                raise await self._refused(user.email, "the user is disabled", address)
            return await self._with_roles(user, claims, address)

    async def _found(self, claims: dict[str, Any], email: str, known: bool, address: str) -> User:
        """Return whom an address belongs to: a user, an invitation, or a new user if new ones get a role."""
        accounts, store = self.accounts, self.accounts.store
        user = await accounts.in_store(store.user_by_email, email)
        if user is not None:
            if await accounts.in_store(store.subjects, user.id, self.openid.issuer):
                raise await self._refused(email, "the address was someone else's at the provider", address)
            return user
        link = await self._invitation(email)
        roles = link.roles if link else roles_from(self.openid, claims)
        removed = known or await accounts.in_store(store.was_removed, email)
        if link is None and (removed or not roles):
            raise await self._refused("someone", "the user was removed" if removed else "nobody invited them", address)
        new = User(accounts.new_id(), email, _name(claims), "", accounts.clock(), roles)
        if not await accounts.in_store(store.put_user, new, link.hash if link else ""):
            raise _again("The invitation was used a moment ago.")
        return new

    async def _invitation(self, email: str) -> Link | None:
        """Return the newest invitation of an address that is still good."""
        now = self.accounts.clock()
        links = await self.accounts.in_store(self.accounts.store.links)
        good = [one for one in links if one.purpose == "invitation" and now < one.expires]
        return next((one for one in reversed(good) if email_key(one.email) == email_key(email)), None)

    async def _with_roles(self, user: User, claims: dict[str, Any], address: str) -> User:
        """Return a user with the roles of their groups, where those say what someone may."""
        if not self.openid.by_group:
            return user
        roles: dict[str, Role] = roles_from(self.openid, claims)
        after = replace(user, roles=roles)
        if after.roles == user.roles or not await keeps_an_admin(self.accounts, user, [after]):
            return user
        await self.accounts.in_store(self.accounts.store.put_user, after)
        if not roles:
            raise await self._refused(user.email, "they are in no group that may come in", address)
        return after

    async def _refused(self, who: str, why: str, address: str) -> SignInError:
        """Note a refusal; return what the person is told."""
        await self.accounts.note(who, "sign-in.refused", who, f"was not let in with {self.openid.name}: {why}", address)
        hint = "Ask an admin of Lenticular to invite you, with the address that the provider knows."
        return SignInError(Problem("sign-in.unknown", f"You are not let in: {why}.", hint=hint))


def _again(why: str) -> SignInError:
    return SignInError(Problem("sign-in.again", why, hint="Begin again."))


def _shown(error: str) -> str:
    plain = error if len(error) <= 40 and error.replace("_", "").isalnum() and error.isascii() else ""
    return f" ({plain})" if plain else ""


def _name(claims: dict[str, Any]) -> str:
    name = claims.get("name")
    try:
        return checked_name(name[:200]) if isinstance(name, str) else ""
    except LenticularError:
        return ""
