"""The measures of behaviour, each in one row: what it looks at, what it gives, what it is over nothing.

`sql` is an aggregate over the events that count: `{value}` is the field (known), `{when}` orders events by time and
message, `{period}` numbers the calendar period. Their Python face is the measure's tally (`tally/`).
"""

from __future__ import annotations

import msgspec

from lenticular.criteria.tables import Type

MILLION = 1_000_000
"""Sums are exact: integers of millionths."""
LARGEST_SUMMED = 9e12
"""A number beyond ± this does not enter sums and averages: its millionths would not fit 64 bits."""
EXACT = 1 << 53
"""Below this every integer is a 64-bit float of its own."""
PERIODS = ("1h", "1d", "1w", "1mo")
"""The calendar periods that `periods` counts, in the site's zone: hours, days, weeks from Monday, months."""

_SUM = "sum(toInt128(round({value} * 1000000)))"
_TOTAL = f"if(abs({_SUM}) < {EXACT}, toFloat64({_SUM}) / 1000000, toFloat64(intDiv({_SUM}, 1000000)))"
_ORDERED = frozenset[Type]({"number", "date", "datetime"})
_PLAIN = frozenset[Type]({"text", "number", "boolean", "date", "datetime"})


class Measure(msgspec.Struct, frozen=True):
    """One measure. `takes`: the types of its field, none for one that looks at none. `gives`: None for the field's.

    `counts`: over nothing it is 0; the others are missing then.
    """

    name: str
    sql: str
    takes: frozenset[Type] = frozenset()
    gives: Type | None = "number"
    counts: bool = False


MEASURES: dict[str, Measure] = {
    row.name: row
    for row in (
        Measure("count", "count()", counts=True),
        Measure("sum", _TOTAL, frozenset({"number"}), counts=True),
        Measure("avg", f"({_TOTAL}) / count()", frozenset({"number"})),
        Measure("min", "min({value})", _ORDERED, None),
        Measure("max", "max({value})", _ORDERED, None),
        Measure("distinct", "uniqExact({value})", _PLAIN, counts=True),
        Measure("first_time", "min(e.time)", gives="datetime"),
        Measure("last_time", "max(e.time)", gives="datetime"),
        Measure("first_value", "argMin({value}, {when})", _PLAIN | {"list"}, None),
        Measure("last_value", "argMax({value}, {when})", _PLAIN | {"list"}, None),
        Measure("periods", "uniqExact({period})", counts=True),
    )
}
