"""What a foreign page shows: slots and pages filled, seen, clicked."""

from __future__ import annotations

from tests.demo.test_browser import pytestmark as pytestmark
from tests.tag.browsing import Visit


def test_slots_of_a_foreign_page_are_filled_with_one_question(visit: Visit) -> None:
    texts = {"promo": "", "title": "", "gone": "own", "odd": "own", "none": "own"}
    slots = "".join(f'<div data-lenticular-slot="{key}">{text}</div>' for key, text in texts.items())
    visit.page("/college/", slots)
    page = visit.open("/college/?utm_source=mail")
    page.wait_for_selector("text=Gold card")
    text = {
        key: page.locator(f"[data-lenticular-slot={key}]").inner_text() for key in ("promo", "title", "odd", "none")
    }
    assert "FOR STUDENTS" in text["promo"].upper() and "Hello" in text["title"]
    assert (text["odd"], text["none"]) == ("own", "own")  # what can't be shown leaves what the page has
    [asked] = visit.door.to("/v1/decide")
    assert asked.body["slots"] == ["promo", "title", "gone", "odd", "none"]
    [viewed] = visit.arrived(page, "Page Viewed")
    assert viewed.context["t_utm_source"] == "mail" and viewed.anonymous_id == asked.body["anonymousId"]


def test_a_whole_page_is_filled(visit: Visit) -> None:
    visit.page("/landing", '<main data-lenticular-page></main><p data-lenticular-slot="title"></p>')
    page = visit.open("/landing")
    page.wait_for_selector("main h1:text('Welcome')")
    page.wait_for_selector("main article:has-text('Gold card')")
    [asked] = visit.door.to("/v1/decide")
    assert (asked.body["page"], asked.body["slots"]) == ("/landing", ["title"])


def test_a_slot_that_a_page_brings_along_is_not_asked_for_again(visit: Visit) -> None:
    visit.page("/around", "<main data-lenticular-page></main>")
    page = visit.open("/around")
    card = page.locator("main [data-lenticular-slot=promo] [data-lenticular-item=card]")
    card.scroll_into_view_if_needed()
    [seen] = visit.arrived(page, "Impression")
    assert (seen.properties["t_slot"], seen.properties["t_collection"]) == ("promo", "offers")
    [asked] = visit.door.to("/v1/decide")
    assert (asked.body["page"], asked.body["slots"]) == ("/around", [])


def test_an_impression_takes_a_second_half_in_view_and_counts_once(visit: Visit) -> None:
    visit.page(
        "/", '<div style="height:2000px"></div><div data-lenticular-slot="promo"></div><p style="height:2000px">'
    )
    page = visit.open("/")
    page.wait_for_selector("[data-lenticular-item]", state="attached")
    visit.arrived(page, "Page Viewed")
    page.evaluate("scrollTo(0, 1800)")
    page.wait_for_timeout(400)  # too short a look
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(1200)
    assert visit.events("Impression") == []
    page.evaluate("document.querySelector('[data-lenticular-item]').scrollIntoView()")
    [seen] = visit.arrived(page, "Impression")
    decision = page.get_attribute("[data-lenticular-slot]", "data-lenticular-decision")
    assert seen.message_id == f"{decision}:card"
    known = {"t_item": "card", "t_decision": decision, "t_slot": "promo", "t_block": "promo", "t_collection": "offers"}
    assert seen.properties == known
    page.evaluate("scrollTo(0, 0)")
    page.evaluate("document.querySelector('[data-lenticular-item]').scrollIntoView()")
    page.wait_for_timeout(1200)
    page.evaluate("lenticular.track('Last')")
    visit.arrived(page, "Last")
    assert [message.get("event") for message in visit.door.messages()].count("Impression") == 1


def test_an_ad_that_was_seen_is_gone_until_tomorrow(visit: Visit) -> None:
    visit.page("/", '<div data-lenticular-slot="ad"></div>')
    page = visit.open("/")
    page.wait_for_selector("text=An ad")
    visit.arrived(page, "Impression")
    for _ in range(20):  # its impression has just been accepted
        page.reload()
        page.wait_for_selector("[data-lenticular-decision]", state="attached")
        if not page.inner_text("body").strip():
            return
    raise AssertionError("It is shown again and again.")


def test_clicks_on_content_say_what_and_where_to(visit: Visit) -> None:
    visit.page("/", '<div data-lenticular-slot="promo"></div>')
    page = visit.open("/")
    page.route("https://bank.example/**", lambda route: route.fulfill(body="There."))
    page.click("[data-lenticular-item] a")
    page.wait_for_url("https://bank.example/card")
    [clicked] = visit.arrived(page, "Content Clicked")  # what waits is sent when the page is left
    assert clicked.properties["t_item"] == "card" and clicked.properties["t_slot"] == "promo"
    assert clicked.properties["t_href"] == "https://bank.example/card"


