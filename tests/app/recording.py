"""An events store that keeps batches in memory, exactly once by token, and fails when told to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lenticular.errors import EventsUnavailableError, LenticularError, Problem
from lenticular.ports import Batch


class RecordingEvents:
    def __init__(self) -> None:
        self.rows: dict[str, list[bytes]] = {}
        self.tokens: list[str] = []
        self.tries: list[str] = []
        self.unavailable = 0
        self.lose_answers = 0
        self.bad = b"\xff"

    async def open(self) -> None: ...

    async def query(self, sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        raise EventsUnavailableError(Problem("memory", "This store answers no questions."))

    async def insert(self, batch: Batch) -> None:
        self.tries.append(batch.token)
        if self.unavailable:
            self.unavailable -= 1
            raise EventsUnavailableError(Problem("down", "Not now."))
        lines = batch.lines.split(b"\n")
        assert len(lines) == batch.rows
        if any(self.bad in line for line in lines):
            raise LenticularError(Problem("refused", "A row does not fit."))
        if batch.token not in self.tokens:
            self.tokens.append(batch.token)
            self.rows.setdefault(batch.table, []).extend(lines)
        if self.lose_answers:
            self.lose_answers -= 1
            raise EventsUnavailableError(Problem("down", "Gone before the answer."))
