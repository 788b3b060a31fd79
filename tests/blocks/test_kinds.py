"""Each kind with some settings, and what must be in its HTML."""

from __future__ import annotations

from typing import Any

import pytest

from lenticular.app.block_kinds import block_kinds
from lenticular.blocks.scene import Scene
from tests.blocks.markup import attributes
from tests.blocks.safe import assert_safe
from tests.blocks.sample import AD, CARDS, LONG, block, html, page, renderer

LINK = {"label": "Go", "url": "/go"}
PICTURE = {"src": "/a.png", "alt": "A", "width": 8, "height": 6}

CASES: list[tuple[str, dict[str, Any], tuple[Any, ...], list[str], list[str]]] = [
    ("section", {}, (), ['<section class="lt-section lt-bg-none lt-space-normal">'], ["<h2"]),
    ("section", {"title": "T"}, (), ['aria-labelledby="lt-x-title"', '<h2 class="lt-h " id="lt-x-title">T</h2>'], []),
    ("section", {"picture": PICTURE}, (), ["lt-has-picture", 'src="/a.png"'], []),
    ("heading", {"text": "T"}, (), ["<h1", ">T</h1>"], []),
    ("heading", {"text": "T", "level": 4, "align": "center"}, (), ["<h4", "lt-text-center"], []),
    ("heading", {}, (), [], ["<h1"]),
    ("rich-text", {"text": "<p>a <b>b</b></p>"}, (), ["<p>a <b>b</b></p>", "lt-prose-readable"], []),
    ("rich-text", {}, (), [], ["lt-prose"]),
    ("hero", {"title": "T", "action": LINK}, (), ["<h1", 'href="/go">Go</a>', "lt-hero-plain"], ["lt-hero-picture"]),
    ("hero", {"picture": PICTURE}, (), ["lt-hero-beside", 'width="8" height="6"'], ["loading=", "<h1", "labelledby"]),
    ("hero", {"picture": PICTURE, "layout": "behind"}, (), ["lt-hero-behind", "lt-has-picture"], []),
    ("hero", {"text": "a\nb", "level": 3}, (), ['<p class="lt-lead">a\nb</p>'], ["<h"]),
    ("hero", {"action": {"label": "Go"}}, (), [], ["<a "]),
    ("image", {"picture": PICTURE, "caption": "C"}, (),
     ['alt="A"', "<figcaption>C</figcaption>", 'fetchpriority="high"'], []),
    ("image", {"picture": PICTURE, "url": "/b", "ratio": "1-1"}, (), ['<a href="/b">', "lt-ratio-1-1"], ["figcaption"]),
    ("image", {"picture": {"src": "/a.png"}, "url": "/b"}, (), ['<a href="/b" aria-label="/b">', 'alt=""'], []),
    ("image", {"picture": {"src": "data:x"}}, (), [], ["<figure"]),
    ("image", {}, (), [], ["<figure"]),
    ("call-to-action", {"title": "T", "text": "x", "action": LINK, "second": LINK}, (),
     ['id="lt-x-title">T</h2>', "lt-button-primary", "lt-button-quiet"], []),
    ("card-list", {"title": "T", "columns": 2}, CARDS,
     ["lt-cards-2", 'data-lenticular-item="student"', "<strong>26</strong>",
      '<time datetime="2026-02-01">February 1, 2026',
      ">1,234.5<", '<a href="/student">Student account</a></h3>'], []),
    ("card-list", {"title": "T"}, (), [], ["<section", ">T<"]),
    ("card-list", {}, CARDS[:1], ["<h2"], ["<h3"]),
    ("carousel", {"title": "T"}, CARDS, ['tabindex="0" aria-labelledby="lt-x-title"', 'data-lenticular-item="pot"'],
     []),
    ("carousel", {}, CARDS, ['aria-label="More"'], []),
    ("carousel", {}, (), [], ["<section"]),
    ("offer", {"label": "Ad"}, (AD, CARDS[0]),
     ['data-lenticular-item="gold"', 'aria-label="Ad: The Gold Card"', "lt-offer-beside", "Have a look"],
     ["student"]),
    ("offer", {"layout": "text"}, (AD,), ["lt-offer-text", 'aria-label="The Gold Card"'], ["<img"]),
    ("offer", {}, (), [], ["<section"]),
    ("article", {"back": LINK}, CARDS[:1],
     ['<a href="/go">Go</a>', 'id="lt-x-title">Student account</h1>', 'data-lenticular-item="student"',
      "<strong>26</strong>", "lt-article-picture"], ["lt-lead"]),
    ("article", {"picture": "none", "level": 2}, (LONG,),
     ["</h2>", '<div class="lt-lead">In short</div>', "<p>At <em>length</em></p>"], ["<img", "script"]),
    ("article", {}, (), [], ["<article"]),
    ("banner", {"text": "T", "tone": "warning", "action": LINK}, (),
     ["lt-tone-warning", '<a href="/go">Go</a>', 'aria-label="T"'], []),
    ("banner", {}, (), [], ["<section"]),
    ("html", {"html": '<div class="a">b<script>c</script></div>'}, (), ['<div class="a">b</div>'], ["script", "c<"]),
    ("form", {"fields": {"mail": {"label": "Mail", "type": "email", "required": True, "help": "H"}}}, (),
     ['method="post"', 'action="/lenticular/form"', '<label for="lt-x-mail">Mail', 'type="email"', " required", "Send",
      'name="_event" value="Form Submitted"', 'aria-describedby="lt-x-mail-help"', 'name="_site" value="bank"'],
     ["_thanks"]),
    ("form", {"event": "Asked", "thanks": "/t", "button": "Ask", "action": "https://own.example/in"}, (),
     ['data-lenticular-event="Asked"', 'name="_thanks" value="/t"', ">Ask<", 'action="https://own.example/in"'], []),
    ("form", {"fields": {"n": {"label": "N", "type": "number"}, "y": {"label": "Y", "type": "yesNo"}}}, (),
     ['name="_flags" value="y"', 'name="_numbers" value="n"', 'type="checkbox"'], []),
    ("search", {"parameter": "query"}, (), ['role="search"', 'method="get"', 'name="query"', ">Search</label>"], []),
    ("search", {"action": "javascript:x"}, (), ['action="/search"'], []),
    ("slot", {"slot": "promo"}, (), ['data-lenticular-slot="promo"', "<p>In it</p>"], []),
    ("spacer", {"size": "large", "line": True}, (), ["lt-gap-large", "<hr"], []),
    ("spacer", {}, (), ["lt-gap-normal"], ["<hr"]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "settings", "items", "there", "not_there"), CASES)
