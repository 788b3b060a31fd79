"""A preview link on a foreign site: the tag passes it on, and says and stores nothing."""

from __future__ import annotations

from tests.demo.test_browser import pytestmark as pytestmark
from tests.tag.browsing import Visit


def test_a_preview_link_works_on_a_foreign_site_and_leaves_nothing(visit: Visit) -> None:
    asked = {"segments": ["students"]}
    made = visit.kept.home.server.http.post(f"/api/sites/{visit.kept.key}/preview-links", json=asked)
    assert made.status_code == 201, made.text
    visit.page("/", '<div data-lenticular-slot="promo"></div>', 'data-consent="ask"')
    page = visit.open(f"/?a=b&lenticular-preview={made.json()['token']}")
    page.wait_for_selector("text=Gold card")
    assert "FOR STUDENTS" in page.locator("[data-lenticular-slot=promo]").inner_text().upper()
    page.evaluate("lenticular.track('Clicked')")
    page.locator("[data-lenticular-item]").scroll_into_view_if_needed()
    page.wait_for_timeout(1_500)  # longer than an impression takes
    [question] = visit.door.to("/v1/decide")
    assert question.body["preview"] == made.json()["token"] and "anonymousId" not in question.body
    assert visit.door.messages() == [] and visit.kept.events() == []
    assert page.context.cookies() == [] and page.evaluate("localStorage.length") == 0


def test_a_preview_link_that_is_none_shows_what_the_page_has(visit: Visit) -> None:
    visit.page("/", '<div data-lenticular-slot="promo">Ours</div>')
    page = visit.open("/?lenticular-preview=AAAA.BBBB")
    page.wait_for_function(
        "getComputedStyle(document.querySelector('[data-lenticular-slot]')).visibility === 'visible'"
    )
    assert page.locator("[data-lenticular-slot=promo]").inner_text() == "Ours"
    visit.wrong[:] = [one for one in visit.wrong if "403" not in one]
