"""Content items as a template sees them: their fields in one language, and what a card, an offer, an ad consists of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import SimpleNamespace
from typing import Any

from markupsafe import Markup, escape

from lenticular.blocks.clean import clean_text
from lenticular.blocks.links import safe_address, safe_picture
from lenticular.blocks.locale import day_text, in_language, normal_tag, number_text
from lenticular.catalog.content_type import ContentType
from lenticular.catalog.picture import sources_of
from lenticular.catalog.values import is_day, is_number
from lenticular.decide.decision import Item

Languages = tuple[str, ...]
_NAMES = {
    "title": ("title", "headline", "name", "heading"),
    "text": ("text", "summary", "body", "teaser", "description"),
    "image": ("image", "picture", "photo", "images"),
    "link": ("link", "url", "href", "cta"),
    "date": ("date", "day", "published"),
    "price": ("price",),
}
_LABELS = ("cta", "label", "action")


def item_view(item: Item, kinds: Mapping[str, ContentType], languages: Languages) -> SimpleNamespace:
    """Return an item for a template: `key`, `type`, all its `fields`, and what cards show of it.

    That is `title`, `text`, `image`, `link`, `date` and `price`, by the usual names of fields or, if none has such a
    name, the first of a type; each is None or empty if the item has none. An item that it refers to is such an item.
    """
    kind = kinds.get(item.type)
    types = {field.key: (field.type, field.of or "text") for field in kind.fields} if kind else {}
    # What refers to nothing that is shown is there, and nothing: templates may ask for its title all the same.
    fields: dict[str, Any] = {
        name: [] if of == "list" else None for name, (of, member) in types.items() if "reference" in (of, member)
    }
    own: dict[str, Any] = {}
    for name, value in item.fields.items():
        if not name.isidentifier():
            continue
        if "reference" in types.get(name, ()):
            fields[name] = _referred(value, kinds, languages)
        else:
            own[name] = fields[name] = _seen(value, *types.get(name, ("", "")), languages)
    return SimpleNamespace(
        key=item.key, type=item.type, fields=SimpleNamespace(**fields), **_roles(own, types, languages)
    )


def _roles(fields: Mapping[str, Any], types: Mapping[str, tuple[str, str]], languages: Languages) -> dict[str, Any]:
    """Return what cards show of an item."""
    found = {role: _first(role, fields, types) for role in _NAMES}
    found["link"] = _with_label(found["link"], fields)
    if isinstance(found["image"], list):
        found["image"] = next((one for one in found["image"] if one is not None), None)
    if isinstance(found["image"], str):
        found["image"] = _picture(found["image"], languages)
    for role in ("title", "text", "date", "price"):
        if not isinstance(found[role], str):
            found[role] = ""
    return found


def _referred(value: Any, kinds: Mapping[str, ContentType], languages: Languages) -> Any:
    """Return the item that another one refers to, or a list of them; None for one that is not shown."""
    if isinstance(value, list | tuple):
        found = (_referred(one, kinds, languages) for one in value)
        return [one for one in found if one is not None]
    if not isinstance(value, dict):
        return None
    if {"key", "type", "fields"} <= value.keys():
        return item_view(Item(value["key"], value["type"], value["fields"]), kinds, languages)
    return _referred(in_language(value, languages), kinds, languages)


def _first(role: str, fields: Mapping[str, Any], types: Mapping[str, tuple[str, str]]) -> Any:
    named = next((fields[name] for name in _NAMES[role] if name in fields), None)
    if named is not None and not (role == "link" and isinstance(named, str) and types):
        return named
    wanted = {"title": "text", "text": "richText", "image": "image", "link": "link", "date": "date"}.get(role)
    return next((fields[name] for name, (kind, _) in types.items() if kind == wanted and name in fields), None)


def _with_label(link: Any, fields: Mapping[str, Any]) -> SimpleNamespace | None:
    """Return a link as label and address; a label may stand in a field of its own."""
    if isinstance(link, str):
        link = SimpleNamespace(label="", url=safe_address(link))
    if not isinstance(link, SimpleNamespace) or not hasattr(link, "url") or not link.url:
        return None
    label = next((fields[name] for name in _LABELS if isinstance(fields.get(name), str)), "")
    return SimpleNamespace(label=link.label or str(label), url=link.url)


def _seen(value: Any, kind: str, of: str, languages: Languages) -> Any:
    """Return one field's value for a template."""
    if _is_by_language(value):
        value = in_language(value, languages)
    if kind == "list" or (not kind and isinstance(value, list | tuple)):
        members = value if isinstance(value, list | tuple) else []
        return [_seen(member, of if kind else "", "", languages) for member in members]
    if kind == "image":
        return _picture(value, languages)
    if kind == "link":
        return _link(value, languages)
    if kind == "richText":
        return clean_text(value) if isinstance(value, str) else ""
    if kind == "date":
        return _date(value, languages)
    if isinstance(value, bool):
        return value
    if is_number(value):
        return number_text(value, languages)
    return _undefined(value, languages)


def _undefined(value: Any, languages: Languages) -> Any:
    """Return a value of a field that no type defines, by what it looks like."""
    if isinstance(value, dict):
        if "src" in value:
            return _picture(value, languages)
        return _link(value, languages) if "url" in value else ""
    return value if isinstance(value, str) else ""


def _is_by_language(value: Any) -> bool:
    names = value if isinstance(value, dict) else {}
    return bool(names) and not names.keys() & {"src", "url"} and all(normal_tag(str(name)) for name in names)


def _picture(value: Any, languages: Languages) -> SimpleNamespace | None:
    parts = value if isinstance(value, dict) else {"src": value}
    src = safe_picture(parts.get("src"))
    if not src:
        return None
    alt = in_language(parts.get("alt", ""), languages)
    width = _pixels(parts.get("width"))
    return SimpleNamespace(
        src=src,
        sources=sources_of(src, width),
        alt=alt if isinstance(alt, str) else "",
        width=width,
        height=_pixels(parts.get("height")),
        focus=_focus(parts.get("focus")),
        srcset=_srcset(parts.get("srcset")),
    )


def _pixels(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _focus(value: Any) -> SimpleNamespace | None:
    pair = [value.get("x"), value.get("y")] if isinstance(value, dict) else value
    if not isinstance(pair, list | tuple) or [is_number(one) and 0 <= one <= 1 for one in pair] != [True, True]:
        return None
    return SimpleNamespace(x=pair[0], y=pair[1])


def _srcset(value: Any) -> dict[int, str]:
    pairs = value.items() if isinstance(value, dict) else ()
    found = {int(width): safe_picture(src) for width, src in pairs if str(width).isascii() and str(width).isdigit()}
    return {width: src for width, src in found.items() if width and src}


def _link(value: Any, languages: Languages) -> SimpleNamespace | None:
    parts = value if isinstance(value, dict) else {"url": value}
    label = in_language(parts.get("label", ""), languages)
    url = safe_address(parts.get("url"))
    return SimpleNamespace(label=label if isinstance(label, str) else "", url=url) if url else None


def _date(value: Any, languages: Languages) -> Markup:
    if not is_day(value):
        return Markup("")
    text = escape(day_text(date.fromisoformat(value), languages))
    return Markup('<time datetime="{}">{}</time>').format(value, text)
