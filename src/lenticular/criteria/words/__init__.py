"""The languages that rules are said in. Another one is another subclass of `Words`, and a line here."""

from __future__ import annotations

import re

from lenticular.criteria.words.english import English
from lenticular.criteria.words.language import Words
from lenticular.criteria.words.spanish import Spanish
from lenticular.criteria.words.subject import Subject

LANGUAGES: dict[str, Words] = {"en": English(), "es": Spanish()}
"""Each language by its primary subtag."""

__all__ = ["LANGUAGES", "Subject", "Words", "words"]


def words(language: str) -> Words:
    """Return the words of a language tag (BCP 47): `es-MX` is Spanish; one that nobody taught us is English."""
    return LANGUAGES.get(re.split("[-_]", language)[0].lower(), LANGUAGES["en"])
