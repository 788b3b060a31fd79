from __future__ import annotations

import copy
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenticular.catalog.patch import diff, merge_patch, removals_of_nothing, same
from tests.cases.read import cases

SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab", max_size=2)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)


def without_nulls(value: Any) -> Any:
    """Drop the null members of objects that are merged; lists are values, so theirs stay."""
    if not isinstance(value, dict):
        return value
    return {name: without_nulls(one) for name, one in value.items() if one is not None}


@pytest.mark.parametrize(("given_", "expected"), cases("decide/merge_patch.json"))
def test_the_table_of_the_rfc(given_: dict[str, Any], expected: Any) -> None:
    assert merge_patch(given_["target"], given_["patch"]) == expected


@settings(deadline=None)
@given(VALUES, VALUES)
def test_applying_twice_is_applying_once_and_changes_no_argument(target: Any, patch: Any) -> None:
    before = copy.deepcopy((target, patch))
    once = merge_patch(target, patch)
    assert merge_patch(once, patch) == once
    assert (target, patch) == before


@settings(deadline=None)
@given(VALUES)
def test_an_empty_patch_keeps_an_object_and_a_patch_of_nothing_is_itself(target: Any) -> None:
    if isinstance(target, dict):
        assert merge_patch(target, {}) == target
    assert merge_patch({}, target) == without_nulls(target)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from("abc"), VALUES), st.dictionaries(st.sampled_from("abc"), VALUES))
def test_members_that_the_patch_does_not_name_flow_through(target: dict[str, Any], patch: dict[str, Any]) -> None:
    merged = merge_patch(target, patch)
    assert {name: merged[name] for name in target.keys() - patch.keys()} == {
        name: target[name] for name in target.keys() - patch.keys()
    }


@settings(deadline=None)
@given(VALUES, VALUES)
def test_a_removal_of_nothing_changes_nothing_when_it_is_left_out(target: Any, patch: Any) -> None:
    trimmed = msgspec.json.decode(msgspec.json.encode(patch))
    for path in list(removals_of_nothing(target, patch)):
        owner = trimmed
        for step in path[:-1]:
            owner = owner[step]
        del owner[path[-1]]
    assert merge_patch(target, trimmed) == merge_patch(target, patch)
    assert not list(removals_of_nothing(target, trimmed))


def test_removals_of_nothing_are_found_at_any_depth() -> None:
    found = removals_of_nothing({"a": {"b": 1}}, {"a": {"b": None, "c": None}, "d": {"e": None}, "f": None})
    assert list(found) == [("a", "c"), ("d", "e"), ("f",)]


@settings(deadline=None, max_examples=300)
@given(VALUES.map(without_nulls), VALUES.map(without_nulls))
def test_a_difference_leads_from_one_value_to_the_other(target: Any, wanted: Any) -> None:
    patch = diff(target, wanted)
    assert same(merge_patch(target, patch), wanted) or wanted is None
    assert not list(removals_of_nothing(target, patch))
    if isinstance(target, dict):
        assert diff(target, target) == {}


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from("abc"), VALUES), st.dictionaries(st.sampled_from("abc"), VALUES))
def test_a_difference_names_only_what_differs(target: dict[str, Any], wanted: dict[str, Any]) -> None:
    target, wanted = without_nulls(target), without_nulls(wanted)
    alike = {name for name in target if name in wanted and same(target[name], wanted[name])}
    assert not alike & diff(target, wanted).keys()
