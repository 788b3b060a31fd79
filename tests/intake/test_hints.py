"""Client hints of request headers: they say what `navigator.userAgentData` would."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lenticular.intake.agent import device_values
from lenticular.intake.hints import MAX_HINT, Told, hints_of

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)
PHONE = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"
)
BRANDS = (b"sec-ch-ua", b'"Not/A)Brand";v="8", "Chromium";v="126", "Google Chrome";v="126"')
EDGE = (b"sec-ch-ua", b'"Chromium";v="126", "Microsoft Edge";v="126", "Not.A/Brand";v="24"')
FULL = (b"sec-ch-ua-full-version-list", b'"Chromium";v="126.0.6478.57", "Google Chrome";v="126.0.6478.57"')
DESKTOP, MOBILE = (b"sec-ch-ua-mobile", b"?0"), (b"sec-ch-ua-mobile", b"?1")
WINDOWS, ANDROID = (b"sec-ch-ua-platform", b'"Windows"'), (b"sec-ch-ua-platform", b'"Android"')
ELEVEN = (b"sec-ch-ua-platform-version", b'"15.0.0"')
PIXEL = (b"sec-ch-ua-model", b'"Pixel 8"')
HEADSET = (b"sec-ch-ua-form-factors", b'"XR", "Mobile"')


@pytest.mark.parametrize(
    ("told", "agent", "expected"),
    [
        ((), CHROME, {"browser": "Chrome", "os": "Windows", "os_version": "10"}),
        ((EDGE, DESKTOP, WINDOWS), CHROME, {"browser": "Edge", "browser_version": "126", "device_type": "desktop"}),
        ((BRANDS, FULL, WINDOWS, ELEVEN), CHROME, {"browser_version": "126.0.6478.57", "os_version": "11"}),
        (
            (BRANDS, MOBILE, ANDROID, PIXEL),
            PHONE,
            {"browser": "Chrome", "os": "Android", "device_model": "Pixel 8", "device_type": "mobile"},
        ),
        ((BRANDS, MOBILE, ANDROID, HEADSET), PHONE, {"device_type": "xr"}),
        # malformed, of the wrong type, far too long: each says nothing by itself
        (((b"sec-ch-ua", b'"Chromium'), (b"sec-ch-ua-mobile", b'"yes"'), WINDOWS), CHROME, {"browser": "Chrome"}),
        (((b"sec-ch-ua-model", b'"' + b"x" * MAX_HINT + b'"'),), PHONE, {"os": "Android", "device_model": None}),
    ],
)
def test_headers(told: Told, agent: str, expected: dict[str, Any]) -> None:
    found = device_values({}, agent, hints_of(told))
    assert {name: found.get(f"t_{name}") for name in expected} == expected


def test_they_are_what_a_page_reads_itself() -> None:
    told = (BRANDS, FULL, DESKTOP, WINDOWS, ELEVEN, PIXEL, HEADSET)
    assert msgspec.json.decode(hints_of(told)) == {
        "brands": [
            {"brand": "Not/A)Brand", "version": "8"},
            {"brand": "Chromium", "version": "126"},
            {"brand": "Google Chrome", "version": "126"},
        ],
        "fullVersionList": [
            {"brand": "Chromium", "version": "126.0.6478.57"},
            {"brand": "Google Chrome", "version": "126.0.6478.57"},
        ],
        "mobile": False,
        "platform": "Windows",
        "platformVersion": "15.0.0",
        "model": "Pixel 8",
        "formFactors": ["XR", "Mobile"],
    }


def test_a_list_in_two_headers_is_one() -> None:
    halves = ((b"sec-ch-ua", b'"Chromium";v="126"'), (b"sec-ch-ua", b'"Brave";v="126"'))
    assert device_values({}, CHROME, hints_of(halves))["t_browser"] == "Brave"


def test_the_message_goes_first_and_another_browser_is_not_mixed_in() -> None:
    sent = hints_of((EDGE, DESKTOP, WINDOWS))
    own = {"userAgentData": {"brands": [{"brand": "Opera", "version": "99"}]}}
    assert device_values(own, CHROME, sent)["t_browser"] == "Opera"
    assert device_values({"userAgentData": {}}, CHROME, sent)["t_browser"] == "Edge"
    assert device_values({"userAgent": CHROME}, CHROME, sent)["t_browser"] == "Edge"
    forwarded = device_values({"userAgent": PHONE}, CHROME, sent)
    assert (forwarded["t_browser"], forwarded["t_os"]) == ("Chrome", "Android")
