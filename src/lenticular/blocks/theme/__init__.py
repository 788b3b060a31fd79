"""The default theme: one stylesheet, whose tokens a site sets."""

from __future__ import annotations

from collections.abc import Mapping

from lenticular.catalog.tokens import is_token, is_token_value

FILE = "theme.css"
"""The stylesheet, beside this module."""


def theme_with(stylesheet: str, tokens: Mapping[str, str]) -> str:
    """Return a stylesheet with the tokens of a site after it; what is no token is left out."""
    good = [f"--lt-{name}:{value}" for name, value in tokens.items() if is_token(name) and is_token_value(value)]
    return f"{stylesheet}:root{{{';'.join(good)}}}\n" if good else stylesheet
