"""QA links: a colleague opens one and sees the bank as somebody else, of drafts; nothing is left behind."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser

from tests.demo.proof.conftest import Device
from tests.process import ServerProcess


def link(demo: ServerProcess, **shows: Any) -> Any:
    answer = demo.http.post("/api/sites/aurora/preview-links", json={"page": "/", **shows})
    assert answer.status_code == 201, answer.text
    return answer.json()


def accepted(demo: ServerProcess) -> float:
    """How many events the bank has taken in."""
    [line] = [
        one for one in demo.http.get("/metrics").text.splitlines()
        if one.startswith("lenticular_accepted_events_total") and "aurora" in one
    ]  # fmt: skip
    return float(line.rpartition(" ")[2])


def test_a_link_shows_the_bank_as_somebody_says_why_and_leaves_nothing(device: Device, demo: ServerProcess) -> None:
    before = accepted(demo)
    page = device.open(link(demo, segments=["near-retirement"])["path"])
    assert page.inner_text("h1") == "Four years to go. Ready?"
    panel = page.get_by_role("complementary").or_(page.locator("details")).first
    panel.evaluate("(one) => { one.open = true }")
    assert "Near retirement" in panel.inner_text() and "PREVIEW" in page.content()
    for _ in range(3):
        page.reload()
        assert "The Gold Card" in page.inner_text("main")  # no cap holds
    assert device.context.cookies() == [] and accepted(demo) == before


def test_a_link_of_drafts_shows_what_nobody_else_sees(device: Device, demo: ServerProcess) -> None:
    where = "/api/sites/aurora"
    body = demo.api("GET", f"{where}/definitions/pages/college")["body"]
    first = next(key for key, block in body["blocks"].items() if block["kind"] == "hero")
    body["blocks"][first]["settings"]["title"] = {"en": "A draft of college", "es": "Un borrador"}
    demo.api("PUT", f"{where}/drafts/pages/college", {"body": body})
    shown = link(demo, page="/college", segments=[], drafts=True)
    assert device.open(shown["path"]).inner_text("h1") == "A draft of college"
    assert device.open("/college").inner_text("h1") != "A draft of college"
    assert demo.http.delete(f"{where}/drafts/pages/college").status_code in (200, 204)


def test_links_that_are_over_changed_or_taken_back_say_so(demo: ServerProcess, chromium: Browser) -> None:
    made = link(demo, segments=["students"])
    path, _, token = made["path"].partition("lenticular-preview=")
    reader = Device(chromium, demo.url)
    page = reader.open(made["path"])
    assert page.inner_text("h1") == "Your first account, on us"
    wrong = token[:-6] + ("A" if token[-6] != "A" else "B") + token[-5:]
    for where in (f"{path}lenticular-preview={wrong}", f"{path}lenticular-preview=nothing"):
        answer = page.goto(demo.url + where)
        assert answer is not None and answer.status == 403 and "preview link" in page.inner_text("main")
    ended = demo.http.delete(f"/api/sites/aurora/preview-links/{made['id']}")
    assert ended.status_code in (200, 204), ended.text
    answer = page.goto(demo.url + made["path"])
    assert answer is not None and answer.status == 403 and "taken back" in page.inner_text("main")
    assert [one for one in reader.wrong if "403" not in one] == []
    reader.wrong.clear()
    reader.close()


def test_the_tag_shows_a_preview_on_the_magazine(device: Device, demo: ServerProcess) -> None:
    magazine = demo.http.get("/demo/state").json()["magazine"]
    token = link(demo, segments=["students"])["path"].partition("lenticular-preview=")[2]
    before = accepted(demo)
    page = device.context.new_page()
    page.goto(f"{magazine}/?lenticular-preview={token}")
    slot = page.locator("[data-lenticular-slot=partner]")
    slot.locator("[data-lenticular-block], [data-lenticular-kind]").first.wait_for()
    page.wait_for_timeout(1_200)
    assert accepted(demo) == before and device.context.cookies() == []
