"""The rows of a stretch as a sheet: what a text of a column stands for is decided once, by `RowEvents` and `Cells`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow
import pyarrow.compute as arrow

from lenticular.app.columns import Columns
from lenticular.app.row_events import FAR, RowEvents
from lenticular.app.sheets.row_ids import made_ids
from lenticular.app.sheets.stretch import Stretch, Texts
from lenticular.criteria.tables import Type, stored_key
from lenticular.intake.clock import in_range
from lenticular.intake.refused import RefusedError
from lenticular.profiles.event import Value
from lenticular.profiles.sheet import NONE, Column, Sheet, coded

T = TypeVar("T")
Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int32]
Numbers = npt.NDArray[np.int64]
_MILLISECONDS = "^[0-9]{13}$"
_INSTANT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{3}|\.[0-9]{6})?Z$"
_NUMBER = r"^-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?$"


class Typed(msgspec.Struct, frozen=True):
    """The rows of a stretch as a sheet, the codes of their ids, and which of them are no events, or doubtful.

    What a doubtful row stands for, or why it is refused, has to be asked of `RowEvents`.
    """

    sheet: Sheet
    anonymous: Codes
    users: Codes
    doubtful: Bools


class UnfitError(Exception):
    """A stretch has something that sheets do not have."""


def typed(stretch: Stretch, made: RowEvents, columns: Columns) -> Typed:
    """Return the events of a stretch. Raises UnfitError."""
    doubtful = np.zeros(len(stretch), np.bool_)
    anonymous = _ids(stretch, columns.anonymous_id, made, doubtful)
    users = _ids(stretch, columns.user_id, made, doubtful)
    names = _ids(stretch, columns.event, made, doubtful)
    doubtful |= ((anonymous[1] == NONE) & (users[1] == NONE)) | (names[1] == NONE)
    times = _times(stretch, columns.timestamp, made, doubtful)
    properties = _properties(stretch, made, columns, doubtful)
    sheet = Sheet(
        made.received,
        _message_ids(stretch, columns.message_id, made, doubtful),
        times.astype("<i8").tobytes(),
        Column(anonymous[0], anonymous[1].astype("<i4").tobytes()),
        Column(users[0], users[1].astype("<i4").tobytes()),
        Column(names[0], names[1].astype("<i4").tobytes()),
        properties,
    )
    return Typed(sheet, anonymous[1], users[1], doubtful)


def _decided(texts: Texts, decide: Callable[[str], T], doubtful: Bools) -> list[T | None]:
    """Return what each text of a column stands for; rows of those that are refused are doubtful."""
    found: list[T | None] = []
    refused = []
    for place, text in enumerate(texts.values.to_pylist()):
        try:
            found.append(decide(text))
        except RefusedError:
            refused.append(place)
            found.append(None)
    if refused:
        doubtful |= np.isin(texts.codes, refused)
    return found


def _ids(stretch: Stretch, name: str, made: RowEvents, doubtful: Bools) -> tuple[list[str], Codes]:
    """Return the ids of a column, and which of them each row has."""
    texts = stretch.columns.get(name)
    if texts is None:
        return [], np.full(len(stretch), NONE, np.int32)
    return _coded(
        [one or None for one in _decided(texts, lambda text: made.id_in({name: text}, name), doubtful)], texts
    )


def _coded(values: list[T | None], texts: Texts) -> tuple[list[T], Codes]:
    """Return the values that there are, each once, and which of them each row has."""
    places: dict[T, int] = {}
    codes = [NONE if value is None else places.setdefault(value, len(places)) for value in values]
    return list(places), np.array(codes or [NONE], np.int32)[texts.codes]


def _times(stretch: Stretch, name: str, made: RowEvents, doubtful: Bools) -> Numbers:
    texts = stretch.columns[name]
    quick = _quick_times(texts.values) if made.plain_times else None
    if quick is not None:
        return quick[texts.codes]
    found = _decided(texts, lambda text: made.time_in({name: text}), doubtful)
    doubtful |= np.isin(texts.codes, [place for place, time in enumerate(found) if time is None])
    return np.array([time or 0 for time in found], np.int64)[texts.codes]


def _quick_times(texts: Any) -> Numbers | None:
    """Return times that are all written in one of the usual ways, as `RowEvents` reads them; None for others."""
    if _all(texts, _MILLISECONDS):
        found = arrow.cast(texts, pyarrow.int64()).to_numpy()
        return found if int(found.max()) < int(FAR) else None
    if not _all(texts, _INSTANT):
        return None
    try:
        moments = arrow.cast(texts, pyarrow.timestamp("us", "UTC"))
    except pyarrow.ArrowInvalid:
        return None
    found = arrow.cast(moments, pyarrow.int64()).to_numpy() // 1_000
    return found if in_range(int(found.min())) and in_range(int(found.max())) else None


def _all(texts: Any, pattern: str) -> bool:
    return len(texts) > 0 and bool(arrow.all(arrow.match_substring_regex(texts, pattern)).as_py())


def _properties(stretch: Stretch, made: RowEvents, columns: Columns, doubtful: Bools) -> dict[str, Column]:
    properties: dict[str, Column] = {}
    targets = set()
    for name, texts in stretch.columns.items():
        target = columns.target(name, "events")
        if target is None or not arrow.any(arrow.not_equal(texts.values, "")).as_py():
            continue
        kind = made.type_of(target)
        if target[0] != "event" or kind is None or target in targets:
            raise UnfitError
        targets.add(target)
        if _sample(name, texts, made) is None:
            raise UnfitError
        quick = _quick_values(texts.values, kind, columns.types.get(name))
        if quick is None:
            properties.update(_slow_values(name, texts, made, doubtful))
        else:
            column, codes = _coded(quick, texts)
            properties[stored_key(target[1], kind)] = Column(column, codes.astype("<i4").tobytes())
    return properties


def _sample(name: str, texts: Texts, made: RowEvents) -> tuple[str, Value] | None:
    """Return what one of a column's texts stands for, None if a property can't be called so."""
    text = next(text for text in texts.values.to_pylist() if text)
    try:
        return made.plain(name, text)
    except RefusedError:
        return None


def _quick_values(texts: Any, kind: Type, said: str | None) -> list[Any] | None:
    """Return the values of texts where that takes no rule: texts themselves, and numbers as most are written."""
    if said == "datetime":
        return None
    if kind == "text":
        return [text or None for text in texts.to_pylist()]
    if kind != "number":
        return None
    given = arrow.if_else(arrow.equal(texts, ""), None, texts)
    if not _all(arrow.drop_null(given), _NUMBER):
        return None
    return [None if number is None else number + 0.0 for number in arrow.cast(given, pyarrow.float64()).to_pylist()]


def _slow_values(name: str, texts: Texts, made: RowEvents, doubtful: Bools) -> dict[str, Column]:
    """Return the values of a column by the keys that they have: what does not fit its type keeps another."""
    pairs = _decided(texts, lambda text: made.plain(name, text) if text else ("", ""), doubtful)
    doubtful |= np.isin(texts.codes, [place for place, pair in enumerate(pairs) if pair is None])
    found = {}
    for key in dict.fromkeys(pair[0] for pair in pairs if pair and pair[0]):
        column = coded(pair[1] if pair and pair[0] == key else None for pair in pairs)
        codes = np.array(column.places)[texts.codes]
        found[key] = Column(column.values, codes.astype("<i4").tobytes())
    return found


def _message_ids(stretch: Stretch, name: str, made: RowEvents, doubtful: Bools) -> list[str]:
    texts = stretch.columns.get(name)
    if texts is None:
        return made_ids(stretch, made.file)
    given = _decided(texts, lambda text: made.id_in({name: text}, name), doubtful)
    ids = [given[code] for code in texts.codes.tolist()]
    if all(ids):
        return [one or "" for one in ids]
    return [one or other for one, other in zip(ids, made_ids(stretch, made.file), strict=True)]
