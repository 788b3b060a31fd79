from __future__ import annotations

from collections.abc import Iterator

import pytest
from argon2.low_level import Type, verify_secret
from msgspec.structs import replace

from lenticular.accounts import password
from lenticular.accounts.entry import Entry, sound
from lenticular.accounts.password import NOBODY, checked_password, hashed, matches
from lenticular.accounts.secret import hash_of, new_secret, proof_of
from lenticular.accounts.session import IDLE, LONGEST, begun, is_open
from lenticular.accounts.user import checked_email, checked_name, email_key
from lenticular.errors import LenticularError


def test_a_password_matches_its_hash_alone() -> None:
    kept = hashed("correct horse battery", "salt")
    assert matches(kept, "correct horse battery")
    assert not matches(kept, "correct horse batterx")
    assert kept != hashed("correct horse battery", "another salt") and "correct" not in kept


def test_a_hash_is_computed_either_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether there is a user can't be told from how long the answer takes."""
    asked: list[bytes] = []

    def watched(kept: bytes, secret: bytes, kind: Type) -> bool:
        asked.append(kept)
        return verify_secret(kept, secret, kind)

    monkeypatch.setattr(password, "verify_secret", watched)
    kept = hashed("correct horse battery", "salt")
    for of in (kept, ""):
        assert not matches(of, "wrong")
    assert asked == [kept.encode(), NOBODY.encode()]
    cost = [one.split(b"$")[1:4] for one in asked]
    assert cost[0] == cost[1]
    assert not matches("", "nobody"), "even with the password of nobody"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("short", "password.length"),
        ("x" * 1_001, "password.length"),
        ("aaaaaaaaaaaaaaaa", "password.weak"),
        ("Eve.Eve@example.com", "password.weak"),
    ],
)
def test_passwords_that_are_none(given: str, code: str) -> None:
    with pytest.raises(LenticularError) as error:
        checked_password(given, "eve.eve@example.com")
    assert error.value.problems[0].code == code


@pytest.mark.parametrize("wrong", ["", "eve", "@x", "a@", "a b@x", "a@x\n@y", "x" * 65 + "@y", "a@b\0"])
def test_what_is_no_address(wrong: str) -> None:
    with pytest.raises(LenticularError):
        checked_email(wrong)


def test_an_address_in_another_spelling_is_the_same() -> None:
    assert email_key(" EVE@Straße.example") == email_key("eve@STRASSE.example")
    assert email_key("\0\ud800") == email_key("\ufffd?")
    with pytest.raises(LenticularError):
        checked_name("Eve\x1b[2J")


def test_a_secret_is_not_what_is_kept() -> None:
    ids: Iterator[str] = iter("abcd")
    secret = new_secret("lt_", lambda: next(ids))
    assert secret == "lt_ab" and "ab" not in hash_of(secret)[:4]
    assert proof_of(secret) != proof_of("lt_cd") and proof_of(secret) not in hash_of(secret)


def test_a_session_ends_when_it_is_idle_and_when_it_is_old() -> None:
    session = begun("s", "u", 1_000, "x" * 999)
    assert len(session.agent) == 300
    assert is_open(session, 1_000 + IDLE - 1) and not is_open(session, 1_000 + IDLE)
    busy = begun("s", "u", 1_000, "")
    assert not is_open(replace(busy, seen=1_000 + LONGEST), 1_000 + LONGEST)


def test_a_line_of_the_log_is_sound() -> None:
    entry = sound(Entry(1, "\ud800", "", "x", "", "\0", "y" * 999))
    assert (entry.who, entry.target, len(entry.sentence)) == ("?", "\ufffd", 500)
