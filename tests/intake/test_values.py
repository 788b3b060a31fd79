"""What JSON values become, as tables of cases and as properties."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenticular.criteria.tables import split_key, stored_key
from lenticular.intake.refused import RefusedError
from lenticular.intake.values import MAX_PROPERTIES, typed_values

DAY_2026_01_31 = 20484
NOON = DAY_2026_01_31 * 86_400_000 + 12 * 3_600_000

UNSEEN: list[tuple[Any, dict[str, Any]]] = [
    ("a", {"t_x": "a"}),
    ("", {"t_x": ""}),
    (5, {"n_x": 5.0}),
    (-0.0, {"n_x": 0.0}),
    (True, {"b_x": True}),
    (None, {}),
    ("2026-01-31", {"d_x": DAY_2026_01_31}),
    ("2026-02-30", {"t_x": "2026-02-30"}),
    ("2026-1-31", {"t_x": "2026-1-31"}),
    ("on 2026-01-31", {"t_x": "on 2026-01-31"}),
    ("2026-01-31T12:00:00.000Z", {"i_x": NOON}),
    ("2026-01-31T12:00Z", {"i_x": NOON}),
    ("2026-01-31T13:00:00+01:00", {"i_x": NOON}),
    ("2026-01-31T12:00:00.123456Z", {"i_x": NOON + 123}),
    ("2026-01-31T12:00:00", {"t_x": "2026-01-31T12:00:00"}),
    ("1969-12-31", {"d_x": -1}),
    (["a", 5, 5.5, True, None], {"l_x": ["a", "5", "5.5", "true"]}),
    ([], {"l_x": []}),
    (
        [{"a": 1, "b": {"c": "z", "n": None}}, {"t": ["p", 1]}],
        {"o_x": [{"n_a": 1.0, "t_b~2Ec": "z"}, {"l_t": ["p", "1"]}]},
    ),
    ({"y": 1, "z": {"w": "q"}}, {"n_x~2Ey": 1.0, "t_x~2Ez~2Ew": "q"}),
    ({}, {}),
]

REGISTERED: list[tuple[str, Any, dict[str, Any]]] = [
    ("number", "12.5", {"n_x": 12.5}),
    ("number", " 12", {"t_x": " 12"}),
    ("number", "1_000", {"t_x": "1_000"}),
    ("number", "nan", {"t_x": "nan"}),
    ("number", "1e999", {"t_x": "1e999"}),
    ("number", "-0", {"n_x": 0.0}),
    ("number", True, {"b_x": True}),
    ("text", 5, {"t_x": "5"}),
    ("text", 5.5, {"t_x": "5.5"}),
    ("text", True, {"t_x": "true"}),
    ("text", "2026-01-31", {"t_x": "2026-01-31"}),
    ("text", ["a"], {"l_x": ["a"]}),
    ("boolean", "true", {"b_x": True}),
    ("boolean", "False", {"b_x": False}),
    ("boolean", "yes", {"t_x": "yes"}),
    ("boolean", 1, {"n_x": 1.0}),
    ("date", "2026-01-31", {"d_x": DAY_2026_01_31}),
    ("date", "soon", {"t_x": "soon"}),
    ("date", "2026-01-31T12:00Z", {"i_x": NOON}),
    ("datetime", "2026-01-31T12:00Z", {"i_x": NOON}),
    ("datetime", "2026-01-31", {"d_x": DAY_2026_01_31}),
    ("datetime", 5, {"n_x": 5.0}),
    ("list", ["a", 1], {"l_x": ["a", "1"]}),
    ("list", "a", {"t_x": "a"}),
    ("objects", [], {"o_x": []}),
    ("objects", ["a"], {"l_x": ["a"]}),
    ("objects", [{"a": "b"}], {"o_x": [{"t_a": "b"}]}),
]


@pytest.mark.parametrize(("item", "values"), UNSEEN)
def test_an_unseen_property_takes_the_type_of_its_first_value(item: Any, values: dict[str, Any]) -> None:
    typed = typed_values({"x": item}, "event", {})
    assert typed.values == values
    assert [type(value) for value in typed.values.values()] == [type(value) for value in values.values()]
    assert typed.new == {("event", split_key(key)[0]): split_key(key)[1] for key in values}


@pytest.mark.parametrize(("kind", "item", "values"), REGISTERED)
def test_a_registered_type_coerces_or_keeps_the_value_aside(kind: str, item: Any, values: dict[str, Any]) -> None:
    typed = typed_values({"x": item}, "user", {("user", "x"): kind})
    assert typed.values == values
    assert not typed.new


def test_minus_zero_has_no_sign() -> None:
    value = typed_values({"x": "-0.0"}, "event", {("event", "x"): "number"}).values["n_x"]
    assert repr(value) == "0.0"


def test_a_type_holds_for_its_scope_only() -> None:
    assert typed_values({"x": "5"}, "event", {("user", "x"): "number"}).values == {"t_x": "5"}


def test_null_is_missing_and_named() -> None:
    typed = typed_values({"a": None, "b": {"c": None}, "d": 1}, "user", {})
    assert typed.removed == ("a", "b.c")
    assert typed.values == {"n_d": 1.0}


@pytest.mark.parametrize(
    ("raw", "code", "place"),
    [
        ({"x": "a\0b"}, "bad_text", "/p/x"),
        ({"x": ["a", "\ud800"]}, "bad_text", "/p/x"),
        ({"x": math.inf}, "bad_number", "/p/x"),
        ({"x": math.nan}, "bad_number", "/p/x"),
        ({"x": 10**400}, "bad_number", "/p/x"),
        ({"n" * 256: 1}, "bad_name", "/p"),
        ({"x": [{"y": "\ud800"}]}, "bad_text", "/p/x"),
    ],
)
def test_what_no_store_could_keep_is_refused_with_its_place(raw: dict[str, Any], code: str, place: str) -> None:
    with pytest.raises(RefusedError) as caught:
        typed_values(raw, "event", {}, "/p")
    assert (caught.value.problems[0].code, caught.value.problems[0].place) == (code, place)
    assert caught.value.problems[0].hint


def test_objects_nested_too_deep_are_refused() -> None:
    deep: dict[str, Any] = {}
    for _ in range(40):
        deep = {"a": deep}
    with pytest.raises(RefusedError, match="nested more than 32"):
        typed_values(deep, "event", {})


def test_two_spellings_of_one_name_leave_one_value() -> None:
    assert typed_values({"a": {"b": 1}, "a.b": "z"}, "event", {}).values == {stored_key("a.b", "text"): "z"}


def test_past_the_limit_a_value_is_kept_but_not_registered() -> None:
    full = {("event", f"p{at}"): "text" for at in range(MAX_PROPERTIES)}
    typed = typed_values({"another": 1}, "event", full)
    assert typed.values == {"n_another": 1.0}
    assert not typed.new


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text("a1.é", max_size=3)
    | st.sampled_from(["2026-01-31", "2026-01-31T12:00Z", "true", "12.5"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abü."), inner, max_size=2),
    max_leaves=4,
)
_kinds = st.sampled_from(["text", "number", "boolean", "date", "datetime", "list", "objects"])
_PYTHON = {
    "text": str,
    "number": float,
    "boolean": bool,
    "date": int,
    "datetime": int,
    "list": list,
    "objects": list,
}


@given(
    st.dictionaries(st.sampled_from(["a", "b", "a.b", "ü"]), _json, max_size=3),
    st.dictionaries(st.sampled_from(["a", "b", "a.b"]), _kinds),
)
def test_nothing_known_is_dropped_and_every_key_tells_its_type(raw: dict[str, Any], known: dict[str, str]) -> None:
    types = {("event", name): kind for name, kind in known.items()}
    typed = typed_values(raw, "event", types)
    flat: dict[str, Any] = {}

    def walk(prefix: str, item: dict[str, Any]) -> None:
        for name, value in item.items():
            if isinstance(value, dict):
                walk(f"{prefix}{name}.", value)
            else:
                flat[f"{prefix}{name}"] = value

    walk("", raw)
    kept = [split_key(key)[0] for key in typed.values]
    assert sorted(kept) == sorted(name for name, value in flat.items() if value is not None)
    assert all(type(value) is _PYTHON[split_key(key)[1]] for key, value in typed.values.items())
    again = typed_values(raw, "event", {**types, **typed.new})
    assert again.values == typed.values
    assert not again.new
