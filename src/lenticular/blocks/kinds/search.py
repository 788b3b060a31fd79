"""A search box."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from lenticular.blocks.fields import Address, Name, Settings, Text
from lenticular.blocks.kind import Kind


class SearchSettings(Settings, frozen=True):
    """Where is searched, and the event that says so."""

    label: Annotated[Text, Meta(title="Label", description="What is searched, for who can't see the box.")] = ""
    button: Annotated[Text, Meta(title="Button")] = ""
    action: Annotated[Address, Meta(title="Results", description="The page that shows what was found.")] = "/search"
    parameter: Annotated[Name, Meta(title="Parameter", description="What that page calls the text.")] = "q"
    event: Annotated[
        str, Meta(title="Event", min_length=1, max_length=200, description="The name of the event that it sends.")
    ] = "Products Searched"


class Search(Kind):
    """A search box; what is searched becomes an event, and a page of yours shows what was found."""

    name = "search"
    label = "Search box"
    group = "action"
    settings = SearchSettings
