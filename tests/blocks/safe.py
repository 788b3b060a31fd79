"""What any HTML of ours must be: as nh3 would leave it, with what blocks need allowed, and nothing that runs."""

from __future__ import annotations

import re

import nh3

from tests.blocks.markup import attributes, ids, parts

_FORMS = {"form", "input", "label", "button", "select", "option", "textarea"}
_LANDMARKS = {"section", "article", "aside", "main", "nav", "div", "h1", "figure", "figcaption"}
_MEDIA = {"audio", "video", "picture", "source", "details", "summary"}
_MORE = {
    *("class", "id", "lang", "dir", "title", "tabindex", "role", "href", "src", "srcset", "sizes", "alt", "width"),
    *(
        "height",
        "loading",
        "decoding",
        "fetchpriority",
        "media",
        "action",
        "method",
        "name",
        "type",
        "value",
        "for",
        "required",
        "rows",
        "step",
    ),
    *("autocomplete", "maxlength", "datetime", "cite", "controls", "poster", "colspan", "rowspan", "scope", "open"),
    *("aria-label", "aria-labelledby", "aria-describedby", "aria-hidden", "start", "hreflang", "preload"),
    *("data-lenticular-block", "data-lenticular-kind", "data-lenticular-item", "data-lenticular-event"),
    *("data-lenticular-field", "data-lenticular-slot"),
}
_ALLOWED = nh3.Cleaner(
    tags=nh3.ALLOWED_TAGS | _FORMS | _LANDMARKS | _MEDIA,
    attributes={"*": _MORE},
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel=None,
)
_ADDRESSES = ("href", "src", "action", "poster", "cite", "formaction", "data", "xlink:href", "srcdoc", "style")


def assert_safe(html: str) -> None:
    """Raise AssertionError for HTML that is not well formed, is not the same when cleaned again, or refers wrongly."""
    found = parts(html)
    assert parts(_ALLOWED.clean(html)) == found
    assert "style" not in {name for _, _, pairs in found for name, _ in pairs}
    for name in _ADDRESSES:
        for value in attributes(html, name):
            assert re.match(r"(?i)(https?:|mailto:|tel:|[^:]*([/?#]|$))", value), f"{name}={value}"
    known = ids(html)
    assert len(known) == len(set(known)), f"ids are there twice: {known}"
    for name in ("aria-labelledby", "aria-describedby", "for"):
        for value in attributes(html, name):
            assert value in known, f"{name}={value} leads nowhere"
