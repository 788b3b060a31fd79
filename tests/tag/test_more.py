"""The rarer captures, of the second file."""

from __future__ import annotations

from tests.demo.test_browser import pytestmark as pytestmark
from tests.tag.browsing import Visit, acting


def test_links_that_lead_away_and_downloads(visit: Visit) -> None:
    away = "https://other.example/x"
    links = f'<a href="/own">own</a> <a href="{away}" target="_blank">away</a> <a href="/a/b.pdf">file</a>'
    visit.page("/", links, 'data-captures="links"')
    page = visit.open("/")
    page.evaluate("document.addEventListener('click', (event) => event.preventDefault())")
    visit.arrived(page, "Page Viewed")
    acting(page, lambda: page.click("text=away"), lambda: visit.events("Link Clicked"))
    page.click("text=file")
    page.click("text=own")
    [file] = visit.arrived(page, "File Downloaded")
    assert file.properties == {"t_href": f"{visit.site.url}/a/b.pdf", "t_text": "file"}
    assert {event.properties["t_href"] for event in visit.events("Link Clicked")} == {away}


def test_forms_are_seen_and_submitted_without_what_is_written_into_them(visit: Visit) -> None:
    form = '<form id="join" action="/thanks"><input name="secret"><button>Send</button></form>'
    visit.page("/", form, 'data-captures="forms"')
    visit.page("/thanks")
    page = visit.open("/")
    [seen] = visit.arrived(page, "Form Viewed")
    assert seen.properties == {"t_form": "join", "t_action": "/thanks", "t_path": "/"}
    page.fill("[name=secret]", "hunter2")
    page.click("button")
    [sent] = visit.arrived(page, "Form Submitted")
    assert sent.properties == seen.properties


def test_how_far_and_how_long_a_page_is_read(visit: Visit) -> None:
    visit.page("/", '<div style="height:3000px"></div>', 'data-captures="scroll, reading"')
    visit.page("/next")
    page = visit.open("/")
    acting(page, lambda: page.mouse.wheel(0, 400), lambda: visit.events("Scrolled"), 4)
    assert [event.properties["n_percent"] for event in visit.events("Scrolled")] == [25, 50, 75, 100]
    page.wait_for_timeout(1500)
    page.goto(f"{visit.site.url}/next")
    [read] = visit.arrived(page, "Page Read")
    assert read.properties["t_path"] == "/" and float(str(read.properties["n_seconds"])) >= 1


def test_a_video_is_played(visit: Visit) -> None:
    visit.page("/", '<video title="Tour"></video>', 'data-captures="video"')
    page = visit.open("/")
    play = "document.querySelector('video').dispatchEvent(new Event('play'))"
    acting(page, lambda: page.evaluate(play), lambda: visit.events("Video Played"))
    assert visit.events("Video Played")[0].properties["t_title"] == "Tour"


def test_a_form_block_on_a_foreign_page_becomes_its_event(visit: Visit) -> None:
    visit.page("/", '<div data-lenticular-slot="form"></div>')
    visit.page("/thanks")
    page = visit.open("/")
    page.fill("[name=email]", "maya@example.com")
    page.wait_for_timeout(500)  # for the second file
    page.click("button")
    page.wait_for_url("**/thanks")
    [sent] = visit.arrived(page, "Newsletter Joined")
    assert sent.properties == {"t_email": "maya@example.com"}
