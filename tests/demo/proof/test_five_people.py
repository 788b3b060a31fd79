"""Five people come to one home page: other words, another order, another layout for each."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.demo.proof.conftest import Device
from tests.demo.proof.layout import blocks, decision, order, side_by_side
from tests.process import ServerProcess

DEFAULT = "Banking that knows you"
PEOPLE: dict[str, tuple[str, str, list[str]]] = {
    "Ana Reyes": ("students", "Your first account, on us", ["hero", "offers", "planner", "ad", "more", "help"]),
    "Thomas Okafor": (
        "advanced-customers",
        "Your money, working harder",
        ["hero", "news", "offers", "more", "help"],
    ),
    "Elena Costa": ("near-retirement", "Four years to go. Ready?", ["hero", "help", "offers", "ad"]),
    "Visitor 9f2c": (
        "free-checking-prospects",
        "Checking, free for good",
        ["hero", "switch", "offers", "ad", "more", "help"],
    ),
    "Lena Hart": ("returning-visitors", "Good to see you again", ["hero", "news", "offers", "ad", "more", "help"]),
}


@pytest.mark.parametrize("person", PEOPLE)
def test_each_sees_a_home_page_of_their_own(device: Device, person: str) -> None:
    experience, title, seen = PEOPLE[person]
    page = device.open()
    assert page.inner_text("h1") == DEFAULT and order(page) == ["hero", "offers", "ad", "more", "news", "help"]
    default = blocks(page)
    assert side_by_side(default["news"], default["help"])

    page = device.sign_in(person, page)
    assert page.inner_text("h1") == title and decision(page)["page"]["experience"] == experience
    assert order(page) == seen
    places = blocks(page)
    # What is seen first stands first in the document, too: for the keyboard and for who listens.
    elements = page.locator("main [data-lenticular-block]")
    told = elements.evaluate_all("(all) => all.map((one) => one.dataset.lenticularBlock)")
    assert [one for one in told if one in seen] == seen
    # Without the news beside it the help has the whole width.
    assert places["help"].width > default["help"].width * 1.8


def test_no_two_of_the_pages_are_alike(demo: ServerProcess, chromium: Browser) -> None:
    texts, offers = set[str](), dict[str, tuple[str, ...]]()
    for person in PEOPLE:
        phone = Device(chromium, demo.url, viewport={"width": 390, "height": 844}, is_mobile=True)
        page = phone.sign_in(person)
        texts.add(page.inner_text("main"))
        offers[person] = tuple(page.locator("[data-lenticular-block=offers] h3").all_inner_texts())
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        phone.close()
    assert len(texts) == len(PEOPLE) and len(set(offers.values())) == 5


def test_what_is_edited_in_the_default_flows_into_all_experiences(demo: ServerProcess, chromium: Browser) -> None:
    """The help is said in other words by three experiences, the news by one; all follow where they say nothing."""
    where = "/api/sites/aurora"
    body = demo.api("GET", f"{where}/definitions/pages/home")["body"]
    body["blocks"]["help"]["settings"]["action"]["label"]["en"] = "Ring us up"
    body["blocks"]["offers"]["settings"]["title"]["en"] = "Chosen for you"
    body["blocks"]["note"] = {
        "kind": "heading", "position": "z", "settings": {"text": {"en": "Member of nothing", "es": "Miembro de nada"}}
    }  # fmt: skip
    demo.api("PUT", f"{where}/drafts/pages/home", {"body": body})
    before = Device(chromium, demo.url)
    assert "Member of nothing" not in before.open().inner_text("main")  # a draft changes nothing
    answer = demo.http.post(f"{where}/publications", json={"drafts": ["pages/home"]})
    assert answer.status_code == 201, answer.text
    for person in [None, *PEOPLE]:
        visitor = Device(chromium, demo.url)
        page = visitor.sign_in(person) if person else visitor.open()
        text = page.inner_text("main")
        assert "Chosen for you" in text and "Member of nothing" in text
        assert order(page)[-1] == "note"
        own = person in ("Thomas Okafor", "Elena Costa")  # they are told to write to Maria, to choose a time
        assert ("Ring us up" in text) is (not own), person
        visitor.close()
    before.close()
    undone = demo.http.post(f"{where}/publications/{answer.json()['id']}/undo")
    assert undone.status_code == 201, undone.text
