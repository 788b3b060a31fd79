"""The items of a decision in one language, for programs that show them by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

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
    kind = types.get(item.type)
    names = [field.key for field in kind.fields if field.localized] if kind is not None else []
    told = {name: in_language(item.fields[name], languages) for name in names if name in item.fields}
    return replace(item, fields={**item.fields, **told}) if told else item
