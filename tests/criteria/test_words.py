"""The languages: the same keys in each, plurals, numbers, dates, and who speaks what."""

from __future__ import annotations

import re
from string import Formatter

import msgspec
import pytest

from lenticular.criteria.measures import MEASURES, PERIODS
from lenticular.criteria.operators import OPERATORS
from lenticular.criteria.tree import Field
from lenticular.criteria.types import CONTEXT, FUNCTIONS, SESSION
from lenticular.criteria.words import LANGUAGES, Subject, words
from lenticular.criteria.words.english_tables import ENGLISH
from lenticular.criteria.words.spanish_tables import SPANISH

EN, ES = words("en"), words("es")
languages = pytest.mark.parametrize("language", LANGUAGES)


def test_both_languages_fill_the_same_tables() -> None:
    for name, table in msgspec.structs.asdict(ENGLISH).items():
        other = getattr(SPANISH, name)
        assert len(other) == len(table)
        if isinstance(table, dict):
            assert table.keys() == other.keys(), name
    for key, phrase in ENGLISH.phrases.items():
        if key != "values_in":  # Spanish joins its preposition to the article
            assert _holes(phrase) == _holes(SPANISH.phrases[key]), key


def _holes(phrase: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(phrase) if name}


@languages
def test_every_row_has_words(language: str) -> None:
    tables = LANGUAGES[language].tables
    assert tables.functions.keys() == FUNCTIONS.keys()
    assert tables.measures.keys() == MEASURES.keys()
    assert tables.how_many.keys() == {"times", *PERIODS}
    for name, row in OPERATORS.items():
        right = {"none": None, "one": "a", "many": ("a", "b")}[row.right]
        yes = words(language).condition(Subject("plan"), name, right, denied=False)
        no = words(language).condition(Subject("plan"), name, right, denied=True)
        assert yes != no and "{" not in yes + no


@languages
def test_every_property_of_visits_has_a_name(language: str) -> None:
    spoken = words(language)
    for scope, names in (("session", SESSION), ("context", CONTEXT)):
        missing = [name for name in names if name not in spoken.tables.visit]
        assert missing == [], scope
    assert len(set(spoken.tables.visit.values())) == len(spoken.tables.visit)


def test_spanish_says_no_word_of_english() -> None:
    shared = {key for key, phrase in ENGLISH.phrases.items() if re.search(r"[a-z]", re.sub(r"\{\w+\}", "", phrase))}
    assert [key for key in shared if SPANISH.phrases[key] == ENGLISH.phrases[key]] == ["cookie"]


def test_a_tag_is_spoken_by_its_primary_subtag() -> None:
    assert [words(tag).language for tag in ("es", "es-MX", "ES_ar", "en-GB")] == ["es", "es", "es", "en"]
    assert [words(tag).language for tag in ("fr", "", "-", "est", "español")] == ["en"] * 5


def test_numbers() -> None:
    numbers = (0, -0.0, 1, 1_234.5, -1_234_567, 0.1, 1e-9, 1.5e-9, 1e15 + 0.5, 1e300, 123_456_789_012_345)
    assert [EN.number(one) for one in numbers] == [
        *("0", "0", "1", "1,234.5", "-1,234,567", "0.1", "1e-09", "1.5e-09"),
        *("1,000,000,000,000,000.5", "1e+300", "123,456,789,012,345"),
    ]
    assert [ES.number(one) for one in numbers] == [
        *("0", "0", "1", "1.234,5", "-1.234.567", "0,1", "1e-09", "1,5e-09"),
        *("1.000.000.000.000.000,5", "1e+300", "123.456.789.012.345"),
    ]


def test_plurals() -> None:
    assert [EN.times(n) for n in (0, 1, 2, 1.5, 1_000_000)] == [
        "0 times",
        "once",
        "2 times",
        "1.5 times",
        "1,000,000 times",
    ]
    assert [ES.times(n) for n in (0, 1, 2, 1.5)] == ["0 veces", "una vez", "2 veces", "1,5 veces"]
    assert ES.times(1_000_000) == "1.000.000 de veces" and ES.times(1_000_001) == "1.000.001 veces"
    assert [EN.span(one) for one in ("1s", "2m", "1h", "3d", "1w", "2mo", "1y")] == [
        *("1 second", "2 minutes", "1 hour", "3 days", "1 week", "2 months", "1 year"),
    ]
    assert [ES.span(one) for one in ("1s", "2m", "1h", "3d", "1w", "2mo", "1y")] == [
        *("1 segundo", "2 minutos", "1 hora", "3 días", "1 semana", "2 meses", "1 año"),
    ]


def test_days_and_instants() -> None:
    assert [EN.day(day) for day in (0, 20_484, -1)] == ["1 January 1970", "31 January 2026", "31 December 1969"]
    assert [ES.day(day) for day in (0, 20_484)] == ["1 de enero de 1970", "31 de enero de 2026"]
    noon = 20_484 * 86_400_000 + 43_200_000
    assert [EN.instant(noon + ms) for ms in (0, 5_000, 5_001)] == [
        *("31 January 2026, 12:00", "31 January 2026, 12:00:05", "31 January 2026, 12:00:05.001"),
    ]
    assert ES.instant(noon + 5_001) == "31 de enero de 2026 a las 12:00:05,001"
    assert ES.instant(noon - 39_000_000) == "31 de enero de 2026 a la 01:10"
    assert EN.instant(-1) == "31 December 1969, 23:59:59.999"


def test_values_that_were_seen() -> None:
    assert [EN.right(value) for value in (True, "", "a", 5, ("a", "b"))] == ["yes", "an empty text", "a", "5", "a or b"]
    assert [ES.right(value) for value in (False, "", "a", 0.5, ("a", "b"))] == [
        "no",
        "un texto vacío",
        "a",
        "0,5",
        "a o b",
    ]
    assert (EN.right(2, function="month"), ES.right("sat", function="weekday")) == ("February", "sábado")
    assert (ES.unknown, ES.never, ES.empty_list) == ("no se conoce", "nunca", "una lista vacía")
    assert EN.listed(["a", "b", "c"], "and") == "a, b and c"


def test_joints_of_spanish_sound_right() -> None:
    joined = [
        ES.joined(pair, "and") for pair in (("a", "Ibiza"), ("a", "hielo"), ("a", "hijos"), ("a", "«ir»"), ("a", "i"))
    ]
    assert joined == ["a e Ibiza", "a y hielo", "a e hijos", "a e «ir»", "a e i"]
    joined = [ES.joined(pair, "or") for pair in (("a", "oro"), ("a", "hoteles"), ("7", "8"), ("1", "11"), ("1", "110"))]
    assert joined == ["a u oro", "a u hoteles", "7 u 8", "1 u 11", "1 o 110"]
    assert ES.listed(["a", "b", "c"], "nor") == "a ni b ni c"


def test_labels() -> None:
    assert EN.label("user", "shirt.size") == "shirt size" and EN.label("user", "anyName") == "any name"
    assert EN.label("session", "query.gclid") == "query parameter gclid"
    assert ES.label("session", "cookies.theme") == "cookie theme"
    assert ES.label("user", "interests.travel") == "interés por travel"
    field = Field("session", "cart_size")
    assert EN.label(field.scope, field.name) == "cart size of the visit"
    assert EN.label("user", "_") == "_"
