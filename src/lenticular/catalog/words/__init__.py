"""The languages in which differences between catalogs are told: the tables, under the same keys in both."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lenticular.catalog.words.english import ENGLISH
from lenticular.catalog.words.spanish import SPANISH

LANGUAGES: dict[str, Mapping[str, str]] = {"en": ENGLISH, "es": SPANISH}


def table(language: str) -> Mapping[str, str]:
    """Return the table of a language tag (BCP 47); one that nobody taught us is English."""
    return LANGUAGES.get(re.split("[-_]", language)[0].lower(), ENGLISH)
