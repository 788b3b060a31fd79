"""What is refused before Python's parser sees a text: too long, too deep, comments, signs and brackets that mislead it.

These checks read tokens, so that their places are exact and the same in every version of Python.
"""

from __future__ import annotations

import io
import keyword
import tokenize
from typing import NamedTuple

from lenticular.criteria.limits import MAX_BYTES, MAX_LEVELS, MAX_NODES, too_deep, too_large
from lenticular.criteria.text.places import Source
from lenticular.errors import Problem, RuleError

_UNARY = frozenset({"not", "-", "+", "~"})
_CLOSES = {")": "(", "]": "[", "}": "{"}
_SIGNS = {
    "===": "Compare with `==`.",
    "=>": "Write `>=`.",
    "=<": "Write `<=`.",
    "<>": "Write `!=`.",
    "&&": "Write `and`.",
    "&": "Write `and`.",
    "||": "Write `or`.",
    "|": "Write `or`.",
    "!": "Write `not`, or `!=`.",
}


def refuse_early(source: Source) -> None:
    """Refuse what must not reach the parser. Raises RuleError."""
    text = source.text
    if not text.strip():
        raise RuleError(Problem("rule.empty", "The rule is empty.", hint="Write True for everyone, or a condition."))
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise RuleError(
            Problem("rule.length", f"The rule is longer than {MAX_BYTES // 1024} KB.", hint=too_large().hint)
        )
    for at, char in enumerate(text):
        if "\ud800" <= char <= "\udfff" or char == "\0":
            place = source.place_of(at)
            raise RuleError(Problem("rule.character", f"The character {char!r} can't be read.", place, "Take it out."))
    tokens = _Tokens(source)
    try:
        for token in tokenize.generate_tokens(io.StringIO(source.python).readline):
            tokens.read(token)
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return  # the parser says the same, with the place


class _Bracket(NamedTuple):
    sign: str
    place: str
    is_call: bool


class _Tokens:
    """One pass over the tokens of the parenthesised text."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.open: list[_Bracket] = []
        self.before = ""
        self.count = self.unary = 0

    def read(self, token: tokenize.TokenInfo) -> None:
        """Look at the next token. Raises RuleError."""
        if token.type == tokenize.COMMENT:
            raise self._refused(
                token,
                "Comments are not kept, so they are refused.",
                "Write it into the segment's description.",
                "rule.comment",
            )
        if token.type in (tokenize.NL, tokenize.NEWLINE):
            return
        self.count += 1
        self.unary = self.unary + 1 if token.string in _UNARY else 0
        if self.unary > MAX_LEVELS:
            raise RuleError(too_deep(self._place(token)))
        if self.count > MAX_NODES * 6:
            raise RuleError(too_large())
        if token.type in (tokenize.OP, tokenize.ERRORTOKEN):
            self._sign(token)
            self._bracket(token)
        self.before = token.string

    def _sign(self, token: tokenize.TokenInfo) -> None:
        rest = token.line[token.start[1] :]
        for sign, hint in _SIGNS.items():
            if rest.startswith(sign) and not rest.startswith("!="):
                raise self._refused(token, f"`{sign}` is not a sign of rules.", hint)
        if token.string == "=" and not (self.open and self.open[-1].is_call):
            raise self._refused(token, "A single `=` does not compare.", "Compare with `==`.")

    def _bracket(self, token: tokenize.TokenInfo) -> None:
        if token.start == (1, 0):
            return  # the one that was put around the text
        if token.string in _CLOSES.values():
            is_call = self.before.isidentifier() and not keyword.iskeyword(self.before)
            self.open.append(_Bracket(token.string, self._place(token), is_call))
            if len(self.open) > MAX_LEVELS * 2:
                raise RuleError(too_deep(self._place(token)))
        elif token.string in _CLOSES:
            self._closed(token)

    def _closed(self, token: tokenize.TokenInfo) -> None:
        if token.start[0] > self.source.lines:  # ours again: whatever is open now stays open
            if self.open:
                bracket = self.open[-1]
                raise RuleError(
                    Problem("rule.syntax", f"This `{bracket.sign}` is never closed.", bracket.place, "Close it.")
                )
        elif not self.open:
            raise self._refused(token, "This bracket closes nothing.", "Take it out.")
        elif (bracket := self.open.pop()).sign != _CLOSES[token.string]:
            raise self._refused(
                token,
                f"This `{token.string}` does not close the `{bracket.sign}` at {bracket.place}.",
                "Close that first.",
            )

    def _place(self, token: tokenize.TokenInfo) -> str:
        before = token.line[: token.start[1]] if token.line else ""
        return self.source.place(token.start[0], len(before.encode("utf-8", "replace")))

    def _refused(self, token: tokenize.TokenInfo, message: str, hint: str, code: str = "rule.syntax") -> RuleError:
        return RuleError(Problem(code, message, self._place(token), hint))
