"""The sentences on the page of the rule language are those that its rules have."""

from __future__ import annotations

import re

import pytest

from lenticular.criteria.sentence import sentence
from lenticular.criteria.text import parse
from lenticular.criteria.types import Schema
from tests.docs.page import read

SECTION = read("docs/rules.md").partition("\n## In words\n")[2].partition("\n## ")[0]
ROWS = [
    (language, rule, said)
    for language, title in (("en", "sentence"), ("es", "oración"))
    for rule, said in re.findall(
        r"^\| `(.+?)` \| (.+) \|$", SECTION.partition(f"| rule | {title} |")[2].partition("\n\n")[0], re.MULTILINE
    )
]


def test_there_are_sentences_in_both_languages() -> None:
    assert {language for language, _, _ in ROWS} == {"en", "es"}
    assert len(ROWS) >= 12


@pytest.mark.parametrize(("language", "rule", "said"), ROWS)
def test_a_sentence_on_the_page(language: str, rule: str, said: str) -> None:
    assert sentence(parse(rule).tree, Schema(open=True), language) == said
