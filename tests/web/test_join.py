"""Real Chromium on a link: someone who was invited comes in, and the link is used up."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.demo.test_browser import CHROMIUM, QUIET
from tests.demo.test_browser import pytestmark as pytestmark
from tests.process import start


def test_who_was_invited_comes_in_by_the_link(tmp_path: Path) -> None:
    server = start(tmp_path / "data", ready=b"/join#")
    try:
        answer = server.http.post("/api/invitations", json={"email": "tom@example.com", "roles": {"*": "viewer"}})
        link = server.url + str(answer.json()["path"])
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *QUIET])
            page = browser.new_page()
            wrong: list[str] = []
            page.on("pageerror", lambda error: wrong.append(str(error)))
            page.goto(link)
            page.wait_for_selector("#form:not([hidden])")
            assert "tom@example.com" in page.inner_text("#said") and "#" not in page.url
            page.fill("[name=name]", "Tom")
            page.fill("[name=password]", "correct horse battery")
            page.click("button")
            page.get_by_text("signed in as Tom").wait_for()
            [cookie] = page.context.cookies()
            assert cookie["httpOnly"] and cookie["sameSite"] == "Lax"
            page.goto(link)
            page.reload()  # another fragment alone loads no page anew
            page.get_by_text("was used").wait_for()
            assert page.is_hidden("#form") and wrong == []
            browser.close()
        policy = server.http.get("/join").headers["content-security-policy"]
        assert re.search(r"default-src 'none'.*frame-ancestors 'none'", policy)
    finally:
        assert server.stop() == 0
