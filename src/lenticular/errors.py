"""A problem that a person caused or can mend: what was wrong, where, and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

import msgspec


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that is wrong.

    `message` says what; `place` says where (`line 1, column 8`, `segments/students.yaml:3:9`, `row 17`,
    or a path into a JSON value such as `/of/0/right`); `hint` says what to do; `code` is stable, for programs.
    """

    code: str
    message: str
    place: str = ""
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        return f"{where}{self.message}" + (f" {self.hint}" if self.hint else "")


class LenticularError(Exception):
    """Raised at the edges; carries every problem found, not only the first."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))

    @property
    def codes(self) -> str:
        """What may be written into a log: codes and places of the program, none of anybody's words."""
        return ", ".join(
            f"{problem.code} ({problem.place})" if problem.place else problem.code for problem in self.problems
        )


class RuleError(LenticularError):
    """A rule can't be read, or asks for what does not exist."""


class CatalogError(LenticularError):
    """A catalog's files or definitions are wrong."""


class ConflictError(LenticularError):
    """What was to be changed has changed meanwhile, or a mode does not allow the change."""


class StoreError(LenticularError):
    """A data folder can't be used: missing, read-only, or owned by another process."""


class EventsUnavailableError(LenticularError):
    """The events store (ClickHouse) can't answer now; accepted events wait in the journal."""


def nearest(name: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """Return the known names that look most like `name`, best first."""
    return difflib.get_close_matches(name, list(known), n=limit, cutoff=0.6)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint with the nearest names, or an empty text when none is near."""
    found = nearest(name, known)
    return f"Did you mean {' or '.join(found)}?" if found else ""
