"""The HTML of a page of 20 blocks, three of them filled from collections of eight items, in one process.

*Anew* is a page that nobody has seen since it was published; *again* one whose parts were made ready for others; what
was visible before is *remembered* whole. Beside them stands the same HTML put together by one flat Jinja template.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import process_time

import msgspec
from jinja2 import Environment

from benchmarks.table import show
from lenticular.app.block_kinds import block_kinds
from lenticular.blocks.decided import DecisionRenderer
from lenticular.catalog.block import Block
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.collection import Collection
from lenticular.catalog.content_item import ContentItem
from lenticular.catalog.content_type import ContentField, ContentType
from lenticular.catalog.page import Page
from lenticular.catalog.picture import PREFIX
from lenticular.catalog.site import Site
from lenticular.decide.decide import decide
from lenticular.decide.decision import Outcome
from lenticular.decide.request import Request, Visitor
from lenticular.decide.snapshot import Snapshot, compile_snapshot

BUDGET = 3.0
BLOCKS, COLLECTIONS, ITEMS = 20, 3, 8
ROUNDS = 300
_FLAT = """{% for item in items %}<article data-lenticular-item="{{ item.key }}"><img src="{{ item.fields.image.src }}"
 alt="{{ item.fields.image.alt }}"><h3><a href="{{ item.fields.link.url }}">{{ item.fields.title.en }}</a></h3>
<div>{{ item.fields.text.en | safe }}</div></article>{% endfor %}{% for block in blocks %}<section>
<h2>{{ block.title }}</h2><div>{{ block.text }}</div>
<a href="{{ block.url }}">{{ block.label }}</a></section>{% endfor %}"""


def main() -> None:
    """Measure and print."""
    catalog = _catalog()
    snapshot = compile_snapshot(catalog)
    outcome = _outcome(snapshot)
    html = _rendered(DecisionRenderer(catalog, snapshot, block_kinds()), outcome)
    assert html.count("data-lenticular-block") == BLOCKS and html.count("data-lenticular-item") == COLLECTIONS * ITEMS
    ready = DecisionRenderer(catalog, snapshot, block_kinds())
    anew = _median(lambda: _rendered(DecisionRenderer(catalog, snapshot, block_kinds()), outcome))
    again = _median(lambda: _rendered(ready, _other(outcome)))
    remembered = _median(lambda: _rendered(ready, outcome))
    flat = _flat(outcome)
    rows = [[name, f"{taken * 1_000:.2f}"] for name, taken in
            (("anew", anew), ("again", again), ("remembered", remembered), ("one flat template", flat))]  # fmt: skip
    show(["a page", "ms"], rows)
    print(f"{BLOCKS} blocks, {COLLECTIONS * ITEMS} items, {len(html):,} characters.")
    met = "met" if anew * 1_000 <= BUDGET else "MISSED"
    print(f"Anew, at the median: {anew * 1_000:.2f} ms (budget ≤ {BUDGET:g} ms: {met})")


def _median(call: Callable[[], object]) -> float:
    """Return the processor time (s) of a call in the middle of many."""
    times = []
    for _ in range(ROUNDS):
        start = process_time()
        call()
        times.append(process_time() - start)
    return median(times)


def _rendered(renderer: DecisionRenderer, outcome: Outcome) -> str:
    page = renderer.render(outcome, "en").decision.page
    assert page is not None and isinstance(page.html, str)
    return page.html


_keys = iter(range(10**9))


def _other(outcome: Outcome) -> Outcome:
    """Return what another visitor sees, so that nothing is remembered of it as a whole."""
    return msgspec.structs.replace(
        outcome, decision=msgspec.structs.replace(outcome.decision, cache_key=str(next(_keys)))
    )


def _flat(outcome: Outcome) -> float:
    page = outcome.decision.page
    assert page is not None
    template = Environment(autoescape=True).from_string(_FLAT)
    items = [item for block in page.blocks for item in block.items]
    blocks = [{"title": "T", "text": "x" * 200, "url": "/a", "label": "Go"}] * (BLOCKS - COLLECTIONS)
    return _median(lambda: template.render(items=items, blocks=blocks))


def _outcome(snapshot: Snapshot) -> Outcome:
    return decide(snapshot, Request("/"), frozenset(), Visitor(), 1_767_225_600_000, "d")


def _catalog() -> Catalog:
    fields = (
        ContentField("title", "text", localized=True),
        ContentField("text", "richText", localized=True),
        ContentField("image", "image"),
        ContentField("link", "link"),
        ContentField("price", "number"),
    )
    content = [_item(f"i{at}-{one}", at * 10 + one) for at in range(COLLECTIONS) for one in range(ITEMS)]
    collections = [
        Collection(f"c{at}", items=tuple(f"i{at}-{one}" for one in range(ITEMS))) for at in range(COLLECTIONS)
    ]
    page = Page("home", "/", blocks=_blocks())
    return Catalog.of(Site("bench", "UTC", "w"), ContentType("offer", fields=fields), *content, *collections, page)


def _item(key: str, number: int) -> ContentItem:
    text = f"<p>What number {number} is about, in <strong>two</strong> lines of text with a <a href='/x'>link</a>.</p>"
    picture = {"src": f"{PREFIX}{number:032x}/{key}.jpg", "alt": f"Picture {number}", "width": 1600, "height": 1200}
    link = {"url": f"/offers/{key}", "label": {"en": "Have a look", "es": "Ver"}}
    return ContentItem(key, "offer", fields={"title": {"en": f"Offer {number}"}, "text": {"en": text},
                                             "image": picture, "link": link, "price": number * 1.5})  # fmt: skip


def _blocks() -> dict[str, Block]:
    link = {"label": {"en": "Go"}, "url": "/go"}
    text = {"en": "<p>" + "Formatted text with a <a href='/a'>link</a> and <em>more</em>. " * 12 + "</p>"}
    hero = f"{PREFIX}{'a' * 32}/hero.jpg"
    blocks = {
        "hero": Block("hero", "a", {"title": {"en": "Welcome"}, "text": {"en": "Hello"}, "action": link,
                                    "picture": {"src": hero, "alt": "A", "width": 1600, "height": 900}}),
        "cards": Block("card-list", "b", {"title": "For you"}, collection="c0"),
        "row": Block("carousel", "c", {"title": "New"}, collection="c1"),
        "more": Block("card-list", "d", {"title": "More", "columns": 4}, collection="c2"),
        "form": Block("form", "e", {"fields": {f"f{at}": {"label": f"Field {at}"} for at in range(5)}}),
    }  # fmt: skip
    for at in range(5):
        blocks[f"s{at}"] = Block("section", f"f{at}", {"columns": "6-6", "title": {"en": f"Part {at}"}})
        blocks[f"t{at}"] = Block("rich-text", "a", {"text": text}, parent=f"s{at}")
        blocks[f"a{at}"] = Block("call-to-action", "b", {"title": "Do", "action": link}, parent=f"s{at}")
    assert len(blocks) == BLOCKS
    return blocks
