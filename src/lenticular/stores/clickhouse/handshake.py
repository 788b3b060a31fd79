"""What passes between the supervisor and the child: one line each way, over pipes that no other process sees."""

from __future__ import annotations

import msgspec


class Order(msgspec.Struct, frozen=True):
    """The first line on the child's standard input. The input then stays open: its end means the parent is gone."""

    folder: str
    token: str
    threads: int
    memory: int
    spare: int
    body_limit: int


class Report(msgspec.Struct, frozen=True):
    """The only line on the child's standard output: its port, or why it can't serve.

    `code` is `ready`, `in-use` (another process owns the folder) or `unusable`.
    """

    code: str
    port: int = 0
    message: str = ""
