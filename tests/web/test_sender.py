"""What the server knows of who sends a request: browser, language, place; the same for collect and decide."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from lenticular.errors import LenticularError
from lenticular.intake.sender import NOBODY, preferred_language
from lenticular.settings import OFF, Settings
from lenticular.stores.files.places import PlaceFile
from lenticular.web.sender import sender_reader
from tests.decide.world import SITE
from tests.web.place_file import write_place_file
from tests.web.shop import SECRET, Shop, open_shop

pytestmark = pytest.mark.asyncio(loop_scope="module")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"
PHONE = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36"
)
BROWSER = {"user-agent": FIREFOX, "accept-language": "es-ES,es;q=0.9,en;q=0.8"}
PLACE = {"location": {"country": "fr", "region": "Brittany", "city": "Brest"}}
MADRID = {
    "country": {"iso_code": "ES"},
    "subdivisions": [{"names": {"en": "Madrid"}}],
    "city": {"names": {"en": "Madrid", "es": "Madrid"}},
}
PLACES: dict[str, dict[str, Any]] = {
    "127.0.0.0/8": MADRID,
    "203.0.113.0/24": {"country": {"iso_code": "PT"}},
    "198.51.100.0/24": {"odd": "one"},
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def placed(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    folder = tmp_path_factory.mktemp("placed")
    file = write_place_file(folder / "places.mmdb", PLACES)
    settings = Settings(place_headers="CF-IPCountry, X-Region,X-City", place_file=str(file))
    async with open_shop(folder / "data", settings) as shop:
        yield shop


Ask = Callable[..., Any]


@pytest.fixture(params=["collect", "decide"])
def session(request: pytest.FixtureRequest, placed: Shop) -> Ask:
    """Send a context, by one of the two ways; return the session's properties."""

    async def ask(headers: dict[str, str], **context: Any) -> dict[str, Any]:
        me = placed.someone()
        if request.param == "decide":
            body = {
                "site": SITE.key,
                "page": "/",
                "anonymousId": me,
                "context": {"url": "https://b.example/", **context},
            }
            answer = await placed.visitor.post("/v1/decide", json=body, headers=headers)
        else:
            context = {"page": {"url": "https://b.example/"}, **context}
            body = {"anonymousId": me, "context": context}
            key = headers.get("authorization") or "Bearer " + SITE.write_key
            answer = await placed.visitor.post("/v1/page", json=body, headers={**headers, "authorization": key})
        assert answer.status_code == 200, answer.text
        await placed.settled()
        profile = placed.site.collector.current(me, "")
        assert profile is not None and profile.session is not None
        return profile.session.properties

    return ask


