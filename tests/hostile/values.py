"""What a client can say instead of what it should, as JSON text; and bodies that are no JSON at all."""

from __future__ import annotations

import gzip
import zlib
from functools import cache

LONG = "x" * 10_000
VALUES: dict[str, str] = {
    "null": "null",
    "a boolean": "true",
    "a number": "5",
    "a fraction": "0.1",
    "a negative": "-1",
    "too much for 64 bits": "1" + "0" * 30,
    "more digits than anyone reads": "9" * 5_000,
    "an infinity": "1e400",
    "a text": '"x"',
    "an empty text": '""',
    "a text of 10 KB": f'"{LONG}"',
    "NUL": r'"a\u0000b"',
    "half a surrogate pair": r'"a\ud800b"',
    "another half": r'"\udfff"',
    "a year before all": '"1900-01-01T00:00:00Z"',
    "a year before 1900": '"0001-01-01T00:00:00+23:59"',
    "a far year": '"2999-01-01T00:00:00Z"',
    "the last year": '"9999-12-31T23:59:59-23:59"',
    "a day that is none": '"2026-02-30T00:00:00Z"',
    "an empty list": "[]",
    "a list": '[1, "x", null, {}, []]',
    "a list of NUL": r'["\u0000"]',
    "an empty object": "{}",
    "an object": '{"a": {"b": [{"c": 1}]}}',
    "a name that is NUL": r'{"\u0000": 1}',
    "a name that is half a pair": r'{"\ud800": 1}',
    "a name of 10 KB": f'{{"{LONG}": 1}}',
    "a path": '"../../../etc/passwd"',
    "SQL": '"\'); DROP TABLE events; --"',
    "deep lists": "[" * 1_000 + "]" * 1_000,
    "deep objects": '{"a":' * 1_000 + "1" + "}" * 1_000,
}
DEEP = "[" * 100_000 + "]" * 100_000

NO_JSON: dict[str, bytes] = {
    "nothing": b"",
    "a space": b" ",
    "half": b'{"event": "Seen", "anonymousId": "a',
    "a comma too much": b'{"event": "Seen",}',
    "two": b"{}{}",
    "no UTF-8": b'{"event": "\xff\xfe"}',
    "UTF-16": '{"event": "Seen"}'.encode("utf-16"),
    "a mark before it": b"\xef\xbb\xbf{}",
    "NUL": b"\0" * 100,
    "not a number": b'{"a": NaN}',
    "single quotes": b"{'event': 'Seen'}",
    "a form": b"event=Seen&anonymousId=a",
    "XML": b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>",
    "a list": b"[]",
    "a text": b'"x"',
    "a number": b"5",
    "null": b"null",
    "deep lists": DEEP.encode(),
    "deep objects": b'{"a":' * 100_000,
    "gzip that does not say so": gzip.compress(b"{}", mtime=0),
}


@cache
def bomb(size: int) -> bytes:
    """Return gzipped zeros."""
    packer, parts, chunk = zlib.compressobj(9, wbits=31), list[bytes](), bytes(1 << 20)
    for _ in range(size >> 20):
        parts.append(packer.compress(chunk))
    return b"".join([*parts, packer.flush()])
