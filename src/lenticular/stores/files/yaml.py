"""YAML 1.2 as plain data, with the place of every part.

Read from the parser's events, with the core schema of YAML 1.2.2 (section 10.3): `yes` and dates are texts. What
would make a file hard to trust is refused: anchors, aliases, tags, keys that stand twice, a second document.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from lenticular.catalog.places import Path, Source
from lenticular.errors import Problem

MAX_LEVELS = 40
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None, "true": True, "True": True, "TRUE": True}
_WORDS |= {"false": False, "False": False, "FALSE": False}
_WHOLE = re.compile(r"[-+]?[0-9]{1,20}")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


def is_plain_text(text: str) -> bool:
    """Return whether a text without quotes is read as a text, and not as a number or another value."""
    return text not in _WORDS and not any(form.fullmatch(text) for form in (_WHOLE, _DECIMAL, _NOT_FINITE))


class Document(msgspec.Struct, frozen=True):
    """What a file says: its data (None if it can't be read), where each part stands, and what is wrong."""

    data: Any
    source: Source
    problems: list[Problem]


def read_yaml(text: str, file: str) -> Document:
    """Read one document; `file` names it in places."""
    reader = _Reader(Source(file, text, {}, {}))
    data: Any = None
    try:
        data = reader.document(YAML(typ="safe", pure=True).parse(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        offset = mark.index if mark is not None else 0
        reader.add("syntax", f"This is not YAML: {error.problem or error.context}.", offset)
    except YAMLError as error:
        # The only error without a mark is a character that YAML does not allow.
        at = int(getattr(error, "position", 0))
        reader.add("character", "There is a character here that YAML does not allow.", at, "Take it out.")
    except _RefusedError:
        pass
    return Document(data if not reader.problems else None, reader.source, reader.problems)


class _RefusedError(Exception):
    """Reading can't go on; the problem is noted."""


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []

    def add(self, code: str, message: str, offset: int, hint: str = "") -> None:
        self.problems.append(Problem(f"yaml.{code}", message, self.source.place(offset), hint))

    def document(self, events: Iterator[Event]) -> Any:
        data: Any = None
        documents = 0
        for event in events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    message = "A second document begins here."
                    self.add("document", message, event.start_mark.index, "Put it into a file of its own.")
                    raise _RefusedError
            elif isinstance(event, NodeEvent):
                data = self._node(event, events, (), 1)
        return data

    def _node(self, event: NodeEvent, events: Iterator[Event], path: Path, level: int) -> Any:
        offset = event.start_mark.index
        self.source.values[path] = offset
        self._refuse(event, level, offset)
        if isinstance(event, MappingStartEvent):
            return self._mapping(events, path, level)
        if isinstance(event, SequenceStartEvent):
            return [self._node(member, events, (*path, at), level + 1) for at, member in enumerate(_members(events))]
        return self._scalar(event, offset) if isinstance(event, ScalarEvent) else None

    def _mapping(self, events: Iterator[Event], path: Path, level: int) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key in _members(events):
            offset = key.start_mark.index
            self._refuse(key, level, offset)
            if not isinstance(key, ScalarEvent):
                self.add("key", "A name must be a text.", offset)
                raise _RefusedError
            name = self._text(key, offset)
            if name in data:
                self.add("double", f'"{name}" stands here twice.', offset, "Take one of them out.")
            self.source.names[(*path, name)] = offset
            data[name] = self._node(next(_members(events)), events, (*path, name), level + 1)
        return data

    def _refuse(self, event: NodeEvent, level: int, offset: int) -> None:
        if isinstance(event, AliasEvent) or event.anchor is not None:
            self.add("anchor", "Anchors and aliases (& and *) are not used here.", offset, "Write the text out.")
            raise _RefusedError
        if getattr(event, "tag", None) is not None:
            self.add("tag", "Tags (!) are not used here.", offset, "Leave it out, or put the text into quotes.")
        if level > MAX_LEVELS:
            self.add("levels", f"This is more than {MAX_LEVELS} levels deep.", offset)
            raise _RefusedError

    def _text(self, event: ScalarEvent, offset: int) -> str:
        """Return a scalar's characters; two escapes may make one of them, as in JSON."""
        text = str(event.value)
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            self.add("character", "Half a character is escaped here.", offset, "Write the character itself.")
            return ""

    def _scalar(self, event: ScalarEvent, offset: int) -> Any:
        text = self._text(event, offset)
        if not event.implicit[0]:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _WHOLE.fullmatch(text):
            return int(text)
        if _DECIMAL.fullmatch(text) and math.isfinite(float(text)):
            return float(text)
        if _NOT_FINITE.fullmatch(text):
            self.add("number", f"{text} is not a number that can be used.", offset, "Write a finite number.")
        return text


def _members(events: Iterator[Event]) -> Iterator[NodeEvent]:
    """Yield what a list or mapping holds, until its end."""
    for event in events:
        if isinstance(event, CollectionEndEvent):
            return
        if isinstance(event, NodeEvent):
            yield event
