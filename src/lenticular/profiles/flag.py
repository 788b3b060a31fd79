"""Answers of yes or no: the last write wins, in whatever order the writes arrive; where two meet, yes wins."""

from __future__ import annotations

from collections.abc import Mapping

Flag = tuple[int, int, bool]
"""A yes or no, and of when: (time in ms, tie, answer)."""
Stamp = tuple[int, int]
"""(time in ms, tie)."""


def write(flags: dict[str, Flag], name: str, yes: bool, stamp: Stamp) -> bool:
    """Note an answer unless a later one is known; return whether the answer changed (none is no)."""
    known = flags.get(name, (*stamp, False))
    if name in flags and known[:2] >= stamp:
        return False
    flags[name] = (*stamp, yes)
    return known[2] != yes


def unite(flags: dict[str, Flag], other: Mapping[str, Flag]) -> None:
    """Add another's answers: a yes of either is a yes, as of the later of the two."""
    for name, theirs in other.items():
        mine = flags.get(name)
        flags[name] = theirs if mine is None else (*max(mine[:2], theirs[:2]), mine[2] or theirs[2])


def part(flags: dict[str, Flag], mine: Mapping[str, Flag], theirs: Mapping[str, Flag]) -> None:
    """Undo `unite`: an answer that is as it left it becomes mine again."""
    united = {name: flag for name, flag in mine.items() if name in theirs}
    unite(united, theirs)
    for name, flag in united.items():
        if flags.get(name) == flag:
            del flags[name]
            if name in mine:
                flags[name] = mine[name]


def yes(flags: Mapping[str, Flag]) -> list[str]:
    """Return the names whose answer is yes, sorted."""
    return sorted(name for name, flag in flags.items() if flag[2])
