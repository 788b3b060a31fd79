"""Structured fields of HTTP: the examples of RFC 9651 that client hints can need, and what must say nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenticular.intake.structured import Bare, item, items


@pytest.mark.parametrize(
    ("field", "members"),
    [
        ("", []),
        ("sugar, tea, rum", [("sugar", {}), ("tea", {}), ("rum", {})]),
        ('"a" ,\t"b"', [("a", {}), ("b", {})]),
        ('abc;a=1;b=2;c, "x"; v="1.5"', [("abc", {"a": "1", "b": "2", "c": True}), ("x", {"v": "1.5"})]),
        (r'"say \"hi\" \\ "', [('say "hi" \\ ', {})]),
        ("?1, ?0, -4.2", [(True, {}), (False, {}), ("-4.2", {})]),
        ("  a  ", [("a", {})]),
        ("a;b=?0", [("a", {"b": False})]),
        # malformed: all of it is ignored
        ("a,", []),
        (",a", []),
        ("a b", []),
        ('"open', []),
        (r'"\x"', []),
        ('"é"', []),
        ("?2", []),
        ("(a b)", []),
        ("a;=1", []),
        ("a;B=1", []),
    ],
)
def test_lists(field: str, members: list[tuple[Bare, dict[str, Bare]]]) -> None:
    assert [tuple(each) for each in items(field)] == members


@pytest.mark.parametrize(
    ("field", "value"), [('"Windows"', "Windows"), ("?1", True), ('"a", "b"', None), ("", None), ('"a";v=1', "a")]
)
def test_one_item(field: str, value: Bare | None) -> None:
    assert item(field) == value


_texts = st.text(st.characters(min_codepoint=32, max_codepoint=126))


@given(st.lists(st.tuples(_texts, _texts), max_size=5))
def test_what_is_written_is_read(pairs: list[tuple[str, str]]) -> None:
    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    field = ", ".join(f"{quoted(value)};v={quoted(version)}" for value, version in pairs)
    assert items(field) == [(value, {"v": version}) for value, version in pairs]


@given(st.text())
def test_nothing_is_an_error(field: str) -> None:
    assert isinstance(items(field), list)
