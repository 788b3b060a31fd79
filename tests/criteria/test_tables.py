from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from lenticular.criteria.lower import lower, lower_table
from lenticular.criteria.tables import TYPES, Type, split_key, stored_key


@given(st.text(), st.sampled_from(TYPES))
def test_a_stored_key_is_plain_and_comes_back(name: str, kind: Type) -> None:
    key = stored_key(name, kind)
    assert re.fullmatch(r"[a-z]_[A-Za-z0-9_~]*", key)
    assert split_key(key) == (name, kind)


@given(st.tuples(st.text(), st.sampled_from(TYPES)), st.tuples(st.text(), st.sampled_from(TYPES)))
def test_different_properties_have_different_keys(one: tuple[str, Type], other: tuple[str, Type]) -> None:
    assert (stored_key(*one) == stored_key(*other)) == (one == other)


def test_the_keys_that_are_written_down() -> None:
    assert stored_key("price", "number") == "n_price"
    assert stored_key("shirt.size", "text") == "t_shirt~2Esize"
    assert stored_key("São", "list") == "l_S~C3~A3o"
    assert stored_key("a~b", "date") == "d_a~7Eb"
    assert stored_key("", "boolean") == "b_"


@given(st.text())
def test_lower_changes_each_character_for_itself(text: str) -> None:
    lowered = lower(text)
    assert len(lowered) == len(text)
    assert lowered == "".join(map(lower, text))
    assert lower(lowered) == lowered


@given(st.text(st.characters(max_codepoint=127)))
def test_lower_of_ascii_is_pythons(text: str) -> None:
    assert lower(text) == text.lower()


def test_the_table_of_lower_is_one_to_one_in_length() -> None:
    upper, low = lower_table()
    assert len(upper) == len(low) == len(set(upper))
    assert not set(upper) & set(low), "a lower case has no lower case"
    assert lower("İ") == "İ"
    assert lower("ÀÉÎ") == "àéî"
