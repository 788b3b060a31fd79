"""A rule's text in which segments have other keys; everything else stays as somebody wrote it."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping

from lenticular.criteria.text.parse import parse
from lenticular.criteria.text.places import Source
from lenticular.criteria.text.print import quoted
from lenticular.errors import RuleError


def renamed_text(text: str, names: Mapping[str, str]) -> tuple[str, list[str]]:
    """Return a rule that names segments by their new keys, all at once, and which new keys those are.

    A text that is no rule stays as it is.
    """
    if "\\" not in text and not any(name in text for name in names):
        return text, []
    try:
        parse(text)
    except RuleError:
        return text, []
    source = Source(text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(source.python, mode="eval")
    lines = [line.encode() for line in source.python.split("\n")]
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    whole = source.python.encode()
    used: list[str] = []
    for at in sorted(_keys(tree), key=lambda one: (one.lineno, one.col_offset), reverse=True):
        new = names.get(str(at.value))
        if new is not None and at.end_lineno is not None and at.end_col_offset is not None:
            begin = starts[at.lineno - 1] + at.col_offset
            end = starts[at.end_lineno - 1] + at.end_col_offset
            whole = whole[:begin] + quoted(new).encode() + whole[end:]
            used.append(new)
    if not used:
        return text, []
    return whole.decode()[1:-2], sorted(set(used))  # without what Source puts round it


def _keys(tree: ast.AST) -> list[ast.Constant]:
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Call(ast.Name("segment" | "on_list"), [ast.Constant(str()) as key], []):
                found.append(key)
    return found
