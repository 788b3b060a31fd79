from __future__ import annotations

from datetime import date

import pytest

from lenticular.blocks.locale import day_text, direction, in_language, language_chain, normal_tag, number_text


@pytest.mark.parametrize(
    ("asked", "own", "chain"),
    [
        ("es-MX", ("en",), ("es-MX", "es", "en")),
        ("es_mx.UTF-8", ("en-GB", "fr"), ("es-MX", "es", "en-GB", "en", "fr")),
        ("zh-hant-tw", (), ("zh-Hant-TW", "zh-Hant", "zh")),
        ("EN", ("en",), ("en",)),
        ("", ("en",), ("en",)),
        ("<script>", ("en",), ("en",)),
        ("x" * 50, ("en",), ("en",)),
        ("a" * 3 + "-b" * 40, ("en",), ("en",)),
    ],
)
def test_the_languages_that_are_tried(asked: str, own: tuple[str, ...], chain: tuple[str, ...]) -> None:
    assert language_chain(asked, own) == chain


def test_a_language_that_a_site_does_not_speak_is_not_tried() -> None:
    assert language_chain("ar-EG", ("es",), frozenset({"es", "en"})) == ("es",)
    assert language_chain("en-GB", ("es",), frozenset({"es", "en"})) == ("en-GB", "en", "es")


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"en": "a", "es": "b"}, "b"),
        ({"es-MX": "c", "es": "b"}, "c"),
        ({"fr": "d"}, "d"),
        ({}, ""),
        ("same", "same"),
    ],
)
def test_the_best_language_there_is(value: object, found: str) -> None:
    assert in_language(value, ("es-MX", "es", "en")) == found


@pytest.mark.parametrize(
    ("language", "way"),
    [
        ("en", "ltr"),
        ("ar", "rtl"),
        ("he-IL", "rtl"),
        ("ar-Latn", "ltr"),
        ("uz-Arab", "rtl"),
        ("fa-IR", "rtl"),
        ("", "ltr"),
    ],
)
def test_which_way_a_language_is_written(language: str, way: str) -> None:
    assert direction(language) == way


@pytest.mark.parametrize(
    ("language", "day", "number"),
    [
        ("en", "March 1, 2026", "1,234.5"),
        ("en-US", "March 1, 2026", "1,234.5"),
        ("en-GB", "1 March 2026", "1,234.5"),
        ("es", "1 de marzo de 2026", "1234,5"),
        ("de-AT", "1. März 2026", "1.234,5"),
        ("fr", "1er mars 2026", "1\u202f234,5"),
        ("sv", "2026-03-01", "1\u202f234.5"),
    ],
)
def test_days_and_numbers(language: str, day: str, number: str) -> None:
    assert day_text(date(2026, 3, 1), language_chain(language, ("en",))) == day
    assert number_text(1234.5, language_chain(language, ("en",))) == number


def test_numbers_keep_what_they_say() -> None:
    assert [number_text(one, ("en",)) for one in (0, -5, 1e6, 0.1, 12345.678901)] == [
        "0", "-5", "1,000,000", "0.1", "12,345.678901",
    ]  # fmt: skip
    assert number_text(12345, ("es",)) == "12.345"


def test_tags_are_made_normal() -> None:
    assert [normal_tag(tag) for tag in ("pt_BR", "SR-latn", " en ", "e", "en-")] == ["pt-BR", "sr-Latn", "en", "", ""]
