"""`GET /` of a hosted site beside a bare echo, in one run: 100 segments, five experiences, a collection on the page.

Every visitor has the tag's cookie; what they see is decided, rendered and put into a document for each request. Beside
it stands the same page, six banners and a list with five variants of the first, in Wagtail with
wagtail-personalisation; there a segment is one comparison with the query string, here it is five conditions on
traits, visit and behaviour.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from pathlib import Path
from statistics import median

import httpx
import msgspec

from benchmarks import _site
from benchmarks._load import Order, Result
from benchmarks._server import echoing, load, serving
from benchmarks._wagtail import UnavailableError, environment, wagtail
from benchmarks.table import show
from lenticular.app.open import installation
from lenticular.app.publish import publish
from lenticular.catalog.block import Block
from lenticular.catalog.hosting import Hosting
from lenticular.web.now import new_id, now

BUDGET = 1_500
CONNECTIONS = 16
REQUESTS = 5_000
ROUNDS = 3
_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"


def main() -> None:
    """Print requests per second, latencies, and the budget."""
    with tempfile.TemporaryDirectory() as folder:
        data, sample = Path(folder) / "data", Path(folder) / "decision.json"
        _site.fill(data)
        asyncio.run(_host(data))
        heads = [_head(f"lenticular_id=a{person}") for person in range(_site.PEOPLE)]
        with serving(data) as running:
            port = int(running.url.rpartition(":")[2])
            page = httpx.get(running.url, headers={"user-agent": _AGENT})
            page.raise_for_status()
            found = re.search(r'id="lenticular-decision">(.*?)</script>', page.text)
            assert found is not None
            sample.write_text(found[1])
            print(
                f"A page has {len(page.content):,} bytes, its decision {len(found[1]):,}; {_site.PEOPLE:,} people ask."
            )
            with echoing(sample) as echo:
                _ask(port, heads, _site.PEOPLE)  # everyone's visit is noted once a minute
                rounds = [(_echo(echo), _ask(port, heads, REQUESTS)) for _ in range(ROUNDS)]
    rows = [_row("echo", [one for one, _ in rounds]), _row("GET /", [two for _, two in rounds])]
    show(["", "requests/s", "p50 ms", "p99 ms"], rows)
    rate = median(two.per_second for _, two in rounds)
    ratio = median(two.per_second / one.per_second for one, two in rounds)
    _beside(rate)
    met = "met" if rate >= BUDGET else "NOT met"
    print(f"{CONNECTIONS} connections: {rate:,.0f}/s (budget ≥ {BUDGET:,}: {met}), {ratio:.2f} of the echo")


def _beside(rate: float) -> None:
    """Ask for Wagtail's page, with as many segments as variants, and with a hundred."""
    try:
        python = environment()
    except UnavailableError as error:
        print(f"Wagtail can't be installed here, so nothing stands beside: {error}")
        return
    rows = []
    for segments, requests in ((5, 300), (100, 40)):
        with tempfile.TemporaryDirectory() as folder, wagtail(python, Path(folder) / "data", segments) as port:
            heads = [f"host: bench\r\ncookie: {_session(port)}" for _ in range(20)]
            path = "/?utm_campaign=c2"
            result = load(Order("127.0.0.1", port, path, heads, requests, 4, get=True))
            assert not result.wrong, f"{result.wrong} answers were not 200"
        rows.append([f"Wagtail, {segments} segments", f"{result.per_second:,.0f}", f"{result.p50:.0f}",
                     f"{result.p99:.0f}", f"{rate / result.per_second:,.0f}"])  # fmt: skip
    show(["", "requests/s", "p50 ms", "p99 ms", "times as fast"], rows)


def _session(port: int) -> str:
    """Return the cookie of a visitor who has come by."""
    answer = httpx.get(f"http://127.0.0.1:{port}/", timeout=60)
    answer.raise_for_status()
    return "; ".join(f"{name}={value}" for name, value in answer.cookies.items())


async def _host(data: Path) -> None:
    """Let the site be served, with a collection on its page."""
    made = _site.catalog()
    home = made.pages["home"]
    offers = Block("card-list", "b", {"title": "For you"}, collection="c1")
    shown = {key: msgspec.structs.replace(block, kind="call-to-action") for key, block in home.blocks.items()}
    pages = {"home": msgspec.structs.replace(home, blocks={**shown, "offers": offers})}
    site = msgspec.structs.replace(made.site, hosting=Hosting(("*",), "assumed"))
    async with installation(data, now, new_id) as opened:
        await publish(opened.site("bench"), msgspec.structs.replace(made, site=site, pages=pages))
        await opened.site("bench").settle()


def _head(cookie: str) -> str:
    return f"host: bench\r\nuser-agent: {_AGENT}\r\naccept-language: en\r\ncookie: {cookie}"


def _ask(port: int, heads: list[str], requests: int) -> Result:
    result = load(Order("127.0.0.1", port, "/?utm_campaign=spring", heads, requests, CONNECTIONS, get=True))
    assert not result.wrong, f"{result.wrong} answers were not 200"
    return result


def _echo(port: int) -> Result:
    asked = msgspec.json.encode({"site": "bench", "page": "/", "anonymousId": "a1"}).decode()
    return load(Order("127.0.0.1", port, "/v1/decide", [asked], REQUESTS, CONNECTIONS))


def _row(name: str, results: list[Result]) -> list[str]:
    rates, p50, p99 = (median(getattr(one, field) for one in results) for field in ("per_second", "p50", "p99"))
    return [name, f"{rates:,.0f}", f"{p50:.2f}", f"{p99:.2f}"]
