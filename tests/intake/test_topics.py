"""What an event is about, where it names a content item."""

from __future__ import annotations

import msgspec
import pytest

from lenticular.catalog.content_item import ContentItem
from lenticular.intake.topics import about
from lenticular.profiles.event import Event, Values

CONTENT = {
    "gold-card": ContentItem(key="gold-card", type="offer", tags=("travel", "savings")),
    "plain": ContentItem(key="plain", type="offer"),
}
CLICKED = Event(type="track", message_id="m", time=1, received=1, name="Offer Clicked")


@pytest.mark.parametrize(
    ("name", "properties", "topics"),
    [
        ("Offer Clicked", {"t_item": "gold-card"}, ["travel", "savings"]),
        ("Offer Clicked", {"t_item": "gold-card", "l_topics": ["cards"]}, ["cards"]),
        ("Offer Clicked", {"t_item": "gold-card", "l_topics": []}, []),
        ("Offer Clicked", {"t_item": "plain"}, None),
        ("Offer Clicked", {"t_item": "nobody knows"}, None),
        ("Offer Clicked", {"n_item": 5.0}, None),
        ("Offer Clicked", {}, None),
        ("Impression", {"t_item": "gold-card"}, None),
        ("", {"t_item": "gold-card"}, None),
    ],
)
def test_the_tags_of_its_item(name: str, properties: Values, topics: list[str] | None) -> None:
    event = msgspec.structs.replace(CLICKED, name=name, properties=properties)
    found = about(event, CONTENT)
    assert found.properties == (properties if topics is None else {**properties, "l_topics": topics})
    assert event.properties == properties
