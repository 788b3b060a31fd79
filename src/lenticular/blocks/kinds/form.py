"""A form that becomes an event."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from lenticular.blocks.fields import Address, LongText, Name, Position, Settings, Text
from lenticular.blocks.kind import Kind

Input = Literal["text", "email", "tel", "url", "number", "date", "longText", "choice", "yesNo"]


class Choice(Settings, frozen=True):
    """One of the answers of a choice; its name in the map is what the event says."""

    position: Position = ""
    label: Annotated[Text, Meta(title="Label")] = ""


class FormField(Settings, frozen=True):
    """One field; its name in the map is that of the event's field."""

    label: Annotated[Text, Meta(title="Label")]
    type: Annotated[Input, Meta(title="Type")] = "text"
    position: Position = ""
    required: Annotated[bool, Meta(title="Required")] = False
    help: Annotated[Text, Meta(title="Help")] = ""
    autocomplete: Annotated[
        Literal["", "name", "given-name", "family-name", "email", "tel", "organization", "country-name", "postal-code"],
        Meta(title="Filled in by the browser as"),
    ] = ""
    choices: Annotated[dict[str, Choice], Meta(title="Choices")] = msgspec.field(default_factory=dict)


class FormSettings(Settings, frozen=True):
    """The event that it sends, and the fields it asks for."""

    title: Annotated[Text, Meta(title="Title")] = ""
    text: Annotated[LongText, Meta(title="Text")] = ""
    event: Annotated[
        str, Meta(title="Event", min_length=1, max_length=200, description="The name of the event that it sends.")
    ] = "Form Submitted"
    fields: Annotated[dict[Name, FormField], Meta(title="Fields")] = msgspec.field(default_factory=dict)
    button: Annotated[Text, Meta(title="Button")] = ""
    thanks: Annotated[
        Address, Meta(title="Afterwards", description="The page of this site that is shown then, `/thanks`.")
    ] = ""
    action: Annotated[Address, Meta(title="Sent to", description="Left out: to Lenticular. Or a program of yours.")] = (
        ""
    )


class Form(Kind):
    """A form; what is sent becomes an event of the visitor."""

    name = "form"
    label = "Form"
    group = "action"
    settings = FormSettings
