"""What the readers share: the source, the places of what was read, and how to refuse."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lenticular.criteria.text.places import Source
from lenticular.criteria.tree import Node
from lenticular.errors import Problem, RuleError

ReadNode = Callable[[ast.expr, str], Node]
"""Reads a condition at a path; handed to the operand reader for the filters inside a behaviour."""


class Reading:
    """One pass over one text."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.places: dict[str, str] = {}
        self.scope = ""
        """Whose field a bare name is: of an event, an organization or an element; empty outside of them."""
        self.timeless = False
        """Whether what depends on now is refused, as inside a behaviour."""

    @contextmanager
    def inside(self, scope: str) -> Iterator[None]:
        """Read what stands inside a behaviour, an organization or a list of objects."""
        before = self.scope, self.timeless
        self.scope, self.timeless = scope, self.timeless or scope == "event"
        try:
            yield
        finally:
            self.scope, self.timeless = before

    @property
    def place_name(self) -> str:
        """Return what is being read, in words."""
        return {"event": "a behaviour", "organization": "organization()", "element": ".any()"}[self.scope]

    @property
    def reads(self) -> str:
        """Return what can be read there, in words."""
        return {
            "event": "the event's own fields",
            "organization": "the organization's own properties",
            "element": "the object's own fields",
        }[self.scope]

    def note(self, at: ast.expr, path: str) -> None:
        """Remember where a part stands."""
        self.places[path] = self.place(at)

    def place(self, at: ast.expr | ast.keyword) -> str:
        """Return where a part stands, as `line 1, column 5`."""
        return self.source.place(at.lineno, at.col_offset)

    def error(self, at: ast.expr | ast.keyword, message: str, hint: str = "") -> RuleError:
        """Return the refusal of a part."""
        return RuleError(Problem("rule.syntax", message, place=self.place(at), hint=hint))

    def syntax(self, error: SyntaxError) -> Problem:
        """Return the refusal of a text that is no expression at all."""
        line, column = error.lineno or 1, (error.offset or 1) - 1
        row = self.source.python.split("\n")[min(line - 1, self.source.python.count("\n"))]
        place = self.source.place(line, len(row[:column].encode("utf-8", "replace")))
        message = next((found for part, found in _REFUSALS.items() if part in error.msg), None)
        if message is None and (word := re.search(r"\b(AND|OR|NOT)\b", self.source.text)):
            message = ("This can't be read as a rule.", f"Write `{word[0].lower()}` in small letters.")
            place = self.source.place_of(word.start())
        return Problem("rule.syntax", (message or _UNREADABLE)[0], place=place, hint=(message or _UNREADABLE)[1])


_UNREADABLE = (
    "This can't be read as a rule.",
    'A condition looks like user.plan == "pro"; join conditions with `and`, `or`, `not`.',
)
_REFUSALS = {
    "unterminated": ("This text does not end.", "Put a quote at its end."),
    "positional argument follows": ("Conditions come before within=, after= and before=.", "Put it in front of them."),
    "invalid character": ("This character means nothing in a rule.", 'Texts stand in straight quotes: "pro".'),
    "integer string conversion": ("Numbers must be finite.", "The largest is about 1.8e308."),
}
"""What Python's parser says of a text, and what we say."""
