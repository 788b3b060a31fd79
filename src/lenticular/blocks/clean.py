"""The one place that says which HTML of editors may stand in a page (nh3, which is ammonia)."""

from __future__ import annotations

from functools import lru_cache

import nh3
from markupsafe import Markup

from lenticular.blocks.links import LINKS, safe_address, safe_picture

_TEXT = {
    *("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "pre", "code"),
    *("a", "strong", "b", "em", "i", "u", "s", "del", "ins", "mark", "small", "sub", "sup", "abbr", "cite", "q", "kbd"),
    *("img", "figure", "figcaption", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "span", "time"),
}
_EMBEDDED = _TEXT | {"div", "section", "article", "aside", "details", "summary", "audio", "video", "source", "picture"}
_ATTRIBUTES = {
    "*": {"lang", "dir", "title"},
    "a": {"href", "hreflang"},
    "img": {"src", "alt", "width", "height", "loading", "decoding"},
    "ol": {"start", "reversed"},
    "td": {"colspan", "rowspan", "headers"},
    "th": {"colspan", "rowspan", "headers", "scope", "abbr"},
    "time": {"datetime"},
    "blockquote": {"cite"},
    "q": {"cite"},
}
_EMBEDDED_ATTRIBUTES = {
    **_ATTRIBUTES,
    "*": {"lang", "dir", "title", "class"},
    "details": {"open"},
    "audio": {"src", "controls", "loop", "muted", "preload"},
    "video": {"src", "controls", "loop", "muted", "preload", "poster", "width", "height", "playsinline"},
    "source": {"src", "type"},
}
_GONE_WITH_CONTENT = {"script", "style", "template", "noscript", "title", "textarea", "xmp", "noembed", "noframes"}
_PICTURES = {"src", "poster"}
_KEPT = 4_000


def _checked(tag: str, name: str, value: str) -> str | None:
    if name in ("href", "cite"):
        return safe_address(value) or None
    if name in _PICTURES:
        return safe_picture(value) or None
    if name == "class" and "lt-" in value:
        # The theme's own classes would let it lie over the rest of the page.
        return " ".join(one for one in value.split() if not one.startswith("lt-")) or None
    return value


_rich = nh3.Cleaner(
    tags=_TEXT,
    attributes=_ATTRIBUTES,
    attribute_filter=_checked,
    clean_content_tags=_GONE_WITH_CONTENT,
    url_schemes=set(LINKS),
    link_rel=None,
)
_embedded = nh3.Cleaner(
    tags=_EMBEDDED,
    attributes=_EMBEDDED_ATTRIBUTES,
    attribute_filter=_checked,
    clean_content_tags=_GONE_WITH_CONTENT,
    url_schemes=set(LINKS),
    link_rel=None,
)


@lru_cache(_KEPT)
def clean_text(html: str) -> Markup:
    """Return an editor's formatted text with nothing in it but text, formatting, links, tables and pictures."""
    return Markup(_rich.clean(html))  # noqa: S704  # that is what it is cleaned for


@lru_cache(_KEPT)
def clean_embedded(html: str) -> Markup:
    """Return pasted HTML without anything that runs, is framed, is sent, or takes names of the page's own."""
    return Markup(_embedded.clean(html))  # noqa: S704
