from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenticular.catalog.merge import merge

SCALARS = st.none() | st.booleans() | st.sampled_from([0, 1, 1.0, "a", "b"])
NAMED = st.lists(st.sampled_from("abcd"), unique=True).map(lambda keys: [{"key": key, "n": 1} for key in keys])
VALUES = st.recursive(
    SCALARS | NAMED | st.lists(st.sampled_from("abcd"), unique=True),
    lambda inner: st.dictionaries(st.sampled_from("xyz"), inner, max_size=3) | st.lists(inner, max_size=2),
    max_leaves=10,
)
BODIES = st.dictionaries(st.sampled_from("pqr"), VALUES, max_size=3)


@settings(deadline=None, max_examples=300)
@given(BODIES, BODIES, BODIES)
def test_a_change_of_one_is_taken_and_nothing_is_touched(base: Any, mine: Any, theirs: Any) -> None:
    before = copy.deepcopy((base, mine, theirs))
    for found, expected in (
        (merge(base, mine, base), mine),
        (merge(base, base, theirs), theirs),
        (merge(base, mine, mine), mine),
    ):
        assert repr(found.merged) == repr(expected) and found.conflicts == ()
    merge(base, mine, theirs)
    assert before == (base, mine, theirs)


@settings(deadline=None, max_examples=300)
@given(BODIES, BODIES, BODIES)
def test_who_is_first_decides_nothing_but_who_wins_a_conflict(base: Any, mine: Any, theirs: Any) -> None:
    one, other = merge(base, mine, theirs), merge(base, theirs, mine)
    assert bool(one.conflicts) == bool(other.conflicts)
    if mine == theirs and not one.conflicts:
        assert one.merged == mine


@settings(deadline=None, max_examples=200)
@given(BODIES, VALUES, VALUES)
def test_changes_of_different_fields_never_meet(base: dict[str, Any], left: Any, right: Any) -> None:
    found = merge(base, {**base, "mine": left}, {**base, "theirs": right})
    assert found.conflicts == () and found.merged == {**base, "mine": left, "theirs": right}


def keyed(*keys: str, **values: Any) -> list[Any]:
    return [{"key": key, "v": values.get(key, 0)} for key in keys]


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "merged", "conflicts"),
    [
        ({"a": 1}, {"a": 2}, {"a": 3}, {"a": 2}, ["/a"]),
        ({"a": 1, "b": 1}, {"a": 2, "b": 1}, {"a": 1, "b": 2}, {"a": 2, "b": 2}, []),
        ({"a": 1}, {}, {"a": 2}, {}, ["/a"]),
        ({"a": {"x/y": 1}}, {"a": {"x/y": 2}}, {"a": {"x/y": 3}}, {"a": {"x/y": 2}}, ["/a/x~1y"]),
        ({"a": 1}, {"a": True}, {"a": 1.5}, {"a": True}, ["/a"]),
        (None, {"a": 1}, {"b": 1}, {"a": 1, "b": 1}, []),
        ({"a": 1}, None, {"a": 2}, None, [""]),
        (["a", "b"], ["a", "b", "c"], ["x", "a", "b"], ["x", "a", "b", "c"], []),
        (["a", "b", "c"], ["c", "a", "b"], ["a", "b"], ["a", "b"], []),
        (["a", "b", "c"], ["c", "b", "a"], ["b", "a", "c"], ["c", "b", "a"], [""]),
        (["a"], ["a", "b"], ["a", "c"], ["a", "b", "c"], []),
        ([1, 2], [1, 3], [1, 4], [1, 3], [""]),
        (keyed("a", "b"), keyed("b", "a"), keyed("a", "b", b=5), keyed("b", "a", b=5), []),
        (keyed("a", "b"), keyed("a", "b", a=1), keyed("b"), keyed("a", "b", a=1), ["/0"]),
        (keyed("a"), keyed("a", "n"), keyed("m", "a"), keyed("m", "a", "n"), []),
    ],
)  # fmt: skip
def test_a_table_of_merges(base: Any, mine: Any, theirs: Any, merged: Any, conflicts: list[str]) -> None:
    found = merge(base, mine, theirs)
    assert (found.merged, list(found.conflicts)) == (merged, conflicts)
