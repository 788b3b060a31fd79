"""How English says the parts of a rule. Another language is another object of this shape."""

from __future__ import annotations

import re
from datetime import date, datetime

from lenticular.criteria.duration import Duration
from lenticular.criteria.tree import Ago, Ahead, Date, Datetime, Right, Today
from lenticular.criteria.window import duration

_UNITS = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week", "mo": "month", "y": "year"}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}

EVERYONE, NOBODY = "everyone", "nobody"
AND, OR, NOT = " and ", " or ", "not"
IN_SEGMENT, NOT_IN_SEGMENT = "belongs to {name}", "does not belong to {name}"
IS, IS_NOT, ARE = "is", "is not", "are"
BETWEEN = "between {low} and {high}"
HALF_OPEN = "{low_word} {low} and {high_word} {high}"
HAPPENED = "{event} happened{times}{window}"
DID_NOT_HAPPEN = "{event} did not happen{times}{window}"
TIMES = "times"
TRUE, FALSE = "yes", "no"
EMPTY = "an empty text"

HOW_OFTEN = {
    "==": "exactly {times}",
    "<": "fewer than {times}",
    "<=": "at most {times}",
    ">": "more than {times}",
    ">=": "at least {times}",
    "in": "{times}",
}
ORDER = {
    "number": {"below": "below", "at_most": "at most", "above": "above", "at_least": "at least"},
    "date": {"below": "before", "at_most": "on or before", "above": "after", "at_least": "on or after"},
    "datetime": {"below": "before", "at_most": "at or before", "above": "after", "at_least": "at or after"},
    "ago": {"below": "more than", "at_most": "at least", "above": "less than", "at_least": "at most"},
    "ahead": {"below": "less than", "at_most": "at most", "above": "more than", "at_least": "at least"},
}
FUNCTIONS = {
    "lower": "{label} (ignoring case)",
    "size": "number of {label}",
    "age": "{label}",
    "days_until_anniversary": "number of days until the anniversary of {label}",
    "weekday": "weekday of {label}",
    "day": "day of the month of {label}",
    "month": "month of {label}",
    "hour": "hour of {label}",
}
KNOWN_LABELS = {
    "session.landing_url": "landing URL",
    "session.utm_source": "campaign source",
    "session.utm_medium": "campaign medium",
    "session.utm_campaign": "campaign",
    "session.utm_term": "campaign term",
    "session.utm_content": "campaign content",
    "session.number": "number of the visit",
    "session.started": "start of the visit",
    "context.url": "page URL",
}


def label(scope: str, name: str) -> str:
    """Return what people call a property that has no label of its own."""
    known = KNOWN_LABELS.get(f"{scope}.{name}")
    return known or re.sub(r"[_.\s]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)).strip().lower() or name


def age_label(label: str) -> str:
    """Return what `.age()` of a property is called: the age of a birth date is one's age."""
    own = re.fullmatch(r"birth date|date of birth|birthdate|birthday|born", label.lower())
    return "age" if own else f"age of {label}"


def number(value: float) -> str:
    """Return a number as people write it: `100,000`, `49.5`."""
    if abs(value) >= 1e15:
        return repr(value)
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.10g}"


def day_words(year: int, month: int, of_month: int) -> str:
    """Return `31 January 2026`."""
    return f"{of_month} {_MONTHS[month - 1]} {year}"


def day(value: date) -> str:
    """Return a date in words."""
    return day_words(value.year, value.month, value.day)


def instant(value: datetime) -> str:
    """Return `31 January 2026, 12:00`, with seconds where there are any."""
    return f"{day(value)}, {value:%H:%M:%S}" if value.second else f"{day(value)}, {value:%H:%M}"


def span(text: str) -> str:
    """Return `7 days` for `7d`."""
    amount, unit = re.fullmatch(r"(\d+)(\w+)", text).groups()  # type: ignore[union-attr]  # durations are checked before
    return f"{amount} {_UNITS[unit]}{'' if amount == '1' else 's'}"


def times(count: float) -> str:
    """Return `3 times`, `once`."""
    return "once" if count == 1 else f"{number(count)} times"


def several(counts: Right) -> str:
    """Return `0 or 2 times`."""
    return f"{right(counts)} {TIMES}"


def order(kind: str, value: Right) -> dict[str, str]:
    """Return the words of an order between a value of a type and a right side."""
    if isinstance(value, Ago | Ahead):
        return ORDER["ago" if isinstance(value, Ago) else "ahead"]
    return ORDER.get(kind, ORDER["number"])


def plural(template: str, kind: str) -> str:
    """Return a phrase in the number of its property: lists are named in the plural."""
    return re.sub(r"^is\b", ARE, template) if kind in ("list", "objects") else template


def right(value: Right, conjunction: str = OR, function: str = "") -> str:
    """Return a right side in words; for some functions of a property, its numbers and texts have names."""
    match value:
        case int() | float() if function == "month" and value in range(1, 13):
            return _MONTHS[int(value) - 1]
        case str() if function == "weekday":
            return _DAYS.get(value, value)
        case bool():
            return TRUE if value else FALSE
        case int() | float():
            return number(value)
        case str():
            return value or EMPTY
        case Date(text):
            return day(date.fromisoformat(text))
        case Datetime(text):
            return f"{instant(datetime.fromisoformat(text))} {datetime.fromisoformat(text):%Z}"
        case Ago(text):
            return f"{span(text)} ago"
        case Ahead(text):
            return f"{span(text)} from now"
        case Today():
            return "today"
        case tuple():
            words = [right(member, conjunction, function) for member in value]
            return words[0] if len(words) == 1 else f"{', '.join(words[:-1])}{conjunction}{words[-1]}"
    return ""


def window(within: str | tuple[str, str] | None, after: str, before: str) -> str:
    """Return when something happened: ` in the last 7 days`, ` today`, ` since 31 January 2026`."""
    named = {"today": " today", "week": " this week", "month": " this month", "session": " in this visit"}
    words = ""
    if isinstance(within, tuple):
        words = f" between {span(within[0])} and {span(within[1])} ago"
    elif within:
        words = named.get(within) or f" in the last {_last(within)}"
    edges = [f"since {after}" if after else "", f"before {before}" if before else ""]
    joined = AND.join(edge for edge in edges if edge)
    return words + (f"{',' if words else ''} {joined}" if joined else "")


def _last(text: str) -> str:
    parsed: Duration = duration(text)
    return span(text).removeprefix("1 ") if (parsed.months or parsed.milliseconds) else text
