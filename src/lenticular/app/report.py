"""What became of the rows of an import."""

from __future__ import annotations

import msgspec

from lenticular.errors import Problem

MOST_EXAMPLES = 100
_MOST_REASONS = 100
_OTHERS = "Other reasons."


class Refused(msgspec.Struct, frozen=True):
    """A row that was not taken, and why."""

    line: int
    reason: str


class Report(msgspec.Struct, rename="camel"):
    """What became of the rows; of the refused ones the first hundred are named, all are counted by reason.

    `duplicate` rows say nothing new, `unknown` ones name someone who is not known and is not to become a profile.
    """

    accepted: int = 0
    duplicate: int = 0
    refused: int = 0
    reasons: dict[str, int] = {}
    examples: list[Refused] = []
    unknown: int = 0

    @property
    def rows(self) -> int:
        """How many rows there were."""
        return self.accepted + self.duplicate + self.refused + self.unknown

    def refuse(self, line: int, problem: Problem) -> None:
        """Note a refused row."""
        self.refused += 1
        self._count(problem.message, 1)
        if len(self.examples) < MOST_EXAMPLES:
            self.examples.append(Refused(line, told(problem)))

    def add(self, other: Report) -> None:
        """Add the report of another part of the same file."""
        self.accepted += other.accepted
        self.duplicate += other.duplicate
        self.refused += other.refused
        self.unknown += other.unknown
        for reason, count in other.reasons.items():
            self._count(reason, count)
        self.examples = sorted([*self.examples, *other.examples], key=lambda one: one.line)[:MOST_EXAMPLES]

    def _count(self, reason: str, count: int) -> None:
        if reason not in self.reasons and len(self.reasons) >= _MOST_REASONS:
            reason = _OTHERS  # they quote what was found: a file may have a different one in each row
        self.reasons[reason] = self.reasons.get(reason, 0) + count


def told(problem: Problem) -> str:
    """Return why a row is refused, in one line."""
    where = f" ({problem.place})" if problem.place and not problem.place.startswith("line") else ""
    return f"{problem.message}{where} {problem.hint}".strip()
