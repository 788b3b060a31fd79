"""The page about the tag: its examples run in Chromium, its tables are complete."""

from __future__ import annotations

import re

from tests.demo.test_browser import pytestmark as pytestmark
from tests.docs.page import ROOT, fences, read, rows
from tests.tag.browsing import Visit

PAGE = read("docs/tag.md")
FENCES = list(fences(PAGE))
ADD, EARLY, BROUGHT = (fence.text for fence in FENCES if fence.tag == "html")
CALLS, DECIDE, CONSENT = (fence.text for fence in FENCES if fence.tag == "js")
[POLICY] = (fence.text for fence in FENCES if fence.tag == "")
SOURCES = "\n".join(path.read_text() for path in sorted((ROOT / "tag" / "src").rglob("*.ts")))


def _here(visit: Visit, text: str) -> str:
    """Return an example with this test's server and keys."""
    keys = {"http://127.0.0.1:8400": visit.door.url, "aurora-demo-write-key": visit.kept.write_key}
    for shown, own in {**keys, 'data-site="aurora"': f'data-site="{visit.kept.key}"'}.items():
        text = text.replace(shown, own)
    return text


def _page(visit: Visit, text: str, **headers: str) -> None:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    icon = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">'
    visit.site.pages["/"] = icon + _here(visit, text), names


def test_it_is_added_and_called_as_the_page_says(visit: Visit) -> None:
    _page(visit, f"{EARLY}<script>{CALLS}</script>{ADD}")
    page = visit.open("/")
    page.wait_for_selector("[data-lenticular-slot] :text('Gold card')")
    assert visit.arrived(page, "Offer Viewed")[0].properties == {"t_offer": "gold-card"}
    assert visit.arrived(page, "Page Viewed", 2)
    assert visit.arrived(page, "group") and visit.arrived(page, "alias") and visit.arrived(page, "identify")
    assert page.evaluate(f"(async () => {{ {DECIDE} return decision; }})()")["slots"].keys() == {"promo"}
    page.evaluate(CONSENT)
    page.evaluate("lenticular.track('Ping')")
    assert visit.arrived(page, "Ping")[0].consent == {"analytics": True, "personalization": False}


def test_a_page_can_bring_its_decision(visit: Visit) -> None:
    _page(visit, BROUGHT + ADD)
    page = visit.open("/")
    page.wait_for_selector("text=Gold Card")
    assert visit.arrived(page, "Impression")[0].message_id == "4f1c:gold-card"
    assert visit.door.to("/v1/decide") == []


def test_the_policy_is_enough(visit: Visit) -> None:
    name, value = _here(visit, POLICY).strip().split(": ", 1)
    _page(visit, ADD.replace("<script", '<script nonce="R4nd0m"'), **{name.lower(): value})
    page = visit.open("/")
    page.wait_for_selector("[data-lenticular-slot] :text('Gold card')")
    visit.arrived(page, "Impression")


def test_the_tables_name_every_option_event_and_place() -> None:
    names = {re.sub(r"(?=[A-Z])", "-", name).lower() for name in re.findall(r'\boption\("(\w+)"\)', SOURCES)}
    assert {row[0].strip("`") for row in rows(PAGE, "| attribute |")} == {f"data-{name}" for name in names}
    said = set(re.findall(r'(?:track\)?|once)\("([A-Z][\w ]+)"', SOURCES)) | {"Page Viewed"}
    assert {name for row in rows(PAGE, "| event |") for name in re.findall(r"`(.*?)`", row[0])} == said
    kept = set(re.findall(r'"(lenticular[_~][a-z]*)"', SOURCES))
    assert {row[0].strip("`").rstrip("…") for row in rows(PAGE, "| name |")} == kept