def place(properties: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(properties.get(f"t_{name}") for name in ("country", "region", "city"))


async def test_a_browser_is_known_by_its_headers_and_its_place_by_its_address(session: Ask) -> None:
    found = await session(BROWSER)
    assert (found["t_user_agent"], found["t_browser"], found["t_os"]) == (FIREFOX, "Firefox", "Linux")
    assert (found["t_device_type"], found["t_language"]) == ("desktop", "es-ES")
    assert place(found) == ("ES", "Madrid", "Madrid")
    assert "127.0.0.1" not in str(found)


async def test_what_the_message_says_goes_first_but_only_a_server_says_where(session: Ask) -> None:
    hints = {"brands": [{"brand": "Google Chrome", "version": "126"}], "mobile": True, "platform": "Android"}
    found = await session(BROWSER, userAgent=PHONE, userAgentData=hints, **PLACE)
    assert (found["t_user_agent"], found["t_browser"], found["t_device_model"]) == (PHONE, "Chrome", "Pixel 8")
    assert place(found) == ("ES", "Madrid", "Madrid")


async def test_a_server_with_the_secret_key_speaks_for_its_visitors(session: Ask) -> None:
    found = await session({**BROWSER, **SECRET}, **PLACE)
    assert not {"t_user_agent", "t_browser", "t_language"} & found.keys()
    assert place(found) == ("FR", "Brittany", "Brest")
    assert place(await session({**BROWSER, **SECRET})) == (None, None, None)


async def test_a_library_is_no_browser(session: Ask) -> None:
    found = await session({"user-agent": "analytics-python/2.3", "accept-language": "de"})
    assert not {"t_user_agent", "t_language", "t_country"} & found.keys()


async def test_headers_that_a_proxy_sets_go_before_the_address(session: Ask) -> None:
    told = {"cf-ipcountry": "BR", "x-city": "S%C3%A3o Paulo"}
    assert place(await session({**BROWSER, **told})) == ("BR", None, "São Paulo")
    assert place(await session({**BROWSER, "cf-ipcountry": "XX"})) == ("ES", "Madrid", "Madrid")


async def test_a_proxy_on_the_same_machine_says_whose_address_it_is(session: Ask) -> None:
    assert place(await session({**BROWSER, "x-forwarded-for": "203.0.113.9"})) == ("PT", None, None)


async def test_cookies_and_custom_attributes_reach_rules(session: Ask) -> None:
    own = {"tier": "gold", "score": 5, "browser": "mine", "query": {"x": "y"}, "cart": {"total": 12.5}}
    found = await session(BROWSER, cookies={"theme": "dark", "a b": "1", "gone": None}, custom=own)
    assert (found["t_tier"], found["n_score"], found["n_cart~2Etotal"]) == ("gold", 5.0, 12.5)
    assert (found["t_cookies~2Etheme"], found["t_cookies~2Ea~20b"]) == ("dark", "1")
    assert found["t_browser"] == "Firefox"
    assert "t_query~2Ex" not in found and "t_cookies~2Egone" not in found


async def test_a_decision_sees_what_it_was_told_and_keeps_it(placed: Shop) -> None:
    me = placed.someone()
    asked: dict[str, Any] = {"site": SITE.key, "page": "/", "anonymousId": me}
    for tier in ("gold", "platinum"):
        own = {"custom": {"level": tier}, "cookies": {"theme": "dark"}}
        asked["context"] = {"url": "https://b.example/?coupon=x&coupon=y", **own}
        assert (await placed.visitor.post("/v1/decide", json=asked, headers=BROWSER)).status_code == 200
        placed.now += 1
    await placed.settled()
    profile = placed.site.collector.current(me, "")
    assert profile is not None and profile.session is not None
    assert profile.session.properties["t_level"] == "platinum"
    await placed.site.settle()
    rule = (
        'session.level == "platinum" and session.cookies.theme == "dark" and session.query.coupon == "x,y"'
        ' and session.browser == "Firefox" and session.channel == "direct" and session.seconds < 1'
        " and session.signed_in == False and session.last_sign_in is None"
    )
    assert (await placed.ask("count", rule=rule))["people"] == 1
    assert (await placed.ask("explain", rule=rule, anonymousId=me))["member"] is True


async def test_a_decisions_context_that_cannot_be_kept_is_refused_with_its_place(placed: Shop) -> None:
    body = {"site": SITE.key, "page": "/", "anonymousId": "x", "context": {"custom": {"a": "\0"}}}
    answer = await placed.visitor.post("/v1/decide", json=body)
    assert (answer.status_code, answer.json()["place"]) == (400, "/context/custom/a")


def scope(**headers: str) -> dict[str, Any]:
    return {"headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]}


async def test_place_headers_are_believed_only_where_a_setting_names_them() -> None:
    asked = scope(user_agent=FIREFOX, cf_ipcountry="BR")
    assert sender_reader(OFF)(asked, False).place == {}
    assert sender_reader("CF-IPCountry")(asked, False).place == {"t_country": "BR"}
    assert sender_reader("CF-IPCountry")(scope(cf_ipcountry="BR"), False) == NOBODY


@pytest.mark.parametrize("setting", ["", "a,b,c,d", "CF IPCountry", "a,,b"])
async def test_a_wrong_list_of_headers_is_refused(setting: str) -> None:
    with pytest.raises(LenticularError, match="LENTICULAR_PLACE_HEADERS"):
        sender_reader(setting)


async def test_a_place_file(tmp_path: Path) -> None:
    file = PlaceFile(write_place_file(tmp_path / "p.mmdb", PLACES))
    assert file.place_of("127.9.9.9") == {"t_country": "ES", "t_region": "Madrid", "t_city": "Madrid"}
    assert file.place_of("203.0.113.1") == {"t_country": "PT"}
    assert [file.place_of(address) for address in ("8.8.8.8", "198.51.100.1", "nonsense", "", "::1")] == [{}] * 5
    file.close()


async def test_a_place_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LenticularError, match="There is no such file"):
        PlaceFile(tmp_path / "absent.mmdb")
    (tmp_path / "text.mmdb").write_text("text")
    with pytest.raises(LenticularError, match="LENTICULAR_PLACE_FILE: It can't be read"):
        PlaceFile(tmp_path / "text.mmdb")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", ""),
        ("pt", "pt"),
        ("en;q=0.5, fr-CA ; q=0.9, *", "fr-CA"),
        ("*", ""),
        ("de;q=0, en;q=x", ""),
        ("ca, es;q=1.0", "ca"),
    ],
)
async def test_the_language_that_is_wanted_most(header: str, language: str) -> None:
    assert preferred_language(header) == language
