"""Read when a behaviour counts: `within=`, `after=`, `before=`, and the durations of `every=` and `span=`."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from lenticular.criteria.duration import HINT, is_empty_span, parse_duration
from lenticular.criteria.measures import PERIODS
from lenticular.criteria.text import literals
from lenticular.criteria.text.reading import Reading
from lenticular.criteria.tree import Date, Datetime, Window
from lenticular.errors import did_you_mean

NAMED_WINDOWS = ("today", "week", "month", "session")
WINDOW_KEYWORDS = ("within", "after", "before")


def keywords(reading: Reading, call: ast.Call, known: tuple[str, ...]) -> dict[str, ast.keyword]:
    """Return the keyword arguments of a call by name. Raises RuleError for another one, or one that stands twice."""
    found: dict[str, ast.keyword] = {}
    for keyword in call.keywords:
        name = keyword.arg
        if name is None:
            raise reading.error(keyword, "`**` is not a sign of rules.", "Write the conditions one by one.")
        if name not in known:
            raise reading.error(
                keyword,
                f"There is no {name}= here.",
                _BELONGS.get(name) or did_you_mean(name, known) or _two_signs(name, keyword.value),
            )
        if name in found:
            raise reading.error(keyword, f"{name}= stands twice.", "Write it once.")
        found[name] = keyword
    return found


def _two_signs(name: str, value: ast.expr) -> str:
    shown = ast.unparse(value).replace("'", '"') if isinstance(value, ast.Constant) else "5"
    return f"A filter compares with two: {name} == {shown}."


_AT_THE_END = 'When it happened stands at the end of the whole: sequence(event("A"), event("B"), within="7d").'
_BELONGS = {
    **dict.fromkeys(WINDOW_KEYWORDS, _AT_THE_END),
    "every": 'every= belongs to periods(): periods("Signed In", every="1d") >= 10.',
    "span": "span= belongs to sequence(): it limits the time from the first to the last step.",
    "without": 'without= belongs to sequence(): sequence(event("A"), without=event("B")).',
}


def read_window(reading: Reading, given: Mapping[str, ast.keyword]) -> Window:
    """Read the window among the keyword arguments. Raises RuleError."""
    parts: dict[str, Any] = {}
    for name in WINDOW_KEYWORDS:
        if name in given:
            parts[name] = _within(reading, given[name]) if name == "within" else _edge(reading, given[name])
    return Window(**parts)


def read_every(reading: Reading, keyword: ast.keyword) -> str:
    """Read the calendar period of `every=`. Raises RuleError."""
    match keyword.value:
        case ast.Constant(value=str(text)) if text in PERIODS:
            return text
    known = ", ".join(f'"{one}"' for one in PERIODS)
    raise reading.error(keyword, "every= takes an hour, a day, a week or a month.", f"Write one of {known}.")


def read_span(reading: Reading, keyword: ast.keyword) -> str:
    """Read the duration of `span=`. Raises RuleError."""
    match keyword.value:
        case ast.Constant(value=str(text)):
            parsed = parse_duration(text)
            if parsed and not parsed.months:
                return text
            if parsed:
                raise reading.error(keyword, "span= takes an exact duration, not months or years.", 'Write span="30d".')
            raise reading.error(keyword, f"{text!r} is not a duration.", HINT)
    raise reading.error(keyword, "span= takes a duration.", 'Write span="1h".')


def _within(reading: Reading, keyword: ast.keyword) -> str | tuple[str, str]:
    match keyword.value:
        case ast.Constant(value=str(text)):
            if text in NAMED_WINDOWS or parse_duration(text):
                return text
            raise reading.error(
                keyword,
                f"{text!r} is not a window.",
                did_you_mean(text, NAMED_WINDOWS) or f'{HINT} Or "today", "week", "month", "session".',
            )
        case ast.Tuple([ast.Constant(value=str(start)), ast.Constant(value=str(end))]):
            return _two(reading, keyword, start, end)
    raise reading.error(keyword, "within= takes a duration or two.", 'Write within="7d" or within=("60d", "30d").')


def _two(reading: Reading, keyword: ast.keyword, start: str, end: str) -> tuple[str, str]:
    for text in (start, end):
        if parse_duration(text) is None:
            raise reading.error(keyword, f"{text!r} is not a duration.", HINT)
    if is_empty_span(start, end):
        turned = f'The longer duration comes first: within=("{end}", "{start}").'
        hint = "Its two durations must differ." if start == end else turned
        raise reading.error(keyword, "The span is empty.", hint)
    return start, end


def _edge(reading: Reading, keyword: ast.keyword) -> Date | Datetime:
    match keyword.value:
        case ast.Call(ast.Name("date"), [ast.Constant(value=str(text))], []):
            return literals.date_literal(reading, keyword.value, text)
        case ast.Call(ast.Name("datetime"), [ast.Constant(value=str(text))], []):
            return literals.datetime_literal(reading, keyword.value, text)
    raise reading.error(
        keyword, f"{keyword.arg}= takes a day or an instant.", f'Write {keyword.arg}=date("2026-01-31").'
    )
