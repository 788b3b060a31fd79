"""The phrases of differences: a language's table, and how values are shown in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lenticular.catalog.words import table
from lenticular.criteria.words import words

_LONGEST = 80
_SECRET = ("writeKey", "secretKey")


class Phrases:
    """One language's phrases."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._table = table(language)
        self._words = words(language)
        starts = ((key.removeprefix("past:"), past) for key, past in self._table.items() if key.startswith("past:"))
        self.pasts = dict(starts)
        """What a verb is in the past: is, was."""

    def say(self, key: str, **parts: object) -> str:
        """Return a phrase of the table, filled. Raises KeyError for one that is none."""
        return self._table[key].format(**parts)

    def label(self, name: str) -> str:
        """Return what a field is called; a name of an editor's own stays as it is."""
        return self._table.get(f"label:{name}", name)

    def noun(self, kind: str) -> str:
        """Return what a kind of definition is called."""
        return self._table[f"noun:{kind}"]

    def value(self, value: Any) -> str:
        """Return a value, marked with stars."""
        return f"*{self._plain(value)}*"

    def names(self, values: Iterable[Any]) -> str:
        """Return values in a list, marked with stars."""
        return ", ".join(map(self.value, values))

    def _plain(self, value: Any) -> str:
        match value:
            case None:
                return self.say("nothing")
            case bool():
                return self.say("yes" if value else "no")
            case int() | float():
                return self._words.number(value)
            case str():
                return value or self.say("empty")
            case dict() if "src" in value or "url" in value:
                return str(value.get("src") or value.get("url"))
            case dict():
                return ", ".join(f"{self.label(name)} {self._plain(one)}" for name, one in value.items())
            case _:
                return ", ".join(map(self._plain, value))

    def is_short(self, *values: Any) -> bool:
        """Return whether values can be shown in a sentence; others have only changed."""
        return all(len(text := self._plain(value)) <= _LONGEST and "\n" not in text for value in values)

    def is_secret(self, name: str) -> bool:
        """Return whether a field's value is shown to nobody."""
        return name in _SECRET
