"""The design tokens that a site sets: names and values of CSS custom properties, and nothing else."""

from __future__ import annotations

import re

_NAME = re.compile(r"[a-z][a-z0-9-]{0,40}")
_VALUE = re.compile(r"[A-Za-z0-9 #%.,()/*+'\"_-]{1,200}")


def is_token(name: str) -> bool:
    """Return whether something can be the name of a token, `accent` (in CSS `--lt-accent`)."""
    return bool(_NAME.fullmatch(name))


def is_token_value(value: str) -> bool:
    """Return whether a text is one value of CSS: it ends nothing that it did not begin, and fetches nothing."""
    plain = value.lower()
    quotes = value.count('"') % 2 == 0 and value.count("'") % 2 == 0
    balanced = value.count("(") == value.count(")")
    return bool(_VALUE.fullmatch(value)) and quotes and balanced and "/*" not in value and "url" not in plain
