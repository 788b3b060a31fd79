"""Rules in English. What an operator says stands in its row of `OPERATORS`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lenticular.criteria.operators import OPERATORS
from lenticular.criteria.tree import Ago, Ahead, Date, Datetime, Right, Today
from lenticular.criteria.words.english_tables import ENGLISH
from lenticular.criteria.words.language import Joint, Words
from lenticular.criteria.words.subject import Subject

_DATE = {"below": "before", "at_most": "on or before", "above": "after", "at_least": "on or after"}
_ORDER: dict[type, dict[str, str]] = {
    Date: _DATE,
    Today: _DATE,
    Datetime: {"below": "before", "at_most": "at or before", "above": "after", "at_least": "at or after"},
    Ago: {"below": "more than", "at_most": "at least", "above": "less than", "at_least": "at most"},
    Ahead: {"below": "less than", "at_most": "at most", "above": "more than", "at_least": "at least"},
}
_NUMBER = {"below": "below", "at_most": "at most", "above": "above", "at_least": "at least"}
_JOINTS = {"and": " and ", "or": " or ", "nor": " or "}


class English(Words):
    """English, with dates as they are written outside America: `31 January 2026`."""

    tables = ENGLISH
    language = "en"
    unknown, never, empty_list, empty_text = "unknown", "never", "an empty list", "an empty text"
    yes, no = "yes", "no"
    measured_plural = True
    separators = (",", ".")
    quotes = ("“", "”")

    BIRTH = re.compile(r"birth ?date|date of birth|birthday|born", re.IGNORECASE)
    AMBIGUOUS = re.compile(r"[,;()“”]| (?:and|or) |^(?:not\b|all of\b|(?:un)?known$)|[.!?]$", re.IGNORECASE)

    def condition(self, subject: Subject, operator: str, right: Right, denied: bool) -> str:
        """Return a condition in words."""
        row = OPERATORS[operator]
        if row.right == "none" and subject.measured:
            verb = "are" if subject.plural else "is"
            return f"{'no ' if denied != bool(row.negates) else ''}{subject.text} {verb} known"
        if isinstance(right, tuple) and len(right) == 1 and operator == "has_all":
            row = OPERATORS["has"]
        template = row.denial if denied else row.phrase
        if subject.plural:
            template = re.sub(r"^is\b", "are", template)
        function = operator if operator == "matches" else subject.function
        said = self.right(right, "and" if operator == "has_all" else "or", function)
        return f"{subject.text} {template.format(right=said, **_ORDER.get(type(right), _NUMBER))}"

    def ordered(self, operator: str, value: Right, function: str) -> tuple[str, str]:
        """Return the verb and the rest of `is below 5`."""
        words = _ORDER.get(type(value), _NUMBER)
        verb, _, rest = (
            OPERATORS[operator].phrase.format(right=self.right(value, "or", function), **words).partition(" ")
        )
        return verb, rest

    def end(self, value: Right, function: str) -> str:
        """Return an end of `between … and …`."""
        return self.right(value, "or", function)

    def joined(self, parts: Sequence[str], joint: Joint) -> str:
        """Return parts joined by a word."""
        return _JOINTS[joint].join(parts)

    def listed(self, parts: Sequence[str], joint: Joint) -> str:
        """Return `a, b or c`."""
        return self.joined([", ".join(parts[:-1]), parts[-1]], joint) if len(parts) > 1 else parts[0]

    def date(self, year: int, month: int, day: int) -> str:
        """Return `31 January 2026`."""
        return f"{day} {self.tables.months[month - 1]} {year}"

    def at(self, day: str, clock: str) -> str:
        """Return `31 January 2026, 12:00`."""
        return f"{day}, {clock}"

    def last(self, duration: str) -> str:
        """Return `in the last 7 days`, `in the last day`."""
        return f"in the last {self.span(duration).removeprefix('1 ')}"

    def edge(self, word: str, value: Date | Datetime) -> str:
        """Return `since 31 January 2026`."""
        return f"{word} {self.moment(value)}"

    def function(self, name: str, subject: Subject) -> str:
        """Return `hour of since`, `hour of the last “Signed In”`."""
        if name == "age" and self.BIRTH.fullmatch(subject.text):
            return "age"
        if subject.measured and name == "size":
            return self.phrase("values_in", label=f"the {subject.text}")
        article = "the " if subject.measured and name != "lower" else ""
        return self.tables.functions[name].format(label=f"{article}{subject.text}")
