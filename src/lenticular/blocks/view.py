"""Settings as a template sees them: in one language, cleaned, addresses checked, repeated things in their order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any

import msgspec
from msgspec import inspect

from lenticular.blocks.clean import clean_embedded, clean_text
from lenticular.blocks.fields import Picture
from lenticular.blocks.links import safe_address, safe_picture
from lenticular.blocks.locale import in_language
from lenticular.catalog.picture import sources_of

Languages = tuple[str, ...]
_Viewer = Callable[[Any, Languages], Any]


def view(settings: msgspec.Struct, languages: Languages) -> SimpleNamespace:
    """Return settings for a template; what is not there is None or empty, as its Struct says."""
    seen: SimpleNamespace = _of_struct(type(settings))(settings, languages)
    return seen


@cache
def _of_struct(struct: type[msgspec.Struct]) -> _Viewer:
    info = inspect.type_info(struct)
    if not isinstance(info, inspect.StructType):
        raise TypeError(f"{struct} is no Struct")
    viewers = [(field.name, _of(field.type)) for field in info.fields]

    def seen(value: Any, languages: Languages) -> Any:
        shown = SimpleNamespace(**{name: viewer(getattr(value, name), languages) for name, viewer in viewers})
        if struct is Picture:
            # A picture without an address is none; templates ask only whether there is one.
            if not shown.src:
                return None
            shown.sources = sources_of(shown.src, shown.width)
        return shown

    return seen


def _of(kind: inspect.Type) -> _Viewer:
    """Return what makes values of a type visible."""
    control = ""
    while isinstance(kind, inspect.Metadata):
        control = control or (kind.extra_json_schema or {}).get("x-control", "")
        kind = kind.type
    if control in _CONTROLS:
        return _CONTROLS[control]
    if isinstance(kind, inspect.UnionType):
        options = [option for option in kind.types if not isinstance(option, inspect.NoneType)]
        inner = _of(options[0])
        return lambda value, languages: None if value is None else inner(value, languages)
    if isinstance(kind, inspect.StructType):
        return _of_struct(kind.cls)
    if isinstance(kind, inspect.DictType):
        return _of_map(kind)
    return _plain


def _of_map(kind: inspect.DictType) -> _Viewer:
    """Repeated things become a list in the order of their positions, each with its name as `id`."""
    inner, struct = _of(kind.value_type), kind.value_type
    while isinstance(struct, inspect.Metadata):
        struct = struct.type
    if not isinstance(struct, inspect.StructType):
        return lambda value, languages: {name: inner(one, languages) for name, one in value.items()}

    def seen(value: Mapping[str, Any], languages: Languages) -> list[Any]:
        ordered = sorted(value.items(), key=lambda one: (getattr(one[1], "position", "").encode(), one[0].encode()))
        found = []
        for name, one in ordered:
            shown = inner(one, languages)
            shown.id = name
            found.append(shown)
        return found

    return seen


def _plain(value: Any, languages: Languages) -> Any:
    return value


def _text(value: Any, languages: Languages) -> str:
    found = in_language(value, languages)
    return found if isinstance(found, str) else ""


_CONTROLS: dict[str, _Viewer] = {
    "text": _text,
    "longText": _text,
    "richText": lambda value, languages: clean_text(_text(value, languages)),
    "html": lambda value, languages: clean_embedded(_text(value, languages)),
    "address": lambda value, languages: safe_address(value),
    "picture": lambda value, languages: safe_picture(value),
}
