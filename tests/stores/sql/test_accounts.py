"""What every store of accounts does."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from lenticular.accounts.entry import Entry, Wanted
from lenticular.accounts.link import Link
from lenticular.accounts.session import IDLE, Session, begun
from lenticular.accounts.token import Token
from lenticular.accounts.user import User
from lenticular.errors import ConflictError
from lenticular.ports import AccountStore
from lenticular.stores.sql.accounts import SqlAccounts
from lenticular.stores.sql.database import SqlDatabase
from tests.docs.page import ROOT

EVE = User("u1", "Eve@Example.com", "Eve", "hash", 1, {"*": "admin", "shop": "viewer"})
TOM = User("u2", "tom@example.com", "Tom", "", 2, {})


@pytest.fixture
def accounts(database: SqlDatabase) -> AccountStore:
    return SqlAccounts(database)


def test_users_and_their_roles(accounts: AccountStore) -> None:
    assert accounts.users() == [] and accounts.user("u1") is None
    assert accounts.put_user(EVE) and accounts.put_user(TOM)
    assert accounts.users() == [EVE, TOM]
    assert accounts.user_by_email("eve@example.COM ") == EVE
    less = msgspec.structs.replace(EVE, roles={"shop": "editor"}, state="disabled")
    accounts.put_user(less)
    assert accounts.user("u1") == less


def test_an_address_is_one_users_in_any_case(accounts: AccountStore) -> None:
    accounts.put_user(EVE)
    with pytest.raises(ConflictError):
        accounts.put_user(msgspec.structs.replace(TOM, email="EVE@example.com"))
    assert accounts.users() == [EVE]


def test_a_link_is_good_once(accounts: AccountStore) -> None:
    link = Link("l1", "h", "invitation", "tom@example.com", {"shop": "editor"}, None, "Eve", 1, 10)
    accounts.add(link)
    assert accounts.link("h") == link and accounts.links() == [link]
    accounts.put_user(EVE)
    with pytest.raises(ConflictError):
        accounts.put_user(msgspec.structs.replace(TOM, email=EVE.email), "h")
    assert accounts.link("h") == link, "what failed uses nothing up"
    assert accounts.put_user(TOM, "h")
    assert not accounts.put_user(msgspec.structs.replace(TOM, name="Another"), "h")
    assert accounts.user("u2") == TOM and accounts.links() == []


def test_what_a_removed_user_signed_in_with_goes_too(accounts: AccountStore) -> None:
    accounts.put_user(EVE)
    accounts.put_user(TOM)
    accounts.add(begun("s1", "u1", 1, "x"))
    accounts.add(begun("s2", "u2", 1, "x"))
    accounts.add(Token("t1", "h1", "ci", "viewer", "*", "u1", "Eve", 1))
    accounts.add(Token("t2", "h2", "ci", "viewer", "shop", None, "admin", 2, None, 9))
    accounts.add(Link("l1", "h", "reset", EVE.email, {}, "u1", "Eve", 1, 10))
    assert accounts.session("s1") == (begun("s1", "u1", 1, "x"), EVE)
    assert accounts.token("h1") == (Token("t1", "h1", "ci", "viewer", "*", "u1", "Eve", 1), EVE)
    accounts.remove_user("u1")
    assert accounts.session("s1") is None and accounts.token("h1") is None and accounts.link("h") is None
    assert accounts.session("s2") is not None and accounts.users() == [TOM]
    assert [one.id for one in accounts.tokens()] == ["t2"]
    found = accounts.token("h2")
    assert found is not None and found[1] is None


def test_an_identity_is_one_users_and_stays_when_they_go(accounts: AccountStore) -> None:
    accounts.put_user(EVE)
    accounts.put_user(TOM)
    assert accounts.known_to("https://a", "s1") == (False, None) and accounts.subjects("u1", "https://a") == []
    accounts.join_identity("https://a", "s1", "u1", 1)
    accounts.join_identity("https://b", "s1", "u2", 1)
    assert accounts.known_to("https://a", "s1") == (True, EVE) and accounts.known_to("https://b", "s1") == (True, TOM)
    assert accounts.subjects("u1", "https://a") == ["s1"] and accounts.subjects("u1", "https://b") == []
    accounts.remove_user("u1")
    assert accounts.known_to("https://a", "s1") == (True, None) and accounts.known_to("https://b", "s1") == (True, TOM)
    assert accounts.was_removed(" eve@EXAMPLE.com") and not accounts.was_removed(TOM.email)
    accounts.put_user(EVE)
    assert not accounts.was_removed(EVE.email)
    accounts.join_identity("https://a", "s1", "u1", 2)
    assert accounts.known_to("https://a", "s1") == (True, EVE)
    accounts.remove_user("u1")
    accounts.remove_user("u1")
    accounts.put_user(EVE)
    accounts.remove_user("u1")
    assert accounts.was_removed(EVE.email)


def test_sessions_end(accounts: AccountStore) -> None:
    accounts.put_user(EVE)
    for name in ("a", "b", "c"):
        accounts.add(begun(name, "u1", 1, "x"))
    accounts.session_seen("a", 7)
    found = accounts.session("a")
    assert found is not None and found[0].seen == 7
    accounts.end_session("b")
    accounts.end_sessions("u1", but="a")
    assert [one.id for one in accounts.sessions("u1")] == ["a"]
    accounts.end_sessions("u1")
    assert accounts.sessions("u1") == []


def test_what_expired_is_forgotten(accounts: AccountStore) -> None:
    accounts.put_user(EVE)
    accounts.add(Session("old", "u1", 0, 0, 5, ""))
    accounts.add(Session("idle", "u1", 0, 10, 10 * IDLE, ""))
    accounts.add(Session("used", "u1", 0, 11, 10 * IDLE, ""))
    accounts.add(Link("l1", "h1", "reset", EVE.email, {}, "u1", "Eve", 1, 10 + IDLE))
    accounts.add(Link("l2", "h2", "setup", "", {}, None, "Eve", 1, 11 + IDLE))
    accounts.forget(10 + IDLE)
    assert [one.id for one in accounts.sessions("u1")] == ["used"]
    assert [one.id for one in accounts.links()] == ["l2"]
    accounts.end_links("setup", None)
    assert accounts.links() == []


def test_tokens_are_used_and_end(accounts: AccountStore) -> None:
    accounts.add(Token("t1", "h1", "ci", "viewer", "*", None, "Eve", 1))
    accounts.token_used("t1", 5)
    assert [one.used for one in accounts.tokens()] == [5]
    accounts.end_token("t1")
    assert accounts.token("h1") is None


def test_the_audit_log_is_searched_and_paged(accounts: AccountStore) -> None:
    for at in range(5):
        accounts.note(Entry(at, "Eve", "u1", "PUT /x", "shop", f"drafts/{at}", f"changed {at}%", "127.0.0.1"))
    accounts.note(Entry(9, "Tom", "u2", "sign-in", "", "Tom", "signed in with NUL \0 and \ud800"))
    every = accounts.audit(Wanted(), None, 10)
    assert [one.at for one in every] == [9, 4, 3, 2, 1, 0]
    assert [one.at for one in accounts.audit(Wanted(), every[1].id, 2)] == [3, 2]
    assert [one.at for one in accounts.audit(Wanted(text="CHANGED 3%"), None, 10)] == [3]
    assert accounts.audit(Wanted(text="c_anged"), None, 10) == []
    assert [one.at for one in accounts.audit(Wanted(who="u2"), None, 10)] == [9]
    assert [one.at for one in accounts.audit(Wanted(what="sign-in", site=""), None, 10)] == [9]
    assert [one.at for one in accounts.audit(Wanted(site="shop", since=1, until=3), None, 10)] == [2, 1]


def test_no_statement_changes_a_line_of_the_audit_log_and_one_lets_go_of_old_ones() -> None:
    """That one is retention's, which an operator has to ask for."""
    naming = {path.name for path in (ROOT / "src").rglob("*.py") if "AUDIT" in path.read_text()}
    assert naming == {"audit.py", "account_tables.py"}
    words = Path(ROOT / "src/lenticular/stores/sql/audit.py").read_text().partition("import annotations")[2]
    assert "update(" not in words and "text(" not in words
    assert words.count("delete(") == 1 == words.count("delete(AUDIT).where(AUDIT.c.at < before)")
