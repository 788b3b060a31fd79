"""Sign in with e-mail and password; sign out; change the password."""

from __future__ import annotations

from msgspec.structs import replace

from lenticular.accounts.actor import Actor
from lenticular.accounts.password import checked_password
from lenticular.accounts.secret import hash_of, new_secret
from lenticular.accounts.session import begun
from lenticular.accounts.throttle import network_of
from lenticular.accounts.user import User, email_key
from lenticular.app.accounts.accounts import Accounts
from lenticular.app.accounts.asker import actor_of
from lenticular.app.accounts.refusals import ForbiddenError, SignInError, TooOftenError
from lenticular.errors import Problem
from lenticular.settings import OFF


async def sign_in(accounts: Accounts, email: str, password: str, address: str, agent: str) -> tuple[str, User]:
    """Return the secret of a new session, and whose it is.

    Raises SignInError, the same one whether there is such a user or not; TooOftenError; StoreError.
    """
    refuse_passwords(accounts)
    account = hash_of(email_key(email))
    await _try(accounts, account, address, email)
    user = await accounts.in_store(accounts.store.user_by_email, email)
    good = await accounts.matches(user.password if user else "", password)
    if user is None or not good or user.state != "active":
        who = user.email if user else "someone"
        reason = "" if user is None or user.state == "active" else ": the user is disabled"
        await accounts.note(who, "sign-in.refused", who, f"was not let in{reason}", address)
        hint = "Ask an admin for a link that sets a new password."
        raise SignInError(Problem("sign-in.wrong", "The e-mail address or the password is wrong.", hint=hint))
    accounts.by_account.forget(account)
    accounts.by_address.take_back(network_of(address))
    return await begin_session(accounts, user, address, agent), user


def refuse_passwords(accounts: Accounts) -> None:
    """Refuse what takes a password where people sign in without one. Raises ForbiddenError."""
    if accounts.installation.settings.passwords == OFF:
        name = accounts.openid.name if accounts.openid else "single sign-on"
        raise ForbiddenError(Problem("sign-in.passwords", "Passwords are switched off here.", hint=f"Use {name}."))


async def begin_session(accounts: Accounts, user: User, address: str, agent: str, how: str = "signed in") -> str:
    """Return the secret of a new session of a user."""
    secret, now = new_secret("ls_", accounts.new_id), accounts.clock()
    await accounts.in_store(accounts.store.forget, now)
    await accounts.in_store(accounts.store.add, begun(hash_of(secret), user.id, now, _plain(agent)))
    await accounts.note(actor_of(user), "sign-in", user.email, how, address)
    return secret


async def sign_out(accounts: Accounts, actor: Actor, everywhere: bool) -> None:
    """End the session of who asks, or all of theirs; a token ends none."""
    if everywhere and actor.user is not None and actor.via == "session":
        await accounts.in_store(accounts.store.end_sessions, actor.user)
    elif actor.session:
        await accounts.in_store(accounts.store.end_session, actor.session)


async def change_password(accounts: Accounts, actor: Actor, old: str, new: str, address: str) -> None:
    """Set a new password of who asks; their other sessions end. Raises LenticularError, SignInError, TooOftenError."""
    if actor.user is None or actor.via != "session":
        raise ForbiddenError(Problem("password.session", "Only who is signed in can change their password."))
    refuse_passwords(accounts)
    account = hash_of(email_key(actor.email))
    await _try(accounts, account, address, actor.email)
    checked_password(new, actor.email, "new")
    async with accounts.changing:
        user = await accounts.in_store(accounts.store.user, actor.user)
        if user is None or not await accounts.matches(user.password, old):
            raise ForbiddenError(Problem("password.wrong", "The password is another one.", "old"))
        hashed = await accounts.hashed(new)
        await accounts.in_store(accounts.store.put_user, replace(user, password=hashed))
    accounts.by_account.forget(account)
    accounts.by_address.take_back(network_of(address))
    await accounts.in_store(accounts.store.end_sessions, user.id, actor.session)


async def _try(accounts: Accounts, account: str, address: str, email: str) -> None:
    now, network = accounts.clock(), network_of(address)
    waits = accounts.by_account.wait(account, now), accounts.by_address.wait(network, now)
    if wait := max(waits):
        # Whoever goes on trying leaves one line for each time that they have to wait, not one for each try.
        throttles = ((accounts.by_account, account), (accounts.by_address, network))
        first = [throttle.refuse(name) for (throttle, name), own in zip(throttles, waits, strict=True) if own]
        if any(first):
            await _note_refusal(accounts, email, address, wait)
        raise TooOftenError(wait)
    accounts.by_account.tried(account, now)
    accounts.by_address.tried(network, now)


async def _note_refusal(accounts: Accounts, email: str, address: str, wait: int) -> None:
    user = await accounts.in_store(accounts.store.user_by_email, email)
    who = user.email if user else "someone"
    seconds = -(-wait // 1000)
    sentence = f"has to wait {seconds} second{'' if seconds == 1 else 's'}: too many tries to sign in"
    await accounts.note(who, "sign-in.throttled", who, sentence, address)


def _plain(agent: str) -> str:
    return "".join(each for each in agent if each.isprintable())
