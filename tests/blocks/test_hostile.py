"""What an attacker might write into any text, link, rich text or field of an item comes out as text, or not at all."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lenticular.blocks.clean import clean_embedded, clean_text
from lenticular.blocks.links import safe_address, safe_picture
from lenticular.blocks.scene import Scene, Shown
from lenticular.catalog.content_type import ContentField, ContentType
from lenticular.decide.decision import Item
from tests.blocks.markup import attributes, parts
from tests.blocks.safe import assert_safe
from tests.blocks.sample import renderer

SCRIPTS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "<a href=javascript:alert(1)>a</a>",
    "<a href='java\nscript:alert(1)'>a</a>",
    "<a href='&#106;avascript:alert(1)'>a</a>",
    "<a href=' data:text/html,<script>alert(1)</script>'>a</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<form action=//evil.example><input name=password></form>",
    "<style>*{display:none}</style>",
    "<p style='position:fixed;inset:0'>x</p>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<object data=x></object><embed src=x>",
    "{{ ''.__class__.__mro__ }}{% for a in range(9) %}x{% endfor %}",
    "</section></div></div><h1>Hacked</h1>",
    "<p data-lenticular-item=other class=lt-behind id=x>x</p>",
    "<!-- --><![CDATA[x]]><?php x ?>",
]
ADDRESSES = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "\x01javascript:alert(1)",
    "vbscript:x",
    "data:text/html,<script>alert(1)</script>",
    "data:image/svg+xml,<svg onload=alert(1)>",
    "blob:https://a.example/x",
    "file:///etc/passwd",
    "view-source:https://a.example",
    ":javascript:x",
    "intent://x#Intent;end",
]
TEXTS: list[tuple[str, dict[str, Any]]] = [
    ("section", {"title": "@"}),
    ("heading", {"text": "@"}),
    ("rich-text", {"text": "@"}),
    ("hero", {"title": "@", "text": "@", "action": {"label": "@", "url": "@"}, "picture": {"src": "/a", "alt": "@"}}),
    ("image", {"picture": {"src": "@", "alt": "@", "srcset": {"5": "@"}}, "caption": "@", "url": "@"}),
    ("call-to-action", {"title": "@", "text": "@", "second": {"label": "@", "url": "@"}}),
    ("card-list", {"title": "@", "action": {"label": "@", "url": "@"}}),
    ("carousel", {"title": "@"}),
    ("offer", {"label": "@", "button": "@"}),
    ("banner", {"text": "@", "label": "@", "action": {"label": "@", "url": "@"}}),
    ("html", {"html": "@"}),
    ("form", {"title": "@", "event": "@", "button": "@", "thanks": "@", "action": "@",
              "fields": {"f": {"label": "@", "help": "@", "type": "choice", "choices": {"@": {"label": "@"}}}}}),
    ("search", {"label": "@", "button": "@", "action": "@", "event": "@"}),
]  # fmt: skip
TYPE = ContentType(
    "offer",
    fields=(
        ContentField("title", "text"),
        ContentField("text", "richText"),
        ContentField("image", "image"),
        ContentField("link", "link"),
        ContentField("date", "date"),
    ),
)
_RUNS = re.compile(r"(?i)<(script|style|iframe|object|embed|svg|math|base|meta|link|template)\b")


def filled(settings: Any, text: str) -> Any:
    if isinstance(settings, dict):
        return {filled(name, text): filled(value, text) for name, value in settings.items()}
    return text if settings == "@" else settings


def checked(shown: Shown, types: dict[str, ContentType]) -> str:
    made = renderer()
    made._types = types
    rendered = made.render([shown], Scene("page", "/", ("en",)))
    assert rendered.failures == ()
    assert_safe(rendered.html)
    assert not _RUNS.search(rendered.html) and "49" not in rendered.html
    for what, tag, pairs in parts(rendered.html):
        assert not [name for name, _ in pairs if name.startswith("on")], (what, tag, pairs)
        assert "javascript" not in str([value for name, value in pairs if name in ("href", "src", "action")]).lower()
    return rendered.html


@pytest.mark.parametrize("text", [*SCRIPTS, *ADDRESSES])
@pytest.mark.parametrize(("kind", "settings"), TEXTS, ids=[kind for kind, _ in TEXTS])
def test_texts_of_settings(kind: str, settings: dict[str, Any], text: str) -> None:
    shown = Shown(text, kind, filled(settings, text))
    assert attributes(checked(shown, {}), "data-lenticular-item") == []


@pytest.mark.parametrize("text", [*SCRIPTS, *ADDRESSES])
@pytest.mark.parametrize("types", [{}, {"offer": TYPE}], ids=["free", "typed"])
@pytest.mark.parametrize("kind", ["card-list", "carousel", "offer"])
def test_fields_of_items(kind: str, types: dict[str, ContentType], text: str) -> None:
    fields = {"title": text, "text": text, "date": text, "cta": text}
    for image, link in (
        ({"src": text, "alt": text, "srcset": {"5": text}}, {"url": text, "label": text}),
        (text, text),
    ):
        item = Item(text, "offer", {**fields, "image": image, "link": link})
        html = checked(Shown("x", kind, {}, (item,)), types)
        assert [" ".join(one.split()) for one in attributes(html, "data-lenticular-item")] == [" ".join(text.split())]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_that_runs_or_carries_something_is_none(address: str) -> None:
    assert safe_address(address) == "" and safe_picture(address) == ""


@pytest.mark.parametrize(
    "address",
    ["/", "/a?b=c#d", "a/b", "?q=1", "#top", "https://shop.example/a:b", "//cdn.example/a.png", "HTTP://A.example", ""],
)
def test_an_address_that_leads_somewhere_stays(address: str) -> None:
    assert safe_address(address) == address and safe_picture(address) == address


@pytest.mark.parametrize("address", ["mailto:a@b.example", "tel:+15550100"])
def test_a_picture_is_no_mail(address: str) -> None:
    assert safe_address(address) == address and safe_picture(address) == ""


@pytest.mark.parametrize("html", SCRIPTS)
def test_what_is_clean_stays_as_it_is(html: str) -> None:
    assert clean_text(clean_text(html)) == clean_text(html)
    assert clean_embedded(clean_embedded(html)) == clean_embedded(html)


@pytest.mark.parametrize(
    ("html", "clean"),
    [
        ("<h1>a</h1><h2>b</h2>", "a<h2>b</h2>"),
        ("<p class=x id=y>a", "<p>a</p>"),
        ('<a href="/x" target="_blank" onclick="y">a</a>', '<a href="/x">a</a>'),
        ('<a href="data:x">a</a>', "<a>a</a>"),
        ('<img src="mailto:x" alt="a">', '<img alt="a">'),
        ("<table><tr><td colspan=2>a", "<table><tbody><tr><td colspan=\"2\">a</td></tr></tbody></table>"),
        ("a <custom-tag>b</custom-tag>", "a b"),
    ],
)  # fmt: skip
def test_what_of_an_editors_html_stays(html: str, clean: str) -> None:
    assert clean_text(html) == clean


def test_the_themes_own_classes_are_not_for_pasted_html() -> None:
    assert (
        clean_embedded('<div class="mine lt-behind"><p class="lt-hidden">a</p></div>')
        == '<div class="mine"><p>a</p></div>'
    )
