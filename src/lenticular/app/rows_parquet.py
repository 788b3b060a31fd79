"""Parquet, read batch by batch; values as JSON would have them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pyarrow
import pyarrow.parquet

from lenticular.app.row import Position, Row, plain_cell
from lenticular.errors import LenticularError, Problem

_BATCH = 5_000


class ParquetRows:
    """The rows of a Parquet file behind a position. Raises LenticularError for what is none."""

    def __init__(self, file: IO[bytes], path: Path, after: Position) -> None:
        self._path, self.position = path, after
        try:
            # Without reading ahead: a row group of a gigabyte would lie in memory as a whole.
            self._file = pyarrow.parquet.ParquetFile(file, pre_buffer=False)
        except (pyarrow.ArrowException, OSError) as error:
            raise self._not_parquet(error) from None
        self.header: list[str] | None = [str(column) for column in self._file.schema_arrow.names]
        if len(set(self.header)) < len(self.header):
            raise LenticularError(Problem("import.header", "Several columns have the same name.", str(path)))

    def __iter__(self) -> Iterator[Row]:
        groups, skip = self._left()
        header = self.header or []
        line = self.position.line
        try:
            for batch in self._file.iter_batches(batch_size=_BATCH, row_groups=groups):
                columns = [_plain_column(batch.column(at)) for at in range(batch.num_columns)]
                for cells in zip(*columns, strict=True):
                    if skip:
                        skip -= 1
                        continue
                    line += 1
                    self.position = Position(line, line)
                    yield line, dict(zip(header, cells, strict=True))
        except (pyarrow.ArrowException, ValueError, OverflowError) as error:  # the last two: times without a year
            raise self._not_parquet(error) from None

    def _left(self) -> tuple[list[int], int]:
        """Return the row groups that are not read yet, and how many rows of the first are."""
        metadata, skip = self._file.metadata, self.position.offset
        groups = list(range(metadata.num_row_groups))
        while groups and metadata.row_group(groups[0]).num_rows <= skip:
            skip -= metadata.row_group(groups.pop(0)).num_rows
        return groups, skip

    def _not_parquet(self, error: Exception) -> LenticularError:
        return LenticularError(Problem("import.format", f"This is not Parquet: {error}.", str(self._path)))


def _plain_column(column: Any) -> list[Any]:
    kind = column.type
    if pyarrow.types.is_timestamp(kind) and kind.unit == "ns":
        column = column.cast(pyarrow.timestamp("us", kind.tz), safe=False)
    values: list[Any]
    try:
        values = column.to_pylist()
    except (ValueError, OverflowError):  # a date that Python does not have
        return list(column.cast(pyarrow.string()).to_pylist())
    if pyarrow.types.is_string(kind) or pyarrow.types.is_integer(kind) or pyarrow.types.is_boolean(kind):
        return values
    return [plain_cell(value) for value in values]
