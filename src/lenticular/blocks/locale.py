"""Languages: which to take when one is asked for, which way it is written, its dates and numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from lenticular.blocks.fields import LANGUAGE

_TAG = re.compile(LANGUAGE)
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ji", "ks", "ps", "sd", "ug", "ur", "yi"})
_RIGHT_TO_LEFT_SCRIPTS = frozenset({"Adlm", "Arab", "Hebr", "Mand", "Mend", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa"})
_MOST = 35
_SCRIPT = 4

_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
}
_ORDER = {"es": "{day} de {month} de {year}", "pt": "{day} de {month} de {year}", "de": "{day}. {month} {year}"}
_SEPARATORS = {
    **dict.fromkeys(("es", "it", "pt", "de", "nl"), (".", ",")),
    "fr": ("\u202f", ","),
    "en": (",", "."),
}
_GROUP_FROM = {"es": 10_000, "pt": 10_000}
"""Spanish and Portuguese write four digits without a separator (Unicode CLDR, minimumGroupingDigits 2)."""


def normal_tag(tag: str) -> str:
    """Return a language tag as maps of texts have it (`es_mx` -> `es-MX`), empty for what is none."""
    tag = tag.strip().partition(".")[0].replace("_", "-")
    if len(tag) > _MOST or not _TAG.fullmatch(tag):
        return ""
    language, *more = tag.split("-")
    return "-".join([language.lower(), *(_part(part) for part in more)])


def _part(part: str) -> str:
    if len(part) == _SCRIPT and part.isalpha():
        return part.title()
    return part.upper() if len(part) < _SCRIPT else part.lower()


@lru_cache(1_000)
def language_chain(locale: str, own: tuple[str, ...] = (), spoken: frozenset[str] | None = None) -> tuple[str, ...]:
    """Return the languages to try, best first: `es-MX`, `es`, then the site's own, each without its country at last.

    What is asked for is left out if it is not among the `spoken` languages (without countries): a page in English is
    not turned around, and not said to be Hebrew, for someone who would rather read Hebrew.
    """
    asked = normal_tag(locale)
    if spoken is not None and asked.partition("-")[0] not in spoken:
        asked = ""
    chain: list[str] = []
    for tag in (asked, *map(normal_tag, own)):
        while tag:
            chain.append(tag)
            tag = tag.rpartition("-")[0]
    return tuple(dict.fromkeys(chain))


def in_language(value: Any, languages: Iterable[str]) -> Any:
    """Return what a map has in the first language that it knows, else what it has at all; another value as it is."""
    if not isinstance(value, Mapping):
        return value
    for language in languages:
        if language in value:
            return value[language]
    return next(iter(value.values()), "")


def direction(language: str) -> str:
    """Return which way a language is written, `ltr` or `rtl`."""
    name, *parts = language.split("-")
    scripts = [part for part in parts if len(part) == _SCRIPT and part.isalpha()]
    if scripts:
        return "rtl" if scripts[0] in _RIGHT_TO_LEFT_SCRIPTS else "ltr"
    return "rtl" if name in _RIGHT_TO_LEFT else "ltr"


def _known(languages: Iterable[str], known: Mapping[str, Any]) -> str:
    """Return the language that was asked for if its forms are known, else none."""
    first = next(iter(languages), "")
    name = first.partition("-")[0]
    return name if name in known else ""


def day_text(day: date, languages: tuple[str, ...]) -> str:
    """Return a day as a language writes it: `31 January 2026`, `January 31, 2026` (en, en-US); else `2026-01-31`."""
    name = _known(languages, _MONTHS)
    if not name:
        return day.isoformat()
    month = _MONTHS[name].split()[day.month - 1]
    american = languages[0] in ("en", "en-US")
    form = "{month} {day}, {year}" if american else _ORDER.get(name, "{day} {month} {year}")
    number = "1er" if name == "fr" and day.day == 1 else str(day.day)
    return form.format(day=number, month=month, year=day.year)


def number_text(number: float, languages: tuple[str, ...]) -> str:
    """Return a number as a language writes it, with at most six decimals: `1,234.5`, `1234,5`, `12.345,6`."""
    name = _known(languages, _SEPARATORS)
    group, point = _SEPARATORS.get(name, ("\u202f", "."))
    if abs(number) < _GROUP_FROM.get(name, 0):
        group = ""
    whole, _, rest = f"{number:,.6f}".partition(".")
    rest = rest.rstrip("0")
    whole = whole.replace(",", group)
    return f"{whole}{point}{rest}" if rest else whole
