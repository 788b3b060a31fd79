"""Consent: nothing is kept before it is given, the default is shown to whoever refuses, a signed link needs none."""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.demo.proof.conftest import Device, until
from tests.demo.proof.layout import decision
from tests.process import ServerProcess

DEFAULT = "Banking that knows you"
CAMPUS = "/college?utm_campaign=campus"


def cookies(device: Device) -> dict[str, str]:
    return {one["name"]: one["value"] for one in device.context.cookies()}


def test_who_has_not_answered_is_nobody(device: Device) -> None:
    posted: list[str] = []
    device.context.on("request", lambda one: posted.append(one.url) if one.method == "POST" else None)
    page = device.open(CAMPUS)
    device.open("/", page).wait_for_timeout(1_500)
    assert cookies(device) == {} and posted == []
    assert page.evaluate("Object.keys(localStorage).length + Object.keys(sessionStorage).length") == 0
    assert page.inner_text("h1") == DEFAULT


def test_who_refuses_sees_the_default_and_is_asked_no_more(device: Device) -> None:
    page = device.open(CAMPUS)
    page.get_by_role("button", name="Only what is needed").click()
    device.open("/", page)
    assert page.get_by_role("button", name="Accept").count() == 0
    assert cookies(device) == {"lenticular_consent": "00"} and page.inner_text("h1") == DEFAULT
    assert device.sign_in("Ana Reyes", page).inner_text("h1") == DEFAULT  # the refusal goes before
    assert cookies(device) == {"lenticular_consent": "00"}


def test_who_agrees_is_known_on_the_next_page_and_can_take_it_back(device: Device) -> None:
    page = device.open("/")
    page.get_by_role("button", name="Accept").click()
    until(page, "document.cookie.includes('lenticular_id')")
    known = cookies(device)["lenticular_id"]
    device.open("/accounts", page)
    assert cookies(device)["lenticular_id"] == known
    page.get_by_role("contentinfo").locator("summary").click()
    page.get_by_role("button", name="Only what is needed").click()
    until(page, "!document.cookie.includes('lenticular_id')")
    assert "lenticular_id" not in cookies(device) and decision(device.open("/", page))["page"]["experience"] is None


def test_without_javascript_all_of_it_is_there(demo: ServerProcess, chromium: Browser) -> None:
    plain = Device(chromium, demo.url, java_script_enabled=False)
    page = plain.open()
    page.get_by_role("button", name="Accept").click()
    assert "The Gold Card" in page.inner_text("main")
    assert "The Gold Card" not in plain.open("/", page).inner_text("main")  # it was seen when it was sent
    assert plain.sign_in("Visitor 9f2c", page).inner_text("h1") == "Checking, free for good"
    for path in ("/college", "/retirement", "/accounts", "/news", "/news/first-budget", "/es", "/privacy"):
        assert plain.open(path, page).locator("h1").count() == 1
    page.get_by_role("link", name="Sign in").first.click()
    assert page.get_by_role("link", name="Ana Reyes").count()
    plain.close()
