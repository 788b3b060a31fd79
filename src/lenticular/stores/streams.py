"""Rows of the table of events as an Arrow stream: so those of files go to the log, column by column (ADR 0043).

A stream stands where lines of JSON stand otherwise, and is told from them by how it begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

Text = Any
"""An Arrow array of texts; its package has no types. It is imported late: half a second that a start need not wait."""

_BEGIN = b"\xff\xff\xff\xff"
"""Arrow IPC's mark of continuation."""
_TYPES = {
    "seq": "UInt64",
    "time": "Int64",
    "tie": "Int64",
    "profile_id": "UInt64",
    "name": "String",
    "type": "String",
    "session_id": "UInt64",
    "day": "Int32",
    "minute": "UInt16",
    "received": "Int64",
    "message_id": "String",
    "properties": "String",
    "context": "String",
}
"""The columns of `profiles.rows.EventRow`; objects are JSON."""
_OBJECTS = ("properties", "context")
_SPECIAL = r'["\\\x00-\x1f]'
_encode = msgspec.json.Encoder().encode

INSERT = (
    f"INSERT INTO events ({', '.join(_TYPES)}) SELECT {', '.join(_TYPES)} "
    f"FROM input('{', '.join(f'{name} {kind}' for name, kind in _TYPES.items())}') FORMAT ArrowStream\n"
).encode()
"""What a stream is sent behind. Texts become JSON by a cast here, which keeps to the settings; the format does not."""


def is_stream(content: bytes) -> bool:
    """Return whether rows are a stream, and no lines."""
    return content.startswith(_BEGIN)


def stream_of(columns: Mapping[str, Any]) -> bytes:
    """Return columns as a stream: arrays of all that an event's row has."""
    import pyarrow

    return _written(pyarrow.table({name: columns[name] for name in _TYPES}))


def joined(streams: Sequence[bytes]) -> bytes:
    """Return several streams as one."""
    if len(streams) == 1:
        return streams[0]
    import pyarrow

    return _written(pyarrow.concat_tables([_read(stream) for stream in streams]).combine_chunks())


def lines_in(stream: bytes) -> bytes:
    """Return the rows of a stream as lines of JSON."""
    import pyarrow
    import pyarrow.compute as arrow

    table = _read(stream)
    parts: list[Text] = []
    for name, kind in _TYPES.items():
        values = table[name].combine_chunks()
        if kind != "String":
            values = arrow.cast(values, pyarrow.string())
        elif name not in _OBJECTS:
            values = quoted(values)
        parts += [f'{"," if parts else "{"}"{name}":', values]
    found = arrow.binary_join_element_wise(*parts, "}\n", "")
    return bytes(content_of(found)[:-1])


def quoted(texts: Text) -> Text:
    """Return texts as they stand in JSON."""
    import pyarrow
    import pyarrow.compute as arrow

    if arrow.any(arrow.match_substring_regex(texts, _SPECIAL)).as_py():
        return pyarrow.array(encoded(texts.to_pylist()), pyarrow.string())
    return arrow.binary_join_element_wise('"', texts, '"', "")


def encoded(values: Iterable[Any]) -> list[str]:
    """Return values in JSON."""
    return [_encode(value).decode() for value in values]


def content_of(texts: Text) -> memoryview:
    """Return all of an array's texts, one behind the other; it must be no slice."""
    offsets, content = memoryview(texts.buffers()[1]).cast("i"), texts.buffers()[2]
    return memoryview(content)[offsets[0] : offsets[len(texts)]]


def _read(stream: bytes) -> Any:
    import pyarrow

    return pyarrow.ipc.open_stream(stream).read_all()


def _written(table: Any) -> bytes:
    import pyarrow

    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())
