"""Which page a path belongs to: its own, or one whose path is a pattern."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

PARAMETER = re.compile(r":[A-Za-z_][A-Za-z0-9_]*")


def is_pattern(path: str) -> bool:
    """Return whether a page's path stands for many: a part of it is a `:name` or `*`."""
    return any(part == "*" or PARAMETER.fullmatch(part) for part in path.split("/"))


def wrong_part(path: str) -> str:
    """Return the first part of a path that looks like a pattern and is none, empty if there is none."""
    odd = (part for part in path.split("/") if "*" in part or part.startswith(":"))
    return next((part for part in odd if part != "*" and not PARAMETER.fullmatch(part)), "")


def shape(path: str) -> str:
    """Return a path without the names in it: two patterns of one shape stand for the same paths."""
    return "/".join(":" if PARAMETER.fullmatch(part) else part for part in path.split("/"))


def by_precision(paths: Iterable[str]) -> list[str]:
    """Return patterns in the order in which they are tried: part by part a text, then a `:name`, then `*`."""
    return sorted(paths, key=lambda path: ([_rank(part) for part in path.split("/")], path))


def expression(path: str) -> str:
    """Return what a pattern matches, for Python and RE2 alike: a `:name` one part of a path, `*` one or more."""
    parts = [
        "[^/]+" if PARAMETER.fullmatch(part) else ".+" if part == "*" else re.escape(part) for part in path.split("/")
    ]
    return "/".join(parts)


def named_parts(pattern: str, path: str) -> dict[str, str]:
    """Return the parts of a path by the names of a pattern: `/news/:slug` calls the `a` of `/news/a` `slug`."""
    names = [part[1:] for part in pattern.split("/") if PARAMETER.fullmatch(part)]
    found = _groups(pattern).fullmatch(path) if names else None
    return dict(zip(names, found.groups(), strict=True)) if found else {}


@lru_cache(1_000)
def _groups(pattern: str) -> re.Pattern[str]:
    parts = ("([^/]+)" if PARAMETER.fullmatch(part) else expression(part) for part in pattern.split("/"))
    return re.compile("/".join(parts))


def _rank(part: str) -> int:
    return 2 if part == "*" else 1 if PARAMETER.fullmatch(part) else 0
