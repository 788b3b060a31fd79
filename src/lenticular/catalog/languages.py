"""The languages that a site speaks: those that it lists, and those that its texts have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lenticular.catalog.catalog import Catalog

_LANGUAGE = re.compile(r"([a-z]{2})(-[A-Za-z0-9]{2,8})*")


def languages_of(catalog: Catalog) -> frozenset[str]:
    """Return the languages, without their countries, in which a site has anything to say.

    A map of texts by name is taken for one of languages if all its names can be languages of two letters. That is often
    wrong for names such as `id` and `to`, and does no harm: nobody asks for a page in them.
    """
    found = {language.partition("-")[0].lower() for language in catalog.site.locales}
    for page in catalog.pages.values():
        for block in page.blocks.values():
            found.update(_in(block.settings))
        for experience in page.experiences:
            found.update(_in(experience.overrides))
    for slot in catalog.slots.values():
        found.update(_in(slot.block.settings))
        for experience in slot.experiences:
            found.update(_in(experience.overrides))
    for item in catalog.content.values():
        found.update(_in(item.fields))
    return frozenset(found)


def _in(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list | tuple):
            waiting += one
        elif isinstance(one, dict) and one:
            matches = [_LANGUAGE.fullmatch(name) for name in one]
            if all(matches) and all(isinstance(each, str) for each in one.values()):
                yield from (match[1] for match in matches if match)
            else:
                waiting += one.values()
