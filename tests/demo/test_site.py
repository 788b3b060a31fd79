"""The demo's three addresses: the bank, whose customers sign in, the control room, the magazine. Without a script."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator

import httpx
import pytest

from lenticular.demo.magazine import Magazine
from tests.process import ServerProcess, start

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
TITLES = {
    "ana": "Your first account, on us",
    "thomas": "Your money, working harder",
    "elena": "Four years to go. Ready?",
    "9f2c": "Checking, free for good",
    "lena": "Good to see you again",
}
DEFAULT = "Banking that knows you"
AD = ">The Gold Card<"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    data = tmp_path_factory.mktemp("site") / "data"
    server = start(data, "--people", "1", command="demo", ready=b"comes in meanwhile")
    yield server
    server.stop()


@pytest.fixture
def browser(demo: ServerProcess) -> Iterator[httpx.Client]:
    """A browser with cookies and without scripts."""
    with device(demo) as client:
        yield client


def device(demo: ServerProcess) -> httpx.Client:
    headers = {"user-agent": BROWSER, "accept-language": "en"}
    return httpx.Client(base_url=demo.url, headers=headers, follow_redirects=True, trust_env=False, timeout=60)


def title(page: httpx.Response) -> str:
    assert page.status_code == 200, page.text
    [found] = re.findall(r"<h1[^>]*>([^<]*)</h1>", page.text)
    return str(found)


def answer(browser: httpx.Client, said: str) -> httpx.Response:
    """Answer the question for consent, as its form does."""
    headers = {"referer": str(browser.base_url).rstrip("/") + "/", "sec-fetch-site": "same-origin"}
    return browser.post("/lenticular/consent", data={"site": "aurora", "answer": said}, headers=headers)


def test_the_five_see_five_home_pages_and_the_ad_once_on_all_of_their_devices(demo: ServerProcess) -> None:
    for key, expected in TITLES.items():
        with device(demo) as phone, device(demo) as laptop:
            assert title(phone.get("/")) == DEFAULT
            first = phone.get(f"/demo/sign-in/{key}")
            assert title(first) == expected and (AD in first.text) is (key != "thomas")
            again = phone.get("/")
            assert title(again) == expected and AD not in again.text
            other = laptop.get(f"/demo/sign-in/{key}")
            assert title(other) == expected and AD not in other.text
            slot = {"site": "aurora", "slots": ["promo"], "anonymousId": laptop.cookies["lenticular_id"]}
            promo = laptop.post("/v1/decide", json=slot).json()["slots"]["promo"]
            assert promo["items"] == []


def test_a_branch_has_invited_elena(browser: httpx.Client) -> None:
    assert "Your branch invites you" in browser.get("/demo/sign-in/elena", params={"to": "/accounts"}).text
    assert "Your branch invites you" not in browser.get("/demo/sign-in/lena", params={"to": "/accounts"}).text


def test_somebody_else_signs_in_and_out(browser: httpx.Client) -> None:
    for key in ("thomas", "elena", "ana"):
        assert title(browser.get(f"/demo/sign-in/{key}")) == TITLES[key]
    before = browser.cookies["lenticular_id"]
    assert title(browser.get("/demo/sign-out")) == DEFAULT
    assert browser.cookies["lenticular_id"] != before
    assert browser.get("/demo/sign-in/nobody").status_code == 404


@pytest.mark.parametrize(
    ("to", "path"), [("/college", "/college"), ("//evil.example", "/"), ("https://evil.example", "/")]
)
def test_it_leads_on_to_a_page_of_the_bank(browser: httpx.Client, to: str, path: str) -> None:
    assert browser.get("/demo/sign-in/ana", params={"to": to}).url.path == path


def test_from_a_spanish_page_it_goes_on_in_spanish(browser: httpx.Client) -> None:
    page = browser.get("/demo/sign-in/ana", headers={"referer": f"{browser.base_url}/es/sign-in"})
    assert page.url.path == "/es" and title(page) == "Su primera cuenta, por nuestra cuenta"


def test_who_agrees_is_remembered_and_who_refuses_is_nobody(browser: httpx.Client) -> None:
    first = browser.get("/")
    assert "May Aurora Bank remember your visits?" in first.text and not browser.cookies
    assert "You have agreed" in answer(browser, "11").text
    assert "lenticular_id" in browser.cookies
    refused = answer(browser, "00")
    assert "Nothing is kept of your visits." in refused.text and dict(browser.cookies) == {"lenticular_consent": "00"}
    # The refusal goes before what the five have agreed to.
    assert title(browser.get("/demo/sign-in/ana")) == DEFAULT
    assert dict(browser.cookies) == {"lenticular_consent": "00"}


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_and_every_link_on_it_is_there(browser: httpx.Client, language: str) -> None:
    waiting, seen = [f"/{language}"], dict[str, int]()
    while waiting:
        path = waiting.pop()
        if path in seen or path.startswith(("/demo", "/lenticular")) or ("/es" in path and language == "en"):
            continue
        page = browser.get(path)
        seen[path] = page.status_code
        assert len(re.findall(r"<h1", page.text)) == 1 and f'<html lang="{language}"' in page.text, path
        links = re.findall(r'<a [^>]*href="(/[^"#]*)', page.text)
        waiting += [link for link in links if not link.startswith(f"/{'en' if language == 'es' else 'es'}")]
        for picture in re.findall(r' src="(/demo/[^"]+)"', page.text):
            seen.setdefault(picture, browser.get(picture).status_code)
    assert set(seen.values()) == {200} and len([one for one in seen if "/news/" in one]) == 6
    assert f"/{language}/privacy" in seen and browser.get(f"/{language}/nowhere").status_code == 404


def test_the_magazine_is_a_static_site_with_a_strict_policy(demo: ServerProcess) -> None:
    url = httpx.get(f"{demo.url}/demo/state", timeout=60, trust_env=False).json()["magazine"]
    for path in ("/", "/tides"):
        page = httpx.get(url + path, trust_env=False)
        policy = page.headers["content-security-policy"]
        assert page.status_code == 200 and f"script-src 'self' {demo.url};" in policy and "unsafe" not in policy
        assert f'src="{demo.url}/lenticular.js"' in page.text and page.text.count("data-lenticular-slot=") == 2
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", page.text)
        for name in re.findall(r'(?:src|href)="(/[\w.]+\.\w+)"', page.text):
            assert httpx.get(url + name, trust_env=False).status_code == 200, name
    for path in ("/nothing", "/../bank.py", "/%2e%2e/bank.py", "/harbor.css/"):
        assert httpx.get(url + path, trust_env=False).status_code == 404
    slots = {"site": "aurora", "slots": ["promo", "partner"], "anonymousId": "reader", "render": True}
    shown = httpx.post(f"{demo.url}/v1/decide", json=slots, headers={"origin": url}, trust_env=False).json()["slots"]
    assert f'src="{demo.url}/demo/pictures/gold-card.svg"' in shown["promo"]["html"]
    assert f'href="{demo.url}/accounts"' in shown["partner"]["html"]


def test_the_magazine_moves_to_a_free_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with Magazine(port, lambda: "http://127.0.0.1:1") as magazine:
            assert magazine.moved and httpx.get(magazine.url, trust_env=False).status_code == 200
    with Magazine(0, lambda: "") as magazine:
        assert not magazine.moved
