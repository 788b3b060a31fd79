"""What every language can say, and what is alike in all of them: numbers, lists, windows, labels.

Two languages need twelve months' names, two signs in numbers and one plural each. That is less than a library of
all locales weighs, and the base install carries it.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Literal

from lenticular.criteria.calendar import civil
from lenticular.criteria.tree import Ago, Ahead, Between, Date, Datetime, Right, Today, Window
from lenticular.criteria.types import INTEREST
from lenticular.criteria.window import day_of
from lenticular.criteria.words.subject import Subject
from lenticular.criteria.words.tables import Forms, Tables

Joint = Literal["and", "or", "nor"]

_DURATION = re.compile(r"(\d+)(\w+)")
_FREE = {"query.": "query", "cookies.": "cookie"}
_ENDS = {"low": (">", ">="), "high": ("<", "<=")}


class Words(ABC):
    """One language: its tables, and the grammar that joins them."""

    tables: ClassVar[Tables]
    language: ClassVar[str]
    unknown: ClassVar[str]
    never: ClassVar[str]
    empty_list: ClassVar[str]
    empty_text: ClassVar[str]
    yes: ClassVar[str]
    no: ClassVar[str]
    measured_plural: ClassVar[bool]  # whether what is measured of a list is plural too: `last sizes include`
    separators: ClassVar[tuple[str, str]]  # of thousands, of decimals
    quotes: ClassVar[tuple[str, str]]

    BIRTH: ClassVar[re.Pattern[str]]  # labels of a birth date
    AMBIGUOUS: ClassVar[re.Pattern[str]]  # texts that would be read as words of ours

    @abstractmethod
    def condition(self, subject: Subject, operator: str, right: Right, denied: bool) -> str:
        """Return a condition in words: `total balance is at least 5`."""

    @abstractmethod
    def ordered(self, operator: str, value: Right, function: str) -> tuple[str, str]:
        """Return the verb and the rest of `is below 5`."""

    @abstractmethod
    def end(self, value: Right, function: str) -> str:
        """Return an end of `between … and …`."""

    @abstractmethod
    def joined(self, parts: Sequence[str], joint: Joint) -> str:
        """Return parts joined by a word, no commas: conditions."""

    @abstractmethod
    def listed(self, parts: Sequence[str], joint: Joint) -> str:
        """Return parts in a list: `a, b or c`."""

    @abstractmethod
    def date(self, year: int, month: int, day: int) -> str:
        """Return a day: `31 January 2026`."""

    @abstractmethod
    def at(self, day: str, clock: str) -> str:
        """Return a day and a time of it: `31 January 2026, 12:00`."""

    @abstractmethod
    def last(self, duration: str) -> str:
        """Return a rolling window: `in the last 7 days`."""

    @abstractmethod
    def edge(self, word: str, value: Date | Datetime) -> str:
        """Return one fixed end of a window: `since 31 January 2026`; `word` is `since` or `before`."""

    @abstractmethod
    def function(self, name: str, subject: Subject) -> str:
        """Return a function of a property or behaviour: `hour of since`."""

    def phrase(self, key: str, **parts: str) -> str:
        """Return a phrase of the table, filled. Raises KeyError for one that is none."""
        return self.tables.phrases[key].format(**parts)

    def between(self, subject: Subject, node: Between, denied: bool) -> str:
        """Return a chain in words: `age is between 18 and 25`, `price is above 5 and at most 10`."""
        function = subject.function
        if not (node.low_open or node.high_open):
            low, high = self.end(node.low, function), self.end(node.high, function)
            return self.phrase("not_between" if denied else "between", subject=subject.text, low=low, high=high)
        verb, low = self.ordered(_ENDS["low"][not node.low_open], node.low, function)
        other, high = self.ordered(_ENDS["high"][not node.high_open], node.high, function)
        ends = self.joined((low, high if verb == other else f"{other} {high}"), "and")
        said = f"{subject.text} {verb} {ends}"
        return self.phrase("not", of=said) if denied else said

    def measure(self, name: str, field: str, events: str, moment: bool) -> str:
        """Return what a measure gives: `total revenue of “Order Completed”`; `moment`: days or instants."""
        row = self.tables.moments.get(name) if moment else None
        return (row or self.tables.measures[name]).format(field=field, events=events)

    def amount(self, operator: str, right: Right, unit: str) -> str:
        """Return how often: `at least 3 times`, `on at least 10 different days`; the unit is `times` or a period."""
        if isinstance(right, tuple):
            said = f"{self.right(right)} {self.tables.how_many[unit][1]}"
        else:
            said = self.tables.amounts[operator].format(amount=self.counted(_number(right), self.tables.how_many[unit]))
        return self.phrase(f"every_{unit}", amount=said)

    def amount_between(self, node: Between, unit: str) -> str:
        """Return how often, for a chain: `between 1 and 3 times`."""
        low, high = _number(node.low), _number(node.high)
        more = self.tables.how_many[unit][1]
        first, last = self.number(low), self.counted(high, (f"1 {more}", more))
        if node.low_open or node.high_open:
            first = self.tables.amounts[">" if node.low_open else ">="].format(amount=first)
            last = self.tables.amounts["<" if node.high_open else "<="].format(amount=last)
            return self.phrase(f"every_{unit}", amount=self.joined((first, last), "and"))
        return self.phrase(f"between_{unit}", low=first, high=last)

    def counted(self, number: float, forms: Forms) -> str:
        """Return a number of things in the right plural: `once`, `3 times`."""
        return forms[0] if number == 1 else f"{self.number(number)} {forms[1]}"

    def times(self, count: float) -> str:
        """Return how often something happened: `3 times`, `once`."""
        return self.counted(count, self.tables.how_many["times"])

    def number(self, value: float) -> str:
        """Return a number as people write it, all its digits: `100,000`, `49.5`."""
        if abs(value) >= 1e16:
            said = repr(value)
        else:
            said = f"{value + 0.0:,.0f}" if float(value).is_integer() else f"{value:,}"
        thousands, decimals = self.separators
        return said.translate({ord(","): thousands, ord("."): decimals})

    def span(self, duration: str) -> str:
        """Return `7 days` for `7d`. The duration is one that was checked."""
        amount, unit = duration_parts(duration)
        one, more = self.tables.units[unit]
        return self.counted(amount, (f"1 {one}", more))

    def day(self, day: int) -> str:
        """Return a day number (since 1970-01-01) in words: `31 January 2026`."""
        return self.date(*civil(day))

    def instant(self, local: int) -> str:
        """Return an instant in words, by its local milliseconds: `31 January 2026, 12:00`, seconds if there are any."""
        day, rest = divmod(local, 86_400_000)
        seconds, thousandths = divmod(rest, 1000)
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}"
        if seconds % 60 or thousandths:
            clock += f":{seconds % 60:02}"
        if thousandths:
            clock += f"{self.separators[1]}{thousandths:03}"
        return self.at(self.day(day), clock)

    def moment(self, value: Date | Datetime) -> str:
        """Return a day or an instant as a rule gives it; an instant with its offset."""
        if isinstance(value, Date):
            return self.day(day_of(value))
        at = datetime.fromisoformat(value.at)
        day = at.toordinal() - datetime(1970, 1, 1).toordinal()  # noqa: DTZ001 - a day number has no zone
        seconds = (at.hour * 60 + at.minute) * 60 + at.second
        return f"{self.instant(day * 86_400_000 + seconds * 1000 + at.microsecond // 1000)} {at:%Z}"

    def right(self, value: Right, joint: Joint = "or", function: str = "") -> str:
        """Return a right side, or a value that was seen; the numbers and texts of some functions have names."""
        match value:
            case bool():
                return self.yes if value else self.no
            case int() | float() if function == "month" and value in range(1, 13):
                return self.tables.months[int(value) - 1]
            case int() | float():
                return self.number(value)
            case str() if function == "weekday":
                return self.tables.days.get(value, value)
            case str():
                return self.text(value, pattern=function == "matches")
            case Date() | Datetime():
                return self.moment(value)
            case Ago(duration):
                return self.phrase("ago", span=self.span(duration))
            case Ahead(duration):
                return self.phrase("ahead", span=self.span(duration))
            case Today():
                return self.tables.named["today"]
            case tuple():
                return self.listed([self.right(member, joint, function) for member in value], joint)
            case None:
                return self.unknown

    def text(self, value: str, pattern: bool = False) -> str:
        """Return a text as it is, in quotes where it would be read as something else."""
        if not value:
            return self.empty_text
        shown = _printable(value)
        if pattern:
            ambiguous = value[-1] in ".!?" or any(map(str.isspace, value))
        else:
            own = value in (self.yes, self.no, self.empty_text)
            ambiguous = own or value != " ".join(value.split()) or bool(self.AMBIGUOUS.search(value))
        return self.event(value) if ambiguous or shown != value else value

    def event(self, name: str) -> str:
        """Return an event's name in quotes."""
        return f"{self.quotes[0]}{_printable(name)}{self.quotes[1]}"

    def window(self, window: Window) -> str:
        """Return when something happened: `in the last 7 days`, `today`, `since 31 January 2026`, or nothing."""
        parts = []
        if isinstance(window.within, tuple):
            far, near = map(self.span, window.within)
            parts.append(self.phrase("span", far=far, near=near))
        elif window.within:
            parts.append(self.tables.named.get(window.within) or self.last(window.within))
        if window.after:
            parts.append(self.edge("since", window.after))
        if window.before:
            parts.append(self.edge("before", window.before))
        return self.listed(parts, "and") if parts else ""

    def label(self, scope: str, name: str) -> str:
        """Return what people call a property that has no label of its own."""
        visit = scope in ("session", "context")
        known = self.tables.labels.get(f"{scope}.{name}") or (self.tables.visit.get(name) if visit else None)
        if known:
            return known
        if scope == "user" and name.startswith(INTEREST):
            return self.phrase("interest", topic=self.text(name.removeprefix(INTEREST)))
        if not visit:
            return readable(name)
        for start, key in _FREE.items():
            if name.startswith(start):
                return self.phrase(key, name=self.text(name.removeprefix(start)))
        return self.phrase(f"of_{scope}", label=readable(name))


def readable(name: str) -> str:
    """Return a name as words: `any name` for `anyName` and `any_name`."""
    return re.sub(r"[_.\s]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)).strip().lower() or name


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _number(value: Right) -> float:
    if not isinstance(value, int | float):
        raise TypeError(value)
    return value


def duration_parts(duration: str) -> tuple[int, str]:
    """Return the amount and the unit of a duration. Raises ValueError for a text that is none."""
    found = _DURATION.fullmatch(duration)
    if found is None:
        raise ValueError(f"{duration!r} is not a duration")
    return int(found[1]), found[2]