def test_nothing_stays_hidden_for_longer_than_the_limit_and_that_is_recorded(visit: Visit) -> None:
    visit.door.decides.clear()
    visit.page("/", '<div id="a" data-lenticular-slot="promo">own</div><div id="b" data-lenticular-slot="title"></div>')
    page = visit.context.new_page()
    page.add_init_script(
        """window.looks = [];
           const look = () => {
             const own = document.querySelector('#a');
             if (own) looks.push(getComputedStyle(own).visibility);
             requestAnimationFrame(look);
           };
           look();"""
    )
    visit.open("/", page)
    page.wait_for_function("looks.includes('hidden') && looks.at(-1) === 'visible'")
    [late] = visit.arrived(page, "Decision Timed Out")
    assert late.properties["n_limit"] == 400
    assert [post.status for post in visit.door.to("/v1/decide")] == [0]
    visit.door.decides.set()
    page.wait_for_selector("#b :text('Hello')")
    assert page.inner_text("#a") == "own"  # it was seen already


def test_what_is_hidden_here_and_what_comes_in_time_takes_the_place_of_what_the_page_has(visit: Visit) -> None:
    visit.page("/", '<p data-lenticular-slot="promo">own</p><p data-lenticular-slot="gone">own</p>')
    page = visit.open("/")
    for _ in range(20):  # a busy machine may need more than the limit
        page.wait_for_selector("[data-lenticular-decision]", state="attached")
        if "own" not in page.inner_text("body"):
            break
        page.reload()
    assert page.locator("[data-lenticular-slot=gone]").is_hidden()
    assert "Gold card" in page.inner_text("body")


def test_a_decision_that_the_page_brings_is_not_asked_for(visit: Visit) -> None:
    item = '<article data-lenticular-item=\\"card\\">Brought</article>'
    brought = f'{{"id": "d1", "page": null, "segments": [], "slots": {{"promo": {{"block": {{}}, "html": "{item}"}}}}}}'
    body = (
        f'<script type="application/json" id="lenticular-decision">{brought}</script><p data-lenticular-slot="promo">'
    )
    visit.page("/", f'{body}</p><p data-lenticular-slot="title">own</p>')
    page = visit.open("/")
    [seen] = visit.arrived(page, "Impression")
    assert seen.message_id == "d1:card"
    assert page.inner_text("[data-lenticular-slot=title]") == "own"
    assert visit.door.to("/v1/decide") == []


def test_a_hosted_page_is_left_as_it_is_and_its_impressions_count(visit: Visit) -> None:
    block = (
        '<div data-lenticular-block="b" data-lenticular-kind="offer"><p data-lenticular-item="card">Hosted</p></div>'
    )
    inside = f'<div data-lenticular-slot="promo">{block}</div>'
    visit.page("/", inside)
    text, headers = visit.site.pages["/"]
    hosted = text.replace("<body>", '<body data-lenticular-page="/" data-lenticular-decision="d2">')
    visit.site.pages["/"] = hosted, headers
    page = visit.open("/")
    [seen] = visit.arrived(page, "Impression")
    assert (seen.message_id, seen.properties["t_block"]) == ("d2:card", "b")
    assert visit.door.to("/v1/decide") == [] and page.inner_text("p") == "Hosted"


def test_slots_that_come_later_are_asked_for_and_filled(visit: Visit) -> None:
    visit.page("/", "<main></main>")
    page = visit.open("/")
    visit.arrived(page, "Page Viewed")
    page.evaluate("document.querySelector('main').innerHTML = '<p data-lenticular-slot=title></p>'")
    page.wait_for_selector("main :text('Hello')")
    page.evaluate("document.querySelector('main').innerHTML = '<b data-lenticular-slot=title></b>'")
    page.wait_for_selector("main b :text('Hello')")
    assert len(visit.door.to("/v1/decide")) == 1


def test_slots_named_beforehand_are_asked_for_before_the_page_is_read(visit: Visit) -> None:
    visit.page(
        "/",
        '<p data-lenticular-slot="title"></p><script>window.heard = []; document.addEventListener('
        '"lenticular:decision", (event) => heard.push(event.detail.id))</script>',
        'data-slots="title, promo"',
    )
    page = visit.open("/")
    page.wait_for_selector("text=Hello")
    assert visit.door.to("/v1/decide")[0].body["slots"] == ["title", "promo"]
    decided = page.evaluate("lenticular.decide({slots: ['promo'], apply: false})")
    assert decided["slots"]["promo"]["items"][0]["key"] == "card"
    assert len(page.evaluate("heard")) <= 1
