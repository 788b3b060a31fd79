from __future__ import annotations

import sys
from typing import Any

import pytest

from lenticular.accounts.openid import is_safe, local_path, may_come, openid_of, roles_from, verified_email
from lenticular.app.accounts.provider import Provider
from lenticular.errors import LenticularError
from lenticular.settings import Settings, load

ISSUER = "https://login.example.com"


def openid(**more: Any) -> Any:
    found = openid_of(Settings(oidc_issuer=ISSUER, oidc_client_id="us", **more))
    assert found is not None
    return found


def test_without_an_issuer_there_is_none() -> None:
    assert openid_of(Settings()) is None
    found = openid(oidc_scopes="email", oidc_domains=" Example.com ,@b.org,")
    assert found.scopes == "openid email" and found.domains == ("example.com", "b.org") and not found.by_group


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"oidc_issuer": "http://login.example.com"}, "LENTICULAR_OIDC_ISSUER"),
        ({"oidc_issuer": "login.example.com"}, "LENTICULAR_OIDC_ISSUER"),
        ({"oidc_issuer": "https://eve:pw@login.example.com"}, "LENTICULAR_OIDC_ISSUER"),
        ({"oidc_issuer": "https://login.example.com:port"}, "LENTICULAR_OIDC_ISSUER"),
        ({"oidc_issuer": ISSUER, "oidc_client_id": ""}, "LENTICULAR_OIDC_CLIENT_ID"),
        ({"oidc_issuer": ISSUER, "oidc_roles": "viewer"}, "LENTICULAR_OIDC_ROLES"),
        ({"oidc_issuer": ISSUER, "oidc_roles": "shop=owner"}, "LENTICULAR_OIDC_ROLES"),
        ({"oidc_issuer": ISSUER, "oidc_roles": "shop=viewer;other=viewer"}, "LENTICULAR_OIDC_ROLES"),
        ({"passwords": "off"}, "LENTICULAR_PASSWORDS"),
    ],
)
def test_settings_with_which_nobody_could_sign_in_are_refused(settings: Any, place: str) -> None:
    with pytest.raises(LenticularError) as error:
        openid_of(Settings(**{"oidc_client_id": "us", **settings}))
    [problem] = error.value.problems
    assert problem.place == place and problem.hint


def test_without_the_extra_the_setting_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("authlib", "joserfc"):
        with monkeypatch.context() as without:
            without.setitem(sys.modules, name, None)
            with pytest.raises(LenticularError) as error:
                Provider(openid(), lambda: 0)
        [problem] = error.value.problems
        assert problem.place == "LENTICULAR_OIDC_ISSUER" and "lenticular[server,oidc]" in problem.hint
    Provider(openid(), lambda: 0)


def test_settings_come_from_the_environment() -> None:
    found = load({"LENTICULAR_OIDC_ISSUER": ISSUER, "LENTICULAR_PASSWORDS": "off", "LENTICULAR_OIDC_CLIENT_ID": "us"})
    assert openid_of(found) == openid()


@pytest.mark.parametrize(
    ("rules", "claims", "roles"),
    [
        ("", {"groups": ["a"]}, {}),
        ("*=viewer", {}, {"*": "viewer"}),
        ("a:shop=editor", {}, {}),
        ("a:shop=editor", {"groups": "a"}, {"shop": "editor"}),
        ("a:shop=editor, b:shop=admin, shop=viewer", {"groups": ["b", "a"]}, {"shop": "admin"}),
        ("b:shop=admin, a:shop=editor", {"groups": ["a", "b"]}, {"shop": "admin"}),
        ("a:shop=editor", {"groups": ["A", 7, None, {"a": 1}]}, {}),
        (
            "two words:x-y=viewer,/path/of:*=viewer",
            {"groups": ["two words", "/path/of"]},
            {"x-y": "viewer", "*": "viewer"},
        ),
        ("a:shop=editor", {"groups": None}, {}),
    ],
)
def test_what_claims_give(rules: str, claims: Any, roles: Any) -> None:
    assert roles_from(openid(oidc_roles=rules), claims) == roles


def test_groups_may_stand_in_another_claim() -> None:
    found = openid(oidc_roles="a:shop=editor", oidc_groups="https://example.com/teams")
    assert roles_from(found, {"https://example.com/teams": ["a"], "groups": []}) == {"shop": "editor"}


def test_an_address_counts_that_the_provider_vouches_for() -> None:
    assert verified_email({"email": "eve@example.com", "email_verified": True}) == "eve@example.com"
    assert verified_email({"email": "eve@example.com", "email_verified": "true"}) == "eve@example.com"
    for claims in ({}, {"email_verified": True}, {"email": "eve@example.com"}):
        assert verified_email(claims) == ""
    for verified in (False, None, "false", "True", [True], 2):
        assert verified_email({"email": "eve@example.com", "email_verified": verified}) == ""
    assert may_come(openid(), "eve@any.org")
    assert may_come(openid(oidc_domains="example.com"), "eve@EXAMPLE.com")
    assert not may_come(openid(oidc_domains="example.com"), "eve@example.com.org")


@pytest.mark.parametrize("url", ["https://a.example/x", "http://127.0.0.1:80/", "http://localhost", "http://[::1]:9/"])
def test_what_is_safe(url: str) -> None:
    assert is_safe(url)


@pytest.mark.parametrize(
    "url", ["http://a.example", "http://127.0.0.1.evil.org", "ftp://a", "https://", "", "https://["]
)
def test_what_is_not_safe(url: str) -> None:
    assert not is_safe(url)


@pytest.mark.parametrize("path", ["/", "/a/b?c=%0a#d", "/a//b"])
def test_paths_of_this_server_stay(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path", ["", "a", "//a", "/\\a", "/a\\b", "http://a", "/a b", "/\t/a", "/é", "/" + "a" * 2_000]
)
def test_what_is_no_path_of_this_server_leads_to_its_beginning(path: str) -> None:
    assert local_path(path) == "/"
