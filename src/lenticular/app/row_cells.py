"""The cells of a row as typed values. What a text of a column stands for is worked out once: most come again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from lenticular.app.columns import Columns, What, list_of
from lenticular.intake.values import Scope, Typed, Types, as_datetime, typed_values
from lenticular.profiles.event import Value, Values

MOST_KEPT = 20_000
"""Texts that are remembered of a column."""
_MOST_COLUMNS = 1_000
_PLAIN = (str, float, bool, int)


class _Column(msgspec.Struct):
    """A column that becomes a property whose type is fixed: where its values belong, and what its texts stand for."""

    scope: Scope
    known: dict[str, tuple[str, Value]] = {}


class Cells:
    """Types the cells of a file by its columns and the types known by now; `with_offset` completes a local time."""

    def __init__(
        self,
        columns: Columns,
        what: What,
        types: Types,
        nulls: bool,
        with_offset: Callable[[str], str],
    ) -> None:
        self._columns, self._what, self._types = columns, what, types
        self._nulls, self._with_offset = nulls, with_offset
        self._targets: dict[str, tuple[Scope, str] | None] = {}
        self._known: dict[str, _Column] = {}

    def values(self, row: Mapping[str, Any]) -> dict[str, Typed]:
        """Return a row's properties by scope, in their types. Raises RefusedError."""
        found: dict[str, Values] = {}
        targets, columns = self._targets, self._known
        for column, cell in row.items():
            if cell == "" or (column in targets and targets[column] is None):
                continue
            known = columns.get(column)
            pair = known.known.get(cell) if known is not None and type(cell) is str else None
            if pair is None:
                pair = self._plain(column, cell)
            if known is None or pair is None:
                return self._one_by_one(row)
            if known.scope in found:
                found[known.scope][pair[0]] = pair[1]
            else:
                found[known.scope] = {pair[0]: pair[1]}
        return {scope: Typed(values) for scope, values in found.items()}

    def _plain(self, column: str, cell: Any) -> tuple[str, Value] | None:
        """Return what a text becomes if that is one plain value whatever else its row has, and remember it."""
        target = self._target(column)
        if target is None or target not in self._types or type(cell) is not str:
            return None
        known = self._known.get(column)
        if known is None:
            if len(self._known) < _MOST_COLUMNS:
                self._known[column] = _Column(target[0])
            return None
        pair = self.plain(column, cell)
        if pair is None or type(pair[1]) not in _PLAIN:
            return None
        if len(known.known) >= MOST_KEPT:
            known.known.clear()
        known.known[cell] = pair
        return pair

    def plain(self, column: str, cell: str) -> tuple[str, Value] | None:
        """Return what a text becomes whatever else its row has; None if that can't be told. Raises RefusedError."""
        target = self._target(column)
        if target is None or target not in self._types:
            return None
        scope, name = target
        typed = typed_values({name: self._cell(column, target, cell)}, scope, self._types)
        if typed.new or typed.removed or len(typed.values) != 1:
            return None
        [pair] = typed.values.items()
        return pair

    def _one_by_one(self, row: Mapping[str, Any]) -> dict[str, Typed]:
        raw: dict[Scope, dict[str, Any]] = {}
        for column, cell in row.items():
            if cell == "" or (cell is None and not self._nulls):
                continue
            target = self._target(column)
            if target is None:
                continue
            scope, name = target
            if type(cell) is str:
                cell = self._cell(column, target, cell)
            raw.setdefault(scope, {})[name] = cell
        return {scope: typed_values(cells, scope, self._types) for scope, cells in raw.items()}

    def _target(self, column: str) -> tuple[Scope, str] | None:
        if column in self._targets:
            return self._targets[column]
        if len(self._targets) > 10_000:  # a file of which each row has other names
            self._targets.clear()
        target = self._targets[column] = self._columns.target(column, self._what)
        return target

    def _cell(self, column: str, target: tuple[Scope, str], cell: str) -> Any:
        """A text as what it stands for: a list in JSON, a time without an offset where its column holds times."""
        if cell[0] == "[" and (self._types.get(target) or self._columns.types.get(column)) in ("list", "objects"):
            found = list_of(cell)
            return cell if found is None else found
        if self._columns.types.get(column) == "datetime" and as_datetime(cell) is None:
            return self._with_offset(cell)
        return cell
