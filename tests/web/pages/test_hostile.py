"""What nobody's browser sends: a page comes all the same, or a refusal that says nothing of the server."""

from __future__ import annotations

import pytest

from tests.web.pages.bank import BROWSER, HOST, Bank

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    "headers",
    [
        {"cookie": b"=;;=; a; lenticular_id=\xff\xfe; lenticular_consent=\xe9"},
        {"cookie": b"lenticular_id=" + b"x" * 20_000},
        {"cookie": b'lenticular_id="><script>alert(1)</script>'},
        {"accept-language": b"\xff;q=\xfe, *;q=NaN, en;q=1e999, -;q=-1"},
        {"accept-language": b"," * 20_000},
        {"if-none-match": b'W/"\xff", "", *, W/'},
        {"referer": b"http://[::1/\xff?lenticular-preview=x"},
        {"user-agent": BROWSER.encode() + b"\xff\xf0" * 500},
        {"sec-purpose": b"\xff", "dnt": b"1", "sec-gpc": b"\xff"},
        {"x-forwarded-proto": b"javascript", "x-forwarded-for": b"nobody, \xff"},
    ],
)
@pytest.mark.parametrize("path", ["/", "/news/x?utm_campaign=%ff%00", "/nowhere"])
async def test_strange_headers(bank: Bank, path: str, headers: dict[str, bytes]) -> None:
    told = {"host": HOST.encode(), "user-agent": BROWSER.encode(), **headers}
    page = await bank.shop.visitor.request(
        "GET", path, headers=[(name.encode(), value) for name, value in told.items()]
    )
    assert page.status_code in (200, 404), page.text
    assert 'class="lt-page"' in page.text and "Traceback" not in page.text and "alert(1)" not in page.text


@pytest.mark.parametrize(
    "path",
    [
        "/%ff%fe",
        "/%ed%a0%80",
        "/..%2f..%2fetc%2fpasswd",
        "/news/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "/news/" + "x" * 20_000,
        "/" + "/".join(["es"] * 500),
        "/news/%E2%80%AE%22'%3E",
        "/%5Cevil.example/",
        "/;/?;&&==%",
    ],
)
async def test_strange_paths(bank: Bank, path: str) -> None:
    page = await bank.page(path)
    assert page.status_code in (200, 308, 404), page.text
    assert "<script>alert" not in page.text and "Traceback" not in page.text
    where = page.headers.get("location", "/")
    assert where.startswith("/") and not where.startswith(("//", "/\\"))


@pytest.mark.parametrize(
    "query", ["lenticular-preview", "lenticular-preview=&lenticular-preview=x", "lenticular-preview=%00%ff", "a=%&&b"]
)
async def test_strange_queries(bank: Bank, query: str) -> None:
    page = await bank.page(f"/?{query}")
    assert page.status_code in (200, 403) and "Traceback" not in page.text
