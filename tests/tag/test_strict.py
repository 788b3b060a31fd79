"""Pages with strict rules, and the ways in which browsers keep pages: none of them sees an error of the tag."""

from __future__ import annotations

from tests.demo.test_browser import pytestmark as pytestmark
from tests.tag.browsing import Visit, acting

SLOT = '<p data-lenticular-slot="title"></p>'


def test_a_strict_policy_with_nonce_and_trusted_types_is_kept(visit: Visit) -> None:
    policy = "; ".join(
        [
            "default-src 'none'",
            "script-src 'nonce-abc'",
            f"connect-src {visit.door.url}",
            "require-trusted-types-for 'script'",
            "trusted-types lenticular",
            "base-uri 'none'",
            "img-src data:",
        ]
    )
    options = 'nonce="abc" data-captures="scroll"'
    visit.page("/", SLOT + "<br>" * 200, options, content_security_policy=policy)
    page = visit.open("/")
    page.wait_for_selector("text=Hello")
    acting(page, lambda: page.mouse.wheel(0, 400), lambda: visit.events("Scrolled"))  # the second file


def test_a_page_that_allows_no_policy_of_ours_keeps_its_own_content(visit: Visit) -> None:
    rules = "require-trusted-types-for 'script'; trusted-types 'none'"
    visit.page("/", SLOT, content_security_policy=rules)
    page = visit.open("/")
    page.wait_for_selector("[data-lenticular-decision]", state="attached")
    assert page.inner_text("p") == ""
    visit.arrived(page, "Page Viewed")
    visit.wrong.clear()  # the browser says that a policy was refused


def test_a_page_that_comes_back_from_the_cache_is_viewed_again(visit: Visit) -> None:
    visit.page("/", SLOT + "<script>window.kept = Math.random()</script>")
    visit.page("/next")
    page = visit.open("/")
    page.wait_for_selector("text=Hello")
    visit.arrived(page, "Page Viewed")
    kept = page.evaluate("kept")
    page.goto(f"{visit.site.url}/next")
    visit.arrived(page, "Page Viewed", 2)
    page.go_back(wait_until="commit")
    page.wait_for_selector("text=Hello")
    visit.arrived(page, "Page Viewed", 3)
    assert page.evaluate("kept") == kept, "the page was loaded anew: the browser did not keep it"
    assert [event.context["t_path"] for event in visit.events("Page Viewed")] == ["/", "/next", "/"]


def test_a_page_made_ready_beforehand_counts_when_it_is_looked_at(visit: Visit) -> None:
    visit.context.add_init_script("Object.defineProperty(document, 'prerendering', {value: true, configurable: true})")
    visit.page("/", SLOT)
    page = visit.open("/")
    page.evaluate("lenticular.track('Ping')")
    page.wait_for_timeout(700)
    assert visit.door.posts == []
    page.evaluate("document.dispatchEvent(new Event('prerenderingchange'))")
    page.wait_for_selector("text=Hello")
    visit.arrived(page, "Page Viewed")
    visit.arrived(page, "Ping")


def test_nothing_that_goes_wrong_is_thrown_into_the_page(visit: Visit) -> None:
    visit.page("/", SLOT)
    page = visit.open("/")
    page.wait_for_selector("text=Hello")
    page.evaluate("const round = {}; round.round = round; lenticular.track('Round', round)")
    page.evaluate("lenticular.track('Big', {n: 1n})")
    page.evaluate("lenticular.consent()")
    visit.site.pages["/"] = visit.site.pages["/"][0].replace("</body>", visit.script() + "</body>"), {}
    page.reload()  # with the tag twice
    page.wait_for_selector("text=Hello")
    page.evaluate("lenticular.track('Fine')")
    visit.arrived(page, "Fine")
    assert len(visit.events("Page Viewed")) == 2


def test_a_server_that_is_down_leaves_the_page_as_it_is(visit: Visit) -> None:
    visit.page("/", SLOT)
    page = visit.open("/")
    visit.arrived(page, "Page Viewed")
    visit.door.shut = True
    page.reload()
    page.wait_for_load_state()
    assert page.evaluate("lenticular.decide()") is None
    assert page.evaluate("getComputedStyle(document.querySelector('p')).visibility") == "visible"
    visit.wrong.clear()  # the browser says that requests failed
