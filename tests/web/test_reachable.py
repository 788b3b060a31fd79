"""Pictures in decisions for pages of other hosts lead to this server; for our own pages their paths stay."""

from __future__ import annotations

import pytest

from lenticular.app.decide import DecideRequest, Where
from lenticular.web.reachable import reachable

HASH = "0123456789abcdef" * 2
PATH = f"/lenticular/pictures/{HASH}/a.jpg"
BODY = f'{{"src":"{PATH}","html":"<source srcset=\\"{PATH} 1w, {PATH} 2w\\">","text":"see https://a.example{PATH}"}}'.encode()
FOREIGN, OWN = "https://bank.example/home", "http://lt.example:8400/home"


@pytest.mark.parametrize(
    ("method", "page", "origin", "url", "base"),
    [
        ("POST", FOREIGN, "", "off", "http://lt.example:8400"),
        ("GET", FOREIGN, "", "https://public.example/", "https://public.example"),
        ("POST", None, "https://bank.example", "off", "http://lt.example:8400"),
        ("GET", None, "https://bank.example", "off", ""),  # a cache knows it by its query alone
        ("POST", OWN, "", "off", ""),
        ("POST", "https://public.example/x", "", "https://public.example", ""),
        ("POST", None, "", "off", ""),
        ("POST", "http://[", "", "off", ""),
    ],
)
def test_addresses(method: str, page: str | None, origin: str, url: str, base: str) -> None:
    headers = [(b"host", b"lt.example:8400"), (b"origin", origin.encode())]
    scope = {"method": method, "scheme": "http", "headers": headers}
    body = reachable(BODY, scope, DecideRequest(site="s", context=Where(url=page)), url)
    assert body.count(f"{base}{PATH}".encode()) == (3 if base else 4) and body.endswith(
        f'see https://a.example{PATH}"}}'.encode()
    )
    assert (body == BODY) == (base == "")
