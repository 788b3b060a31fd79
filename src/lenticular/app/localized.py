"""The items of a decision in one language, for programs that show them by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from msgspec.structs import replace

from lenticular.blocks.locale import in_language, language_chain
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.content_type import ContentType
from lenticular.decide.decision import Item, Outcome, PageBlock, SlotDecision

Place = TypeVar("Place", PageBlock, SlotDecision)


def localized(outcome: Outcome, catalog: Catalog, locale: str) -> Outcome:
    """Return an outcome whose items have one value for each localized field: in the language that suits a locale best.

    After the locale come its language and the site's own languages, then whichever an item has. An item's content type
    says what is localized: items of a type that is not defined stay as they are.
    """
    types = catalog.types
    if not types:
        return outcome
    languages = language_chain(locale, catalog.site.locales)
    decision = outcome.decision
    page = decision.page
    if page is not None:
        page = replace(page, blocks=tuple(_filled(one, types, languages) for one in page.blocks))
    slots = {key: _filled(one, types, languages) for key, one in decision.slots.items()}
    return replace(outcome, decision=replace(decision, page=page, slots=slots))


def _filled(place: Place, types: Mapping[str, ContentType], languages: tuple[str, ...]) -> Place:
    if not any(item.type in types for item in place.items):
        return place
    return replace(place, items=tuple(_item(item, types, languages) for item in place.items))


def _item(item: Item, types: Mapping[str, ContentType], languages: tuple[str, ...]) -> Item:
    told = _fields(item.fields, types.get(item.type), types, languages)
    return replace(item, fields={**item.fields, **told}) if told else item


def _fields(
    fields: Mapping[str, Any], kind: ContentType | None, types: Mapping[str, ContentType], languages: tuple[str, ...]
) -> dict[str, Any]:
    """Return those of an item's fields that are another in one language."""
    told = {}
    for field in kind.fields if kind is not None else ():
        if field.key not in fields:
            continue
        value = fields[field.key]
        if field.localized:
            value = told[field.key] = in_language(value, languages)
        if "reference" in (field.type, field.of):
            told[field.key] = _referred(value, types, languages)
    return told


def _referred(value: Any, types: Mapping[str, ContentType], languages: tuple[str, ...]) -> Any:
    """Return an item, or a list of them, that another one refers to."""
    if isinstance(value, list):
        return [_referred(one, types, languages) for one in value]
    if not isinstance(value, dict) or "fields" not in value:
        return value  # the key of one that is referred to by what is referred to
    fields = value["fields"]
    return {**value, "fields": {**fields, **_fields(fields, types.get(value["type"]), types, languages)}}
