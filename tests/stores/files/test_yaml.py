from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from lenticular.stores.files.yaml import MAX_LEVELS, read_yaml


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a: 1\nb: [x, 'y', \"z\"]\n", {"a": 1, "b": ["x", "y", "z"]}),
        ("a: yes\nb: NO\nc: on\n", {"a": "yes", "b": "NO", "c": "on"}),
        ("a: true\nb: False\nc: null\nd: ~\ne:\n", {"a": True, "b": False, "c": None, "d": None, "e": None}),
        ("a: 2026-11-27\nb: 2026-11-27T09:00:00Z\n", {"a": "2026-11-27", "b": "2026-11-27T09:00:00Z"}),
        ("a: 0.5\nb: -3\nc: 1e3\nd: 1_000\n", {"a": 0.5, "b": -3, "c": 1000.0, "d": "1_000"}),
        ("a: '5'\nb: 12:30\nc: 007\n", {"a": "5", "b": "12:30", "c": 7}),
        ('a: "\\ud83c\\udf93"\n', {"a": "🎓"}),
        ("1: x\ntrue: y\n", {"1": "x", "true": "y"}),
        ("a: >-\n  one\n  two\nb: |\n  one\n  two\n", {"a": "one two", "b": "one\ntwo\n"}),
        ("", None),
        ("# nothing\n", None),
        ("---\na: 1\n...\n", {"a": 1}),
    ],
)  # fmt: skip
def test_yaml_1_2_is_read_as_plain_data(text: str, data: Any) -> None:
    document = read_yaml(text, "f.yaml")
    assert document.problems == []
    assert document.data == data


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("a: 1\nb: [1, 2\nc: 3\n", "syntax", "f.yaml:3:2"),
        ("a:\n\t- x\n", "syntax", "f.yaml:2:1"),
        ("a: b: c\n", "syntax", "f.yaml:1:5"),
        ("a: 1\nb: &x 2\n", "anchor", "f.yaml:2:4"),
        ("a: 1\nb: *x\n", "anchor", "f.yaml:2:4"),
        ("a: 1\n<<: *x\n", "anchor", "f.yaml:2:5"),
        ("a: !!str 5\n", "tag", "f.yaml:1:4"),
        ("a: !danger {}\n", "tag", "f.yaml:1:4"),
        ("a: 1\nb: 2\na: 3\n", "double", "f.yaml:3:1"),
        ("a:\n  b: 1\n  b: 2\n", "double", "f.yaml:3:3"),
        ("a: 1\n---\nb: 2\n", "document", "f.yaml:2:1"),
        ("? [a]\n: 1\n", "key", "f.yaml:1:3"),
        ("a: .inf\n", "number", "f.yaml:1:4"),
        ('a: "\\ud83c"\n', "character", "f.yaml:1:4"),
        ("a: ok\nb: \x07\n", "character", "f.yaml:2:4"),
        ("a: " + "[" * 5000, "levels", f"f.yaml:1:{MAX_LEVELS + 3}"),
    ],
)
def test_what_is_not_read_has_its_place(text: str, code: str, place: str) -> None:
    document = read_yaml(text, "f.yaml")
    assert [(problem.code, problem.place) for problem in document.problems] == [(f"yaml.{code}", place)]
    assert document.data is None


def test_several_keys_that_stand_twice_are_all_said() -> None:
    assert [one.place for one in read_yaml("a: 1\na: 2\nb: 3\nb: 4\n", "f").problems] == ["f:2:1", "f:4:1"]


def test_every_part_has_its_place() -> None:
    source = read_yaml("a: 1\nb:\n  - x\n  - c: y\n", "f").source
    assert source.place(source.values["b", 1, "c"]) == "f:4:8"
    assert source.place(source.names["b", 1, "c"]) == "f:4:5"
    assert source.place(source.values["b", 0]) == "f:3:5"


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3),
    max_leaves=10,
)


@settings(deadline=None)
@given(PLAIN)
def test_what_json_writes_is_read_back(data: Any) -> None:
    document = read_yaml(json.dumps({"a": data}), "f")
    assert document.problems == []
    assert document.data == {"a": data}


@settings(deadline=None)
@given(st.text("ab:-[]{}&*!|>'\"#?, \n\t%@`0.~", max_size=30))
def test_any_text_is_read_or_refused_with_a_place_and_agrees_with_ruamel(text: str) -> None:
    document = read_yaml(text, "f")
    for problem in document.problems:
        assert problem.place.startswith("f:")
    if not document.problems:
        list(YAML(typ="safe", pure=True).parse(text))
