"""What is kept and sent of whom: the consent call, Global Privacy Control, Do Not Track."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.demo.test_browser import pytestmark as pytestmark
from tests.tag.browsing import Visit, until

SLOT = '<p data-lenticular-slot="title"></p>'


def kept(page: Page) -> list[Any]:
    return [page.evaluate("Object.keys(localStorage).sort()"), page.evaluate("document.cookie")]


def test_before_consent_nothing_is_kept_or_sent_and_afterwards_all_of_it_is(visit: Visit) -> None:
    visit.page("/", SLOT, 'data-consent="ask"')
    page = visit.open("/?utm_source=mail")
    page.evaluate("lenticular.track('Ping'); lenticular.identify('maya'); window.decided = lenticular.decide(); 0")
    page.wait_for_timeout(700)
    assert (kept(page), visit.door.posts, page.inner_text("p")) == ([[], ""], [], "")
    page.evaluate("lenticular.consent({analytics: true, personalization: true})")
    page.wait_for_selector("text=Hello")
    [viewed] = visit.arrived(page, "Page Viewed")
    [ping] = visit.arrived(page, "Ping")
    assert viewed.context["t_utm_source"] == "mail" and viewed.anonymous_id == ping.anonymous_id
    assert ping.consent == {"analytics": True, "personalization": True}
    assert "Hello" in page.evaluate("decided.then((decision) => decision.slots.title.html)")
    page.reload()
    visit.arrived(page, "Page Viewed", 2)  # the answer is remembered


def test_a_refusal_is_all_that_is_remembered(visit: Visit) -> None:
    visit.page("/", SLOT, 'data-consent="ask"')
    page = visit.open("/")
    page.evaluate("lenticular.track('Ping'); lenticular.consent(false)")
    assert page.evaluate("lenticular.decide()") is None
    page.reload()
    page.evaluate("lenticular.track('Ping')")
    page.wait_for_timeout(700)
    assert kept(page) == [["lenticular_consent"], "lenticular_consent=00"]
    assert visit.door.posts == [] and page.inner_text("p") == ""


def test_who_takes_consent_back_is_forgotten_here_and_the_server_is_told(visit: Visit) -> None:
    visit.page("/", SLOT)
    page = visit.open("/")
    [viewed] = visit.arrived(page, "Page Viewed")
    page.evaluate("lenticular.identify('maya')")
    visit.arrived(page, "identify")
    page.evaluate("lenticular.consent(false)")
    assert kept(page) == [["lenticular_consent"], "lenticular_consent=00"]
    told = visit.arrived(page, "identify", 2)[1]
    assert told.consent == {"analytics": False, "personalization": False}
    assert told.anonymous_id == viewed.anonymous_id
    page.evaluate("lenticular.consent(true)")
    page.evaluate("lenticular.track('Back')")
    [back] = visit.arrived(page, "Back")
    assert back.anonymous_id not in ("", viewed.anonymous_id) and back.user_id == ""


def test_one_purpose_can_be_refused(visit: Visit) -> None:
    visit.page("/", SLOT)
    page = visit.open("/")
    visit.arrived(page, "Page Viewed")
    page.evaluate("lenticular.consent({personalization: false})")
    page.evaluate("lenticular.track('Ping')")
    [ping] = visit.arrived(page, "Ping")
    assert ping.consent == {"analytics": True, "personalization": False}
    until(page, lambda: len(visit.door.to("/v1/decide")), lambda count: count == 2)  # what is shown may change
    consent = visit.door.to("/v1/decide")[-1].body["context"]["consent"]
    assert consent == {"categoryPreferences": {"analytics": True, "personalization": False}}


def test_the_server_hears_global_privacy_control(visit: Visit) -> None:
    visit.context.set_extra_http_headers({"Sec-GPC": "1"})
    visit.page("/", SLOT)
    page = visit.open("/")
    [viewed] = visit.arrived(page, "Page Viewed")
    assert viewed.consent == {"personalization": False}


@pytest.mark.parametrize(
    ("signals", "browser_says"),
    [("gpc", "globalPrivacyControl = true"), ("gpc dnt", "doNotTrack = '1'")],
    ids=["gpc", "dnt"],
)
def test_a_site_can_take_signals_as_a_refusal_until_there_is_an_answer(
    visit: Visit, signals: str, browser_says: str
) -> None:
    name, value = browser_says.split(" = ")
    visit.context.add_init_script(f"Object.defineProperty(navigator, '{name}', {{value: {value}}})")
    visit.page("/", SLOT, f'data-signals="{signals}"')
    page = visit.open("/")
    page.wait_for_timeout(700)
    assert (kept(page), visit.door.posts) == ([[], ""], [])
    page.evaluate("lenticular.consent(true)")
    page.wait_for_selector("text=Hello")
    visit.arrived(page, "Page Viewed")


def test_without_any_storage_it_works_until_the_page_is_left(visit: Visit) -> None:
    visit.context.add_init_script(
        """Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError'); }});
           Object.defineProperty(Document.prototype, 'cookie', {get: () => '', set() {}});"""
    )
    visit.page("/", SLOT)
    page = visit.open("/")
    page.wait_for_selector("text=Hello")
    page.evaluate("lenticular.track('Ping')")
    [ping] = visit.arrived(page, "Ping")
    [viewed] = visit.arrived(page, "Page Viewed")
    assert ping.anonymous_id == viewed.anonymous_id != ""
    until(page, lambda: len(visit.door.messages()), lambda count: count >= 2)
