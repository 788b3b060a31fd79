"""Where in a text something stands, and what is refused before the text is parsed."""

from __future__ import annotations

import io
import tokenize

from lenticular.criteria.limits import MAX_BYTES, MAX_LEVELS, MAX_NODES, too_deep, too_large
from lenticular.errors import Problem, RuleError

_UNARY = frozenset({"not", "-", "+", "~"})


class Source:
    """A rule's text, and the parenthesised form of it that Python's parser takes (so that it may have lines)."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.python = f"({text}\n)"
        self._lines = text.split("\n")

    def place(self, line: int, byte_column: int) -> str:
        """Return `line 1, column 5` for a position in the parenthesised form; columns count characters from 1."""
        row = self._lines[min(line, len(self._lines)) - 1]
        offset = byte_column - 1 if line == 1 else byte_column
        column = len(row.encode("utf-8", "replace")[: max(offset, 0)].decode("utf-8", "ignore"))
        return f"line {line}, column {column + 1}"


def refuse_early(source: Source) -> None:
    """Refuse what must not reach the parser: too long, too deep, comments, brackets that don't match."""
    text = source.text
    if not text.strip():
        raise RuleError(Problem("rule.empty", "The rule is empty.", hint="Write True for everyone, or a condition."))
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise RuleError(
            Problem("rule.length", f"The rule is longer than {MAX_BYTES // 1024} KB.", hint=too_large().hint)
        )
    for at, char in enumerate(text):
        if "\ud800" <= char <= "\udfff" or char == "\0":
            place = source.place(text.count("\n", 0, at) + 1, 0)
            raise RuleError(Problem("rule.character", f"The character {char!r} can't be read.", place=place))
    _count_tokens(source)


def _count_tokens(source: Source) -> None:
    depth = unary = tokens = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(source.python).readline):
            if token.type == tokenize.COMMENT:
                raise RuleError(
                    Problem(
                        "rule.comment",
                        "Comments are not kept, so they are refused.",
                        place=source.place(token.start[0], _bytes_before(token)),
                        hint="Write it into the segment's description.",
                    )
                )
            tokens += token.type not in (tokenize.NL, tokenize.NEWLINE)
            depth += (token.string in "([{") - (token.string in ")]}") if token.type == tokenize.OP else 0
            unary = unary + 1 if token.string in _UNARY else 0
            place = source.place(token.start[0], _bytes_before(token))
            if depth > MAX_LEVELS * 2 or unary > MAX_LEVELS:
                raise RuleError(too_deep(place))
            if tokens > MAX_NODES * 6:
                raise RuleError(too_large())
            if depth < 1 and token.string == ")" and token.end[0] <= source.text.count("\n") + 1:
                raise RuleError(
                    Problem("rule.syntax", "This bracket closes nothing.", place=place, hint="Take it out.")
                )
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return  # the parser says the same, with the place


def _bytes_before(token: tokenize.TokenInfo) -> int:
    return len(token.line[: token.start[1]].encode("utf-8", "replace"))
