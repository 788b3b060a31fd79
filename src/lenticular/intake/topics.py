"""What an event is about: the tags of the content item that it names, where it does not say so itself."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from lenticular.catalog.content_item import ContentItem
from lenticular.criteria.tables import stored_key
from lenticular.profiles.event import Event
from lenticular.profiles.fold import IMPRESSION

ITEM, _TOPICS = stored_key("item", "text"), stored_key("topics", "list")


def about(event: Event, content: Mapping[str, ContentItem]) -> Event:
    """Return an event with the tags of its `item` as `topics`.

    One that names topics keeps them. That an item was shown says nothing of what interests a visitor, so impressions
    stay as they are; that it was looked at or clicked does.
    """
    item = event.properties.get(ITEM)
    if not isinstance(item, str) or event.name in ("", IMPRESSION) or _TOPICS in event.properties:
        return event
    found = content.get(item)
    if found is None or not found.tags:
        return event
    return msgspec.structs.replace(event, properties={**event.properties, _TOPICS: list(found.tags)})
