"""See that the events of a part are what events are: they come from another process."""

from __future__ import annotations

from functools import lru_cache

from lenticular.app.import_part import Part
from lenticular.errors import LenticularError, Problem
from lenticular.intake.refused import RefusedError
from lenticular.intake.values import sound
from lenticular.profiles.event import Event
from lenticular.profiles.traits import split

_PYTHON: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "number": (float, int),
    "boolean": (bool,),
    "date": (int,),
    "datetime": (int,),
    "list": (list,),
    "objects": (list,),
}


@lru_cache(maxsize=1 << 14)
def types_of(key: str) -> tuple[type, ...]:
    """Return what values under a stored key are. MessagePack has no text that is not Unicode."""
    return _PYTHON[split(key)[1]]


def check_part(part: Part) -> None:
    """See that typed values are what their keys say: they come from another process."""
    try:
        for event in part.events:
            _check_event(event)
        if part.sheet is not None:
            from lenticular.app.sheets.check import check_sheet  # with NumPy

            check_sheet(part.sheet)
    except (RefusedError, KeyError, ValueError) as error:
        message = f"An event of this part is not as events are: {error}."
        raise LenticularError(Problem("import.part", message, hint="Send what `lenticular import` sends.")) from None


def _check_event(event: Event) -> None:
    for text in (event.message_id, event.user_id, event.anonymous_id, event.name, event.group_id):
        if "\0" in text:
            sound(text, "", "id")
    for values in (event.properties, event.traits, event.context):
        for key, value in values.items():
            if type(value) not in types_of(key):
                raise ValueError(f"{key} is not {split(key)[1]}")
            if type(value) is str and "\0" in value:
                sound(value, "", key)
