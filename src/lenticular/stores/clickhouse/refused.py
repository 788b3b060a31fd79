"""A request that is not answered with rows: the HTTP status, ClickHouse's number, and a sentence."""

from __future__ import annotations

import re

_CODE = re.compile(r"Code: (\d+)\. DB::Exception")

# How ClickHouse's own server maps its numbers to statuses; all others are 500.
_STATUS = {
    **dict.fromkeys((6, 26, 27, 33, 36, 38, 41, 42, 43, 53, 62, 72, 117, 130, 131, 386, 441, 456, 457), 400),
    **dict.fromkeys((10, 16, 46, 47, 50, 56, 60, 81, 115), 404),
    **dict.fromkeys((192, 193, 194, 516), 403),
    159: 408,
    164: 403,
    48: 501,
    202: 503,
}


class Refused(Exception):
    """Carries what a client is told. `code` is ClickHouse's error number."""

    def __init__(self, status: int, code: int, message: str) -> None:
        self.status = status
        self.code = code
        self.message = message
        super().__init__(message)

    @property
    def body(self) -> bytes:
        """The answer's text, in the words a ClickHouse client expects."""
        if _CODE.match(self.message):
            return f"{self.message}\n".encode()
        return f"Code: {self.code}. DB::Exception: {self.message}\n".encode()


def from_engine(message: str) -> Refused:
    """Return what a client is told of an engine's error text."""
    found = _CODE.search(message)
    if not found:
        return Refused(500, 1000, message)
    code = int(found[1])
    return Refused(_STATUS.get(code, 500), code, message[found.start() :])
