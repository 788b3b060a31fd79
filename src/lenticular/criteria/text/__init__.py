"""The text form of a tree: a subset of Python expressions, read with `ast` and printed back."""

from lenticular.criteria.text.parse import Parsed, parse
from lenticular.criteria.text.print import to_text

__all__ = ["Parsed", "parse", "to_text"]