def test_a_kind_shows_its_settings(
    kind: str, settings: dict[str, Any], items: tuple[Any, ...], there: list[str], not_there: list[str]
) -> None:
    scene = Scene("page", "/", ("en",), slots={"promo": "<p>In it</p>"})
    rendered = renderer().render([block("x", kind, items=items, **settings)], scene)
    assert rendered.failures == ()
    for text in there:
        assert text in rendered.html
    for text in not_there:
        assert text not in rendered.html
    assert attributes(rendered.html, "data-lenticular-kind") == [kind]
    assert_safe(rendered.html)


def test_every_kind_has_a_case_a_label_and_help() -> None:
    assert {case[0] for case in CASES} == {kind.name for kind in block_kinds()}
    assert block_kinds().problems == []
    for kind in block_kinds():
        assert kind.label and kind.help().endswith(".")


def test_fields_of_a_form_stand_in_the_order_of_their_positions() -> None:
    fields = {"b": {"label": "B", "position": "m"}, "a": {"label": "A", "position": "n"}, "c": {"label": "C"}}
    rendered = renderer().render([block("x", "form", fields=fields)], Scene("page", "/", ("en",)))
    assert [one for one in attributes(rendered.html, "name") if not one.startswith("_")] == ["c", "b", "a"]


def test_a_page_with_every_kind_is_safe_and_has_one_title() -> None:
    whole = html()
    assert_safe(whole)
    assert whole.count("<h1") == 1
    assert attributes(whole, "data-lenticular-block") == [one.id for one in page()]


def test_columns_are_filled_again_and_again() -> None:
    blocks = [block("s", "section", columns="8-4"), *(block(f"h{at}", "heading", "s", text="T") for at in range(3))]
    shown = renderer().render(blocks, Scene("page", "/", ("en",))).html
    assert [one for one in attributes(shown, "class") if one.startswith("lt-col")] == [
        "lt-col lt-col-8",
        "lt-col lt-col-4",
        "lt-col lt-col-8",
    ]


def test_a_slot_leaves_the_title_of_the_page_alone() -> None:
    shown = renderer().render([block("s", "hero", title="T")], Scene("slot", "s", ("en",))).html
    assert "<h1" not in shown and '<h2 class="lt-h lt-hero-title" id="lts-s-title">' in shown
