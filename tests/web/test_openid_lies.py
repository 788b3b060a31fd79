"""Sign-in with OpenID Connect, when the provider lies or is down, and browsers bring what is not theirs."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.web.openid_provider import SECRET
from tests.web.openid_world import START, World
from tests.web.openid_world import opened as opened
from tests.web.openid_world import world as world
from tests.web.shop import HOUR

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("lies", "says"),
    [
        ({"nonce": "another"}, "id token"),
        ({"nonce": None}, "id token"),
        ({"aud": "another program"}, "id token"),
        ({"aud": ["another program", "lenticular"]}, "id token"),
        ({"aud": ["another program", "lenticular"], "azp": "another program"}, "id token"),
        ({"iss": "https://login.example.org"}, "id token"),
        ({"exp": -61}, "id token"),
        ({"exp": None}, "id token"),
        ({"iat": None}, "id token"),
        ({"iat": 600}, "id token"),
        ({"nbf": 600}, "id token"),
        ({"sub": None}, "id token"),
        ({"sub": ""}, "id token"),
        ({"sub": 7}, "id token"),
    ],
)
async def test_a_token_that_is_not_for_this_sign_in_is_refused(world: World, lies: dict[str, Any], says: str) -> None:
    await world.known("eve", shop="viewer")
    world.provider.lies = lies
    await world.stays_out(await world.browser(), says, 502)
    world.provider.lies = {}
    await world.comes_in(await world.browser())


@pytest.mark.parametrize("forge", ["none", "HS256", "stranger"])
async def test_a_token_that_the_provider_did_not_sign_is_refused(world: World, forge: str) -> None:
    await world.known("eve", shop="viewer")
    world.provider.forge = forge
    await world.stays_out(await world.browser(), "id token", 502)


async def test_keys_that_are_rotated_are_read_again(world: World) -> None:
    await world.known("eve", shop="viewer")
    await world.comes_in(await world.browser())
    world.provider.rotate("k2")
    world.shop.now += 10_000
    await world.comes_in(await world.browser())
    assert world.provider.asked.count("/keys") == 2
    world.provider.signing = "k3"
    world.provider.keys["k3"] = world.provider.keys["k2"]
    world.provider.keys = {"k3": world.provider.keys["k3"], "k2": world.provider.keys["k2"]}
    before = world.provider.asked.count("/keys")
    for _ in range(3):
        await world.stays_out(await world.browser(), "id token", 502)
    assert world.provider.asked.count("/keys") - before <= 1, "nobody makes us ask the provider all the time"


async def test_a_provider_that_is_down_is_told_and_comes_back(world: World) -> None:
    await world.known("eve", shop="viewer")
    world.provider.down = True
    answer = await (await world.browser()).http.get(START)
    assert answer.status_code == 502 and "does not answer" in answer.text
    asked = len(world.provider.asked)
    assert (await (await world.browser()).http.get(START)).status_code == 502
    assert len(world.provider.asked) == asked, "it is left in peace for a moment"
    world.provider.down = False
    world.shop.now += 10_000
    back = await world.at_provider(browser := await world.browser())
    world.provider.down = True
    answer = await browser.http.get(back)
    assert answer.status_code == 502 and "does not answer" in answer.text
    world.provider.down = False
    world.shop.now += 10_000
    await world.comes_in(browser)


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://login.example.org"},
        {"token_endpoint": "http://login.example.org/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": None},
        {"id_token_signing_alg_values_supported": "RS256"},
    ],
)
async def test_a_provider_that_says_strange_things_of_itself_is_not_believed(
    world: World, metadata: dict[str, Any]
) -> None:
    world.provider.metadata = metadata
    answer = await (await world.browser()).http.get(START)
    assert answer.status_code == 502 and "be believed" in answer.text and "location" not in answer.headers


async def test_a_provider_that_offers_symmetric_algorithms_alone_is_of_no_use(world: World) -> None:
    world.provider.metadata = {"id_token_signing_alg_values_supported": ["HS256", "none"]}
    world.provider.forge = "HS256"
    await world.known("eve", shop="viewer")
    await world.stays_out(await world.browser(), "id token", 502)


async def test_an_answer_is_good_once_and_in_its_own_browser_alone(world: World) -> None:
    await world.known("eve", shop="viewer")
    mallory, eve = await world.browser(), await world.browser()
    back = await world.at_provider(mallory)
    answer = await eve.http.get(back)  # a link that somebody sent: it would sign eve in as mallory
    assert answer.status_code == 403 and "another browser" in answer.text
    assert (await eve.http.get("/api/session")).status_code == 401
    answer = await mallory.http.get(back)
    assert answer.status_code == 403 and "has been used" in answer.text
    back = await world.at_provider(eve)
    assert (await eve.http.get(back)).status_code == 303
    assert (await eve.http.get(back)).status_code == 403, "twice"
    back = await world.at_provider(mallory)
    world.shop.now += HOUR
    assert "took too long" in (await mallory.http.get(back)).text
    for odd in ("", "?state=x", "?code=x", "?state=x&code=y", "?state=" + "x" * 5000, "?error=access_denied"):
        assert (await mallory.http.get(f"{START}/callback{odd}")).status_code == 403


async def test_a_code_is_not_taken_from_one_sign_in_into_another(world: World) -> None:
    await world.known("eve", shop="viewer")
    first, second = await world.browser(), await world.browser()
    one, other = httpx.URL(await world.at_provider(first)), httpx.URL(await world.at_provider(second))
    swapped = other.copy_set_param("code", one.params["code"])
    answer = await second.http.get(swapped)
    assert answer.status_code == 502, "the verifier is another one's"


async def test_two_tabs_of_one_browser_do_not_disturb_each_other(world: World) -> None:
    await world.known("eve", shop="viewer")
    browser = await world.browser()
    first, second = await world.at_provider(browser, "/one"), await world.at_provider(browser, "/two")
    assert (await browser.http.get(first)).headers["location"] == "/one"
    answer = await browser.http.get(second)
    assert answer.status_code == 403 and "Begin again" in answer.text, "the first one has signed this browser in"


async def test_what_the_provider_says_instead_of_a_code_is_told_but_not_repeated_blindly(world: World) -> None:
    for error, shown in (("access_denied", "(access_denied)"), ("<script>alert(1)</script>", "says no.")):
        browser = await world.browser()
        state = httpx.URL(await world.at_provider(browser)).params["state"]
        answer = await browser.http.get(f"{START}/callback", params={"state": state, "error": error})
        assert answer.status_code == 403 and shown in answer.text and "<script>" not in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_the_answer_of_another_provider_is_refused(world: World) -> None:
    await world.known("eve", shop="viewer")
    browser = await world.browser()
    back = httpx.URL(await world.at_provider(browser)).copy_set_param("iss", "https://login.example.org")
    answer = await browser.http.get(back)
    assert answer.status_code == 502 and "another provider" in answer.text
    back = httpx.URL(await world.at_provider(browser)).copy_set_param("iss", world.provider.url)
    assert (await browser.http.get(back)).status_code == 303


async def test_nothing_of_a_sign_in_is_logged(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "lenticular")
    await world.known("eve", shop="viewer")
    await world.comes_in(await world.browser())
    world.provider.forge = "none"
    await world.stays_out(await world.browser(), "id token", 502)
    said = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("lenticular"))
    assert not [word for word in ("sub-eve", "access token", SECRET, "state=", "code=", "eyJ") if word in said], said


async def test_nobody_has_the_provider_asked_in_vain_without_end(world: World) -> None:
    await world.known("eve", shop="viewer")
    browser = await world.browser()
    for _ in range(50):
        back = httpx.URL(await world.at_provider(browser)).copy_set_param("code", "made up")
        assert (await browser.http.get(back)).status_code == 502
    asked = world.provider.asked.count("/token")
    back = httpx.URL(await world.at_provider(browser)).copy_set_param("code", "made up")
    answer = await browser.http.get(back)
    assert answer.status_code == 429 and "too many tries" in answer.text
    assert world.provider.asked.count("/token") == asked
    world.shop.now += HOUR
    await world.comes_in(browser)
