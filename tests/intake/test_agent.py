"""What a device is, from user agents and client hints as real ones send them."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from lenticular.intake.agent import DEVICE_TYPES, device_values

CHROME = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 {}Safari/537.36"
WINDOWS = CHROME.format("Windows NT 10.0; Win64; x64", "")
PHONE = CHROME.format("Linux; Android 14; Pixel 8", "Mobile ")
REDUCED = CHROME.format("Linux; Android 10; K", "Mobile ")
SAFARI = "Mozilla/5.0 ({}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 {}Safari/605.1.15"
IPHONE = SAFARI.format("iPhone; CPU iPhone OS 17_5 like Mac OS X", "Mobile/15E148 ")
IPAD = SAFARI.format("iPad; CPU OS 17_5 like Mac OS X", "Mobile/15E148 ")
MAC = SAFARI.format("Macintosh; Intel Mac OS X 10_15_7", "")
FIREFOX = "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"
EDGE = WINDOWS + " Edg/126.0.2592.68"
TELEVISION = (
    "Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/538.1 (KHTML, like Gecko) Version/6.0 TV Safari/538.1"
)
PLAYSTATION = (
    "Mozilla/5.0 (PlayStation; PlayStation 5/2.26) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/13.0 Safari/605.1.15"
)
QUEST = (
    "Mozilla/5.0 (X11; Linux x86_64; Quest 3) AppleWebKit/537.36 (KHTML, like Gecko) OculusBrowser/33.0 "
    "Chrome/126.0.0.0 VR Safari/537.36"
)
WATCH = (
    "Mozilla/5.0 (Linux; Android 9; SM-R825F) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/19.0 "
    "Chrome/102 Mobile Safari/537.36"
)
CAR = "Mozilla/5.0 (X11; GNU/Linux) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/79.0 Safari/537.36 Tesla/2020.16"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
NAMES = ("device_type", "device_brand", "device_model", "browser", "browser_version", "os", "os_version")

AGENTS: list[tuple[str, tuple[str | None, ...]]] = [
    (WINDOWS, ("desktop", None, None, "Chrome", "126.0.0", "Windows", "10")),
    (PHONE, ("mobile", "Google", "Pixel 8", "Chrome", "126.0.0", "Android", "14")),
    (REDUCED, ("mobile", None, None, "Chrome", "126.0.0", "Android", "10")),
    (
        CHROME.format("Linux; Android 13; SM-X906B", ""),
        ("tablet", "Samsung", "SM-X906B", "Chrome", "126.0.0", "Android", "13"),
    ),
    (IPHONE, ("mobile", "Apple", "iPhone", "Safari", "17.5", "iOS", "17.5")),
    (IPAD, ("tablet", "Apple", "iPad", "Safari", "17.5", "iOS", "17.5")),
    (MAC, ("desktop", "Apple", "Mac", "Safari", "17.5", "macOS", "10.15.7")),
    (FIREFOX, ("desktop", None, None, "Firefox", "127.0", "Ubuntu", None)),
    (EDGE, ("desktop", None, None, "Edge", "126.0.2592", "Windows", "10")),
    (TELEVISION, ("smarttv", "Samsung", "SMART-TV", "Safari", "6.0", "Tizen", "6.0")),
    (PLAYSTATION, ("console", "Sony", "PlayStation 5", "Safari", "13.0", None, None)),
    (QUEST, ("xr", "Meta", "Quest 3", "Oculus Browser", "33.0", "Android", None)),
    (WATCH, ("wearable", "Samsung", "SM-R825F", "Samsung Internet", "19.0", "Android", "9")),
    (CAR, ("embedded", None, None, "Chrome", "79.0", "Linux", None)),
    (GOOGLEBOT, (None, None, None, "Googlebot", "2.1", None, None)),
]


def device(context: dict[str, Any], agent: str = "") -> tuple[Any, ...]:
    found = device_values(context, agent)
    return tuple(found.get(f"t_{name}") for name in NAMES)


@pytest.mark.parametrize(("agent", "expected"), AGENTS)
def test_a_user_agent(agent: str, expected: tuple[str | None, ...]) -> None:
    assert device({"userAgent": agent}) == expected
    assert device_values({}, agent)["t_user_agent"] == agent


def test_every_type_of_device_is_told() -> None:
    assert {expected[0] for _, expected in AGENTS if expected[0]} == set(DEVICE_TYPES)


def brands(name: str, version: str = "126") -> list[dict[str, str]]:
    return [
        {"brand": "Not/A)Brand", "version": "8"},
        {"brand": "Chromium", "version": version},
        *([{"brand": name, "version": version}] if name else []),
    ]


HINTS: list[tuple[dict[str, Any], str, tuple[str | None, ...]]] = [
    # As the browser gives them unasked (and Segment's library sends them), beside a user agent that says less.
    (
        {"brands": brands("Google Chrome"), "mobile": True, "platform": "Android"},
        REDUCED,
        ("mobile", None, None, "Chrome", "126", "Android", "10"),
    ),
    (
        {"brands": brands(""), "mobile": False, "platform": "Linux"},
        "",
        ("desktop", None, None, "Chromium", "126", "Linux", None),
    ),
    (
        {"brands": brands("Microsoft Edge"), "mobile": False, "platform": "Android", "model": "SM-X906B"},
        "",
        ("tablet", None, "SM-X906B", "Edge", "126", "Android", None),
    ),
    # As it gives them when asked for more.
    (
        {
            "brands": brands("Google Chrome"),
            "fullVersionList": brands("Google Chrome", "126.0.6478.127"),
            "mobile": False,
            "platform": "Windows",
            "platformVersion": "15.0.0",
        },
        WINDOWS,
        ("desktop", None, None, "Chrome", "126.0.6478.127", "Windows", "11"),
    ),
    (
        {"brands": brands("Google Chrome"), "platform": "Windows", "platformVersion": "10.0.0", "mobile": False},
        "",
        ("desktop", None, None, "Chrome", "126", "Windows", "10"),
    ),
    (
        {"brands": brands("Google Chrome"), "platform": "macOS", "platformVersion": "14.5.0", "mobile": False},
        MAC,
        ("desktop", "Apple", "Mac", "Chrome", "126", "macOS", "14.5.0"),
    ),
    (
        {"platform": "Android", "mobile": True, "formFactors": ["XR"]},
        "",
        ("xr", None, None, None, None, "Android", None),
    ),
    # A television says that it is no mobile; that does not make it a desktop.
    (
        {"platform": "Linux", "mobile": False},
        TELEVISION,
        ("smarttv", "Samsung", "SMART-TV", "Safari", "6.0", "Linux", None),
    ),
]


@pytest.mark.parametrize(("hints", "agent", "expected"), HINTS)
def test_client_hints_go_before_the_user_agent(
    hints: dict[str, Any], agent: str, expected: tuple[str | None, ...]
) -> None:
    assert device({"userAgentData": hints}, agent) == expected


def test_an_app_says_what_it_runs_on() -> None:
    app = {
        "device": {"type": "ios", "manufacturer": "Apple", "model": "iPhone15,2"},
        "os": {"name": "iOS", "version": "17.5"},
    }
    assert device(app) == ("mobile", "Apple", "iPhone15,2", None, None, "iOS", "17.5")
    assert device({"device": {"type": "android", "model": "iPad7,3"}})[0] == "tablet"
    assert device({"os": {"name": "Linux"}}, WINDOWS)[-2:] == ("Linux", None)


@pytest.mark.parametrize(
    "context",
    [
        {"userAgent": 5},
        {"userAgentData": []},
        {"userAgentData": {"brands": 3, "platform": 4, "mobile": "x", "formFactors": {"a": 1}}},
        {"userAgentData": {"brands": [None, {"brand": None}, {"brand": 5}], "platformVersion": 4}},
        {"device": {"type": [], "model": {}}, "os": 5},
        {"userAgentData": {"platform": "\ud800"}},
    ],
)
def test_odd_ones_say_nothing(context: dict[str, Any]) -> None:
    assert device_values(context, "") == {}


def test_a_very_long_one_is_cut() -> None:
    assert len(str(device_values({"userAgent": "Mozilla/5.0 " + "(" * 9000}, "")["t_user_agent"])) == 1024


def test_the_base_install_does_without_the_parser() -> None:
    code = (
        "import sys; sys.modules['ua_parser'] = None\n"
        "import lenticular\n"
        "assert not any(name.startswith('ua_parser') and sys.modules[name] for name in sys.modules)\n"
        "from lenticular.intake.agent import device_values, load_parser\n"
        "assert device_values({'userAgent': 'Mozilla/5.0'}, '') == {'t_user_agent': 'Mozilla/5.0'}\n"
        "try: load_parser()\n"
        "except Exception as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == (
        "The server reads user agents with ua-parser, which is missing. "
        "Install it with: pip install 'lenticular[server]'\n"
    )
