"""A source: where people, organizations or static members are pulled from, and when (ADR 0019)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from lenticular.app.columns import Columns
from lenticular.app.mapping import mapping_of
from lenticular.app.report import Report
from lenticular.catalog.places import Places
from lenticular.catalog.shape import misfits
from lenticular.criteria.duration import HINT, parse_duration
from lenticular.errors import LenticularError, Problem
from lenticular.stores.files.yaml import read_yaml
from lenticular.stores.warehouse.statement import asks_since, wrong_with

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_DAILY = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_BACK_OFF, _LONGEST_BACK_OFF = 60_000, 3_600_000


class DataSource(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What to pull, from where, when.

    `query` is asked of the database at `url`, in which `${NAME}` stands for a variable of the server's environment; or
    `files` are read, a pattern of paths. With `watermark`, a column, only what is new is asked for: `:since` in the
    query is its highest value so far, at first `since`. Static members are those of the segment `segment`, and nobody
    else; `create` makes unknown ones profiles, and nobody at all is believed with `allowEmpty` only. It runs `every` so
    often (a duration), `daily` at a time of the site's zone, or when asked. A page that does not come within `timeout`
    ends it.
    """

    what: Literal["people", "organizations", "members"]
    url: str = ""
    query: str = ""
    files: str = ""
    mapping: Columns = Columns()
    segment: str = ""
    create: bool = False
    allow_empty: bool = False
    watermark: str = ""
    since: str = ""
    every: str = ""
    daily: str = ""
    timeout: str = "10m"


class SourceState(msgspec.Struct, frozen=True, rename="camel"):
    """How the last run of a source went: when it began and ended (ms), what became of its rows, what was wrong.

    `since` is the highest value of the watermark, as [type, text]; `failures` counts those in a row.
    """

    began: int = 0
    ended: int = 0
    report: Report = msgspec.field(default_factory=Report)
    problem: str = ""
    failures: int = 0
    since: tuple[str, str] | None = None


def read_source(text: str, file: str) -> DataSource:
    """Return the source that a YAML text defines. Raises LenticularError with the place of everything wrong in it."""
    document = read_yaml(text, file)
    if document.problems:
        raise LenticularError(*document.problems)
    data = {} if document.data is None else document.data
    places = Places({("source", ""): document.source})

    def place(*path: str | int, name: bool = False) -> str:
        return places.of(("source", "", *path), name)

    wrong = [
        Problem("source.shape", one.message, place(*one.path, name=one.name), one.hint)
        for one in misfits(data, DataSource)
    ]
    if wrong:
        raise LenticularError(*wrong)
    source = msgspec.convert(data, DataSource)
    problems = [
        Problem("source.setting", message, place(field), hint) for field, message, hint in _problems(source) if message
    ]
    try:
        mapping_of(data.get("mapping", {}), document.source, ("mapping",))
    except LenticularError as error:
        problems += error.problems
    if problems:
        raise LenticularError(*problems)
    return source


def _problems(source: DataSource) -> list[tuple[str, str, str]]:
    """Return what is wrong: the setting, what, what to do."""
    found: list[tuple[str, str, str]] = []
    if bool(source.url) == bool(source.files):
        found.append(("what", "It needs a database or files.", "Give `url` and `query`, or `files`."))
    if source.url:
        from lenticular.stores.warehouse.reader import problem_of_url  # loads SQLAlchemy: not for every command

        found.append(("url", *problem_of_url(source.url)))
        found.append(("query", wrong_with(source.query), "Write one SELECT."))
    if bool(source.watermark) != asks_since(source.query):
        hint = "Name the `watermark` column, its first `since`, and ask for `> :since` in the query."
        found.append(("watermark" if source.watermark else "query", "`watermark` and `:since` go together.", hint))
    if source.watermark and not source.since:
        found.append(("watermark", "The first `since` is missing.", 'Add a line like `since: "1970-01-01"`.'))
    if source.what == "members":
        if not source.segment:
            found.append(("what", "Whose members?", "Add a line `segment: KEY`."))
        if source.watermark:
            found.append(("watermark", "A list of members is replaced as a whole.", "Leave `watermark` out."))
    elif source.segment or source.create or source.allow_empty:
        name = "segment" if source.segment else "create" if source.create else "allow_empty"
        found.append((name, "This goes with members only.", "Leave it out."))
    for name, text, least in (("every", source.every, 10), ("timeout", source.timeout, 1)):
        duration = parse_duration(text) if text else None
        if (text or name == "timeout") and (duration is None or duration.milliseconds < least * 1000):
            found.append((name, f"This is no duration of at least {least} seconds.", HINT))
    if source.daily and not _DAILY.fullmatch(source.daily):
        found.append(("daily", "This is no time of the day.", 'Write it like "03:30".'))
    if source.every and source.daily:
        found.append(("daily", "`every` and `daily` are two schedules.", "Leave one of them out."))
    return found


def expanded(text: str, environment: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Return a text with the values of its variables, and these by name. Raises LenticularError for one not set."""
    names = _VARIABLE.findall(text)
    missing = [name for name in names if not environment.get(name)]
    if missing:
        hint = "Set it in the environment of the server, and start it again."
        raise LenticularError(*(Problem("source.variable", f"{name} is not set.", hint=hint) for name in missing))
    return _VARIABLE.sub(lambda found: environment[found[1]], text), {name: environment[name] for name in names}


def next_run(source: DataSource, state: SourceState, zone: ZoneInfo) -> int | None:
    """Return when a source runs next (ms): at once if it never did, None if only when asked."""
    if not (source.every or source.daily):
        return None
    if not state.began:
        return 0
    if state.failures:
        return state.ended + min(_BACK_OFF << min(state.failures - 1, 10), _LONGEST_BACK_OFF)
    every = parse_duration(source.every)
    if every is not None:
        return state.began + every.milliseconds
    began = datetime.fromtimestamp(state.began / 1000, UTC).astimezone(zone)
    hour, minute = map(int, source.daily.split(":"))
    then = datetime.combine(began.date(), time(hour, minute), zone)
    if then <= began:
        then = datetime.combine(began.date() + timedelta(days=1), time(hour, minute), zone)
    return int(then.timestamp() * 1000)


def written(value: Any) -> tuple[str, str] | None:
    """Return a value of a watermark as [type, text], None for one that can be none."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, Decimal):
        value = int(value) if value == int(value) else float(value)
    if isinstance(value, int | float | str):
        return type(value).__name__, str(value)
    return ("moment", value.isoformat()) if isinstance(value, date) else None


def read_back(since: tuple[str, str] | None, first: str) -> Any:
    """Return the value of a watermark; `first` is where it begins."""
    if since is None:
        return float(first) if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", first) else first
    kind, text = since
    return int(text) if kind == "int" else float(text) if kind == "float" else text
