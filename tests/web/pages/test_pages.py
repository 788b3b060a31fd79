"""Hosted pages over real HTTP: who sees what, and everything that a page must say of itself."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest

from lenticular.web.tag import tag_address
from tests.web.pages.bank import BROWSER, CRAWLER, HOST, PEOPLE, Bank

pytestmark = pytest.mark.asyncio(loop_scope="session")


def title(page: httpx.Response) -> str:
    found = re.search(r'id="lt-hero-title">([^<]*)<', page.text)
    assert found, page.text
    return found[1]


def decision(page: httpx.Response) -> Any:
    found = re.search(r'<script type="application/json" id="lenticular-decision">(.*?)</script>', page.text)
    assert found, page.text
    return json.loads(found[1])


def cookie(page: httpx.Response) -> str:
    found = re.match(r"lenticular_id=([\w.-]+); Path=/; Max-Age=34560000; SameSite=Lax$", page.headers["set-cookie"])
    assert found, page.headers["set-cookie"]
    return found[1]


async def test_five_visitors_see_five_pages(bank: Bank) -> None:
    titles = [title(await bank.page(where)) for where in ("/", *PEOPLE.values())]
    assert titles == ["Welcome", "For students", "For savers", "For near", "For free"]


async def test_the_page_carries_its_decision_and_the_tag_asks_for_none(bank: Bank) -> None:
    page = await bank.page(PEOPLE["students"])
    told = decision(page)
    assert told["page"]["experience"] == "students" and "html" not in told["page"]
    assert f'<body class="lt-page" data-lenticular-page="/" data-lenticular-decision="{told["id"]}">' in page.text
    script = '<script src="%s" defer data-site="shop" data-write-key="w" data-locale="en" data-signals="gpc"></script>'
    assert script % tag_address() in page.text
    sheet = re.search(r'<link rel="stylesheet" href="([^"]+)">', page.text)
    assert sheet
    style = await bank.shop.visitor.get(sheet[1].replace("&amp;", "&"))
    assert style.status_code == 200 and "immutable" in style.headers["cache-control"]


async def test_nothing_in_a_decision_ends_its_element(bank: Bank) -> None:
    page = await bank.page("/offers")
    element = page.text.partition('id="lenticular-decision">')[2].partition("</script>")[0]
    assert "<" not in element and json.loads(element)["page"]["path"] == "/offers"


@pytest.mark.parametrize("agent", [CRAWLER, "curl/8.9.1", "facebookexternalhit/1.1", ""])
async def test_crawlers_see_the_default_and_leave_nothing(bank: Bank, agent: str) -> None:
    page = await bank.page(PEOPLE["students"], user_agent=agent)
    assert (title(page), page.status_code) == ("Welcome", 200)
    assert "set-cookie" not in page.headers and ">The gold card<" in page.text


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("/nowhere", 404, "We looked"),
        ("/404", 404, "We looked"),
        ("/es/nada", 404, "We looked"),
        ("/%00", 404, "We looked"),
        ("/a//..//b", 404, "We looked"),
    ],
)
async def test_what_is_not_there_is_the_sites_own_404(bank: Bank, path: str, status: int, text: str) -> None:
    page = await bank.page(path)
    assert page.status_code == status and text in page.text
    assert '<meta name="robots" content="noindex">' in page.text and "canonical" not in page.text


async def test_an_icon_that_nobody_named_costs_nothing(bank: Bank) -> None:
    icon = await bank.page("/favicon.ico")
    assert (icon.status_code, icon.content, "set-cookie" in icon.headers) == (204, b"", False)


async def test_other_methods_are_refused(bank: Bank) -> None:
    page = await bank.page("/", "POST")
    assert (page.status_code, page.headers["allow"]) == (405, "GET, HEAD")


async def test_head_is_get_without_the_body(bank: Bank) -> None:
    got, head = [await bank.page("/college", method) for method in ("GET", "HEAD")]
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == got.headers["etag"]
    assert abs(int(head.headers["content-length"]) - len(got.content)) < 10  # ids differ in length
    assert "set-cookie" not in head.headers


async def test_a_browser_that_has_the_page_gets_none(bank: Bank) -> None:
    me = {"cookie": "lenticular_id=etag-1"}
    first = await bank.page("/college", **me)
    again = await bank.page("/college", **me, if_none_match=f'"x", {first.headers["etag"]}')
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"] and "content-security-policy" in again.headers
    spanish = await bank.page("/college", **me, accept_language="es", if_none_match=first.headers["etag"])
    assert spanish.status_code == 200


async def test_a_page_with_something_to_count_is_a_new_one_each_time(bank: Bank) -> None:
    first = await bank.page("/offers")
    assert (await bank.page("/offers", if_none_match=first.headers["etag"])).status_code == 200


async def test_only_what_is_the_same_for_all_may_be_shared(bank: Bank) -> None:
    same = await bank.page("/college", cookie="lenticular_id=shared-1")
    assert same.headers["cache-control"] == "public, max-age=60"
    for path in ("/", "/offers", "/nowhere"):
        page = await bank.page(path, cookie="lenticular_id=shared-1")
        assert page.headers["cache-control"] == "private, no-cache", path
    new = await bank.page("/college")
    assert "set-cookie" in new.headers and new.headers["cache-control"] == "private, no-cache"


async def test_the_page_speaks_the_languages_of_its_visitors(bank: Bank) -> None:
    for path, wants, language, said in (
        ("/", "en", "en", "Welcome"),
        ("/", "es-MX,en;q=0.5", "es", "Hola"),
        ("/", "fr, es;q=0.1", "es", "Hola"),
        ("/", "fr", "en", "Welcome"),
        ("/es", "en", "es", "Hola"),
        ("/en", "es", "en", "Welcome"),
    ):
        page = await bank.page(path, accept_language=wants)
        assert (title(page), page.headers["content-language"]) == (said, language), (path, wants)
        assert f'<html lang="{language}" dir="ltr">' in page.text
        assert page.headers.get("vary") == ("Accept-Language" if path == "/" else None)
        assert f'<link rel="canonical" href="http://{HOST}/{language}">' in page.text
        for tag, where in (("en", "/en"), ("es", "/es"), ("x-default", "/")):
            assert f'<link rel="alternate" hreflang="{tag}" href="http://{HOST}{where}">' in page.text


async def test_a_page_says_what_it_is(bank: Bank) -> None:
    page = (await bank.page("/")).text
    assert "<title>A bank &amp; more</title>" in page
    assert '<meta name="description" content="Money, &#34;kept&#34; well">' in page
    assert f'<meta property="og:image" content="http://{HOST}/hero.webp">' in page
    assert "<title>Un banco</title>" in (await bank.page("/es")).text
    hidden = (await bank.page("/internal")).text
    assert '<meta name="robots" content="noindex">' in hidden and "canonical" not in hidden


@pytest.mark.parametrize(
    ("asked", "right"),
    [
        ("/college/", "/college"),
        ("/College?a=b%20c", "/college?a=b%20c"),
        ("/es/", "/es"),
        ("/ES/college", "/es/college"),
        ("/es/News/Rates/", "/es/news/rates"),
        ("/es//college", "/es/college"),
        ("/news/a%2Fb%20é/", None),
    ],
)
async def test_one_page_has_one_address(bank: Bank, asked: str, right: str | None) -> None:
    page = await bank.page(asked)
    if right is None:
        assert page.status_code == 404
        return
    assert (page.status_code, page.headers["location"]) == (308, right)
    assert (await bank.page(right)).status_code == 200


async def test_a_pattern_has_the_path_that_was_asked(bank: Bank) -> None:
    page = await bank.page("/news/spring-rates")
    assert page.status_code == 200 and 'data-lenticular-page="/news/spring-rates"' in page.text
    assert f'<link rel="canonical" href="http://{HOST}/en/news/spring-rates">' in page.text


async def test_the_sitemap_names_what_may_be_found(bank: Bank) -> None:
    found = await bank.page("/sitemap.xml")
    where = re.findall(r"<loc>([^<]+)</loc>", found.text)
    paths = ("", "/college", "/contact", "/offers")
    assert where == [f"http://{HOST}/{language}{path}" for path in paths for language in ("en", "es")]
    assert f'hreflang="x-default" href="http://{HOST}/college"/>' in found.text
    assert (await bank.page("/robots.txt")).text.endswith(f"Sitemap: http://{HOST}/sitemap.xml\n")


@pytest.mark.parametrize("path", ["/health", "/api/sites", "/metrics", "/lenticular/theme.css", "/join", "/console/x"])
async def test_no_page_hides_the_server(bank: Bank, path: str) -> None:
    page = await bank.page(path)
    assert 'class="lt-page"' not in page.text


async def test_other_hosts_have_no_pages(bank: Bank) -> None:
    assert (await bank.page("/", host="other.example")).json()["name"] == "Lenticular"
    assert (await bank.page("/college", host="other.example")).status_code == 404
    assert (await bank.page("/college", host=f"{HOST.upper()}:8400")).status_code == 200


async def test_every_page_is_safe(bank: Bank) -> None:
    for path in ("/", "/nowhere", "/contact"):
        headers = (await bank.page(path)).headers
        policy = headers["content-security-policy"]
        assert "script-src 'self';" in policy and "unsafe" not in policy and "frame-ancestors 'self'" in policy
        assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"]
        assert " style=" not in (await bank.page(path)).text


async def test_a_form_without_a_script_comes_back(bank: Bank) -> None:
    page = await bank.page("/contact")
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text))
    me = cookie(page)
    told = {"cookie": f"lenticular_id={me}", "referer": f"http://{HOST}/contact", "host": HOST}
    answer = await bank.shop.visitor.post("/lenticular/form", data={**fields, "topic": "cards"}, headers=told)
    assert (answer.status_code, answer.headers["location"]) == (303, "/contact")
    assert [kind for kind, _ in await bank.events(me)] == ["visit", "track"]


async def test_a_page_is_shown_though_its_visitor_cannot_be_looked_at(
    bank: Bank, caplog: pytest.LogCaptureFixture
) -> None:
    page = await bank.page("/news/%00")  # no context may have such an address
    assert page.status_code == 200 and ">News</h1>" in page.text and "Traceback" not in page.text
    assert "A page was decided without its visitor" in caplog.text


async def test_the_agent_of_these_tests_is_no_bot() -> None:
    assert "Headless" not in BROWSER
