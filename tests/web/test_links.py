"""Links that bring someone in, tokens that programs show, and the log of all that."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from lenticular.accounts.actor import COMMAND_LINE
from lenticular.accounts.link import LASTS
from lenticular.app.accounts.accounts import Accounts
from lenticular.app.accounts.links import set_up
from tests.decide.world import SITE
from tests.web.shop import Shop, open_shop
from tests.web.test_accounts import opened as opened
from tests.web.test_accounts import own as own
from tests.web.visitors import PASSWORD, Browser, answered, problem, signed_in, user

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_first_user_comes_by_the_link_that_the_server_prints(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as empty:
        await _set_up(empty)
        await Browser.close_all()


async def _set_up(own: Shop) -> None:
    accounts = Accounts(own.installation)
    first, second = await set_up(accounts, COMMAND_LINE), await set_up(accounts, COMMAND_LINE)
    assert first is not None and second is not None
    browser = Browser(own)
    who = {"email": "root@example.com", "name": "Root"}
    assert problem(await browser.use(secret=first.secret, **who), 404) == "link.unknown", "a newer one ends it"
    assert problem(await browser.use(secret=second.secret, email="x"), 422) == "user.email"
    assert answered(await browser.use(secret=second.secret, **who), 200)["roles"] == {"*": "admin"}
    assert problem(await Browser(own).use(secret=second.secret, **who), 404) == "link.unknown"
    assert len(answered(await browser.ask("GET", "/api/users"), 200)) == 1
    assert await set_up(accounts, COMMAND_LINE) is None


async def test_an_invitation_is_good_once(own: Shop) -> None:
    new = {"email": "tom@example.com", "roles": {"shop": "editor"}}
    given = answered(await own.admin.post("/api/invitations", json=new), 201)
    assert given["path"] == f"/join#{given['secret']}"
    told = (await own.admin.get("/api/invitations")).text
    assert given["secret"] not in told and "tom@example.com" in told
    looked = await own.visitor.post("/api/links/look", json={"secret": given["secret"]})
    assert answered(looked, 200)["purpose"] == "invitation"
    tom = Browser(own)
    assert problem(await tom.use(secret=given["secret"], password="short"), 422) == "password.length"
    me = answered(await tom.use(secret=given["secret"], name="Tom", email="other@example.com"), 200)
    assert (me["name"], me["email"], me["roles"]) == ("Tom", "tom@example.com", {"shop": "editor"})
    assert problem(await Browser(own).use(secret=given["secret"]), 404) == "link.unknown"
    assert problem(await own.admin.post("/api/invitations", json=new), 409) == "user.taken"
    answered(await Browser(own).sign_in("tom@example.com"), 200)


async def test_an_invitation_that_expired_or_was_withdrawn_is_good_for_nothing(own: Shop) -> None:
    new = {"email": "ann@example.com", "roles": {}}
    given = answered(await own.admin.post("/api/invitations", json=new), 201)
    own.now += LASTS["invitation"]
    assert problem(await Browser(own).use(secret=given["secret"]), 404) == "link.unknown"
    given = answered(await own.admin.post("/api/invitations", json=new), 201)
    answered(await own.admin.delete(f"/api/invitations/{given['link']['id']}"), 204)
    assert problem(await Browser(own).use(secret=given["secret"]), 404) == "link.unknown"
    for secret in ("", "ll_x", "\0", "x" * 10_000):
        assert problem(await Browser(own).use(secret=secret), 404) == "link.unknown"


async def test_a_link_sets_a_new_password(own: Shop) -> None:
    eve = await signed_in(own, "eve20@example.com", shop="viewer")
    first = answered(await own.admin.post("/api/users/eve20@example.com/reset"), 201)
    given = answered(await own.admin.post("/api/users/eve20@example.com/reset"), 201)
    new = "another battery horse"
    assert problem(await Browser(own).use(secret=first["secret"], password=new), 404) == "link.unknown"
    again = Browser(own)
    assert answered(await again.use(secret=given["secret"], password=new), 200)["roles"] == {"shop": "viewer"}
    assert (await eve.ask("GET", "/api/session")).status_code == 401
    assert (await Browser(own).sign_in("eve20@example.com", PASSWORD)).status_code == 401
    answered(await again.ask("GET", "/api/sites/shop/drafts"), 200)


async def test_a_token_may_what_it_says_and_is_shown_once(own: Shop) -> None:
    eve = await signed_in(own, "eve21@example.com", shop="publisher")
    for body, status, code in (
        ({"name": "ci", "role": "admin", "site": "shop"}, 403, "token.role"),
        ({"name": "ci", "role": "admin"}, 403, "token.role"),
        ({"name": "", "role": "viewer"}, 422, "token.name"),
        ({"name": "ci", "role": "viewer", "site": "unheard-of"}, 403, "token.role"),
        ({"name": "ci", "role": "viewer", "days": 0}, 422, "token.days"),
    ):
        assert problem(await eve.ask("POST", "/api/tokens", body), status) == code
    new = {"name": "ci", "role": "editor", "site": "shop", "days": 2}
    made = answered(await eve.ask("POST", "/api/tokens", new), 201)
    program = {"authorization": f"Bearer {made['secret']}"}
    told = (await eve.ask("GET", "/api/tokens")).text
    assert made["secret"] not in told and made["token"]["id"] in told

    async def asked(method: str, path: str, body: Any = None) -> Any:
        return await own.visitor.request(method, path, json=body, headers=program)

    draft = {"body": {"name": "Won", "event": "Won"}}
    saved = answered(await asked("PUT", "/api/sites/shop/drafts/goals/won", draft), 200)
    assert saved["author"]["name"] == "eve21 (ci)"
    answered(await asked("DELETE", "/api/sites/shop/drafts/goals/won"), 204)
    assert problem(await asked("POST", "/api/sites/shop/publications", {"drafts": []}), 403) == "access.role"
    assert problem(await asked("POST", "/api/tokens", new), 403) == "token.token"
    assert problem(await asked("DELETE", f"/api/tokens/{made['token']['id']}"), 403) == "token.token"
    answered(await asked("DELETE", "/api/session?everywhere=true"), 204)
    answered(await eve.ask("GET", "/api/session"), 200)
    assert problem(await asked("PUT", "/api/session/password", {"old": PASSWORD, "new": PASSWORD}), 403)
    own.now += 2 * 86_400_000
    assert (await asked("GET", "/api/session")).status_code == 401
    await user(own, "tom21@example.com", shop="admin")
    tom = Browser(own)
    answered(await tom.sign_in("tom21@example.com"), 200)
    assert problem(await tom.ask("DELETE", f"/api/tokens/{made['token']['id']}"), 404) == "token.unknown"
    answered(await eve.ask("DELETE", f"/api/tokens/{made['token']['id']}"), 204)
    assert answered(await eve.ask("GET", "/api/tokens"), 200) == []


async def test_of_another_site_nothing_is_learnt(own: Shop) -> None:
    """IDOR: a site that is there and one that is not are refused in the same words."""
    answered(await own.admin.put("/api/sites/other", json={}), 200)
    eve = await signed_in(own, "eve22@example.com", other="admin")
    for path in ("drafts", "definitions/segments/rich", "definitions/site/shop", "publications/1", "segments"):
        there = await eve.ask("GET", f"/api/sites/shop/{path}")
        missing = await eve.ask("GET", f"/api/sites/nope/{path}")
        assert problem(there, 404) == "site.unknown"
        assert there.json() == json.loads(missing.text.replace("nope", "shop"))
    assert "shop" not in (await eve.ask("GET", "/api/sites")).text
    own_publication = answered(await eve.ask("GET", "/api/sites/other/publications"), 200)["publications"][0]["id"]
    of_shop = answered(await own.admin.get("/api/sites/shop/publications"), 200)["publications"][0]["id"]
    answered(await eve.ask("GET", f"/api/sites/other/publications/{own_publication}"), 200)
    assert problem(await eve.ask("GET", f"/api/sites/other/publications/{of_shop}"), 404) == "publication.unknown"
    segment = answered(await own.admin.get("/api/sites/shop/definitions/segments/rich"), 200)["definition"]["id"]
    for path in ("", "/uses", "/revisions", "/revisions/1"):
        answer = await eve.ask("GET", f"/api/sites/other/definitions/segments/{segment}{path}")
        assert problem(answer, 404) == "definition.unknown"


async def test_keys_of_a_site_are_for_its_admins(own: Shop) -> None:
    draft = {"body": {"timezone": "America/New_York", "writeKey": "w", "name": "The shop"}}
    saved = await own.admin.put("/api/sites/shop/drafts/site/shop", json=draft, headers={"if-match": "*"})
    assert saved.status_code == 200, saved.text
    secret = {"body": {**draft["body"], "secretKey": "a new secret"}}
    answer = await own.admin.put("/api/sites/shop/drafts/site/shop", json=secret, headers={"if-match": "*"})
    assert problem(answer, 422) == "draft.secret"
    eve = await signed_in(own, "eve23@example.com", shop="publisher")
    for path in ("catalog", "keys", "definitions/site/shop", "drafts/site/shop", "definitions/site/shop/revisions"):
        assert problem(await eve.ask("GET", f"/api/sites/shop/{path}"), 403) == "access.role"
    assert problem(await eve.ask("PUT", "/api/sites/shop/drafts/site/shop", draft), 403) == "access.role"
    listed = answered(await eve.ask("GET", "/api/sites/shop/drafts"), 200)
    assert listed["drafts"][0]["kind"] == "site"
    publications = answered(await own.admin.get("/api/sites/shop/publications"), 200)["publications"]
    first = publications[-1]["id"]
    for path in ("drafts", "publications", f"publications/{first}", "definitions"):
        assert SITE.secret_key not in (await eve.ask("GET", f"/api/sites/shop/{path}")).text, path
    answer = await eve.ask("POST", f"/api/sites/shop/publications/{first}/undo")
    assert problem(answer, 403) == "access.role"
    answered(await own.admin.delete("/api/sites/shop/drafts/site/shop"), 204)


async def test_every_change_and_every_sign_in_is_in_the_log(own: Shop) -> None:
    eve = await signed_in(own, "eve24@example.com", shop="editor")
    assert (await Browser(own).sign_in("eve24@example.com", "wrong")).status_code == 401
    assert (await Browser(own).sign_in("=cmd()", "wrong")).status_code == 401
    answered(await eve.ask("PUT", "/api/sites/shop/drafts/goals/won", {"body": {"event": "Won"}}), 200)
    answered(await eve.ask("GET", "/api/sites/shop/drafts"), 200)
    assert (await eve.ask("POST", "/api/sites/shop/publications", {"drafts": []})).status_code == 403
    answered(await eve.ask("DELETE", "/api/sites/shop/drafts/goals/won"), 204)
    answered(await own.admin.put("/api/users/eve24@example.com", json={"roles": {"shop": "viewer"}}), 200)
    page = answered(await own.admin.get("/api/audit?limit=7"), 200)
    found = [(one["who"], one["what"], one["site"], one["sentence"]) for one in page["entries"]]
    assert found == [
        (
            "admin",
            "PUT /api/users/{user}",
            "",
            "changed the user eve24@example.com: roles: editor of shop, now viewer of shop",
        ),
        ("eve24", "DELETE /api/sites/{key}/drafts/{kind}/{definition}", "shop", "discarded the draft of goals/won"),
        ("eve24", "PUT /api/sites/{key}/drafts/{kind}/{definition}", "shop", "saved a draft of goals/won"),
        ("someone", "sign-in.refused", "", "was not let in"),
        ("eve24@example.com", "sign-in.refused", "", "was not let in"),
        ("eve24", "sign-in", "", "signed in"),
        ("admin", "POST /api/users", "", "added the user eve24@example.com: editor of shop"),
    ]
    assert page["entries"][5]["address"] == "127.0.0.1"
    rest = answered(await own.admin.get(f"/api/audit?before={page['next']}&limit=1000"), 200)
    assert rest["next"] is None and rest["entries"][0]["id"] < page["next"]
    searched = answered(await own.admin.get("/api/audit?text=EVE24&what=sign-in.refused"), 200)["entries"]
    assert [one["who"] for one in searched] == ["eve24@example.com"]
    assert answered(await own.admin.get("/api/audit?until=2000-01-01"), 200)["entries"] == []
    assert problem(await own.admin.get("/api/audit?since=whenever"), 422) == "at"
    assert PASSWORD not in (await own.admin.get("/api/audit/export")).text


async def test_the_log_is_exported_whole(own: Shop) -> None:
    await signed_in(own, "eve25@example.com")
    await own.admin.put("/api/users/eve25@example.com", json={"name": "=HYPERLINK(1)"})
    eve = Browser(own)
    answered(await eve.sign_in("eve25@example.com"), 200)
    lines = [json.loads(line) for line in (await own.admin.get("/api/audit/export")).text.splitlines()]
    rows = list(csv.DictReader(io.StringIO((await own.admin.get("/api/audit/export?format=csv")).text)))
    assert len(rows) == len(lines) + 1, "the export itself is noted"
    assert rows[0]["what"] == "GET /api/audit/export"
    assert rows[2]["who"] == "'=HYPERLINK(1)" and lines[1]["who"] == "=HYPERLINK(1)"
