"""Addresses of pictures: which sizes there are follows from the width, what is missing is left out."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenticular.catalog.author import ADMIN
from lenticular.catalog.check_pictures import check_pictures
from lenticular.catalog.picture import (
    LARGEST,
    KeptPicture,
    hash_in,
    hashes_in,
    slug_of,
    sources_of,
    widths_of,
    without_pictures,
)
from tests.decide.world import catalog_of

A, B = "0123456789abcdef" * 2, "fedcba9876543210" * 2
SRC = f"/lenticular/pictures/{A}/beach.jpg"


@pytest.mark.parametrize(
    ("width", "widths"),
    [
        (1, [1]), (320, [320]), (340, [340]), (360, [320, 360]), (700, [320, 700]), (1000, [320, 640, 1000]),
        (2560, [320, 640, 960, 1280, 1920, 2560]), (16_000, [320, 640, 960, 1280, 1920, 2560]),
    ],
)  # fmt: skip
def test_widths(width: int, widths: list[int]) -> None:
    assert widths_of(width) == widths


@given(st.integers(1, 20_000))
def test_no_width_is_larger_than_the_picture_and_the_largest_is_there(width: int) -> None:
    found = widths_of(width)
    assert found == sorted(set(found)) and found[-1] == min(width, LARGEST)


@given(st.text(max_size=300))
def test_any_name_makes_an_address(name: str) -> None:
    kept = KeptPicture("s", A, name, "jpeg", "jpg", 9, 9, 9, (), ADMIN, 0)
    assert hash_in(kept.src) == A and re.fullmatch(r"[A-Za-z0-9._~-]{1,80}", slug_of(name))
    assert hashes_in(msgspec.json.encode({"a": [kept.src]})) == {A} and len(sources_of(kept.src, 9)) == 2


@pytest.mark.parametrize(
    "src",
    [
        *("", "/a.jpg", "https://a.example/lenticular/pictures/x.jpg", f"/lenticular/pictures/{A}", SRC + "?a=1"),
        *(
            f"/lenticular/pictures/{A[:-1]}/a.jpg",
            f"/lenticular/pictures/{A}/a b.jpg",
            f"/lenticular/pictures/{A}/a.svg",
        ),
    ],
)
def test_what_is_not_ours_has_no_other_sizes(src: str) -> None:
    assert sources_of(src, 800) == () and sources_of(SRC, None) == ()


@pytest.mark.parametrize(
    ("value", "left"),
    [
        ({"picture": {"src": SRC, "alt": "x"}, "title": "T"}, {"title": "T"}),
        ({"images": [{"src": SRC}, SRC, "/b.png"]}, {"images": ["/b.png"]}),
        ({"picture": {"src": SRC.replace(A, B)}}, {"picture": {"src": SRC.replace(A, B)}}),
        ({"text": f'<p><img src="{SRC}"></p>'}, {"text": f'<p><img src="{SRC}"></p>'}),
        ({"src": SRC}, {}),
        ({"a": 1, "b": None, "c": {"d": {"src": SRC}}}, {"a": 1, "b": None, "c": {}}),
    ],
)
def test_without_what_is_missing(value: dict[str, Any], left: dict[str, Any]) -> None:
    assert without_pictures(value, frozenset({A})) == left


def test_each_place_that_names_a_missing_picture_is_told() -> None:
    catalog = catalog_of(
        content={"ad": {"type": "ad", "fields": {"image": {"src": SRC, "alt": "x"}, "text": f'a <img src="{SRC}">'}}},
        pages={"home": {"path": "/", "image": SRC.replace(A, B)}},
    )
    found = check_pictures(catalog, lambda name: name == B)
    assert [(one.code, one.place) for one in found] == [
        ("catalog.missing-picture", "content/ad/fields/image/src"),
        ("catalog.missing-picture", "content/ad/fields/text"),
    ]
    assert check_pictures(catalog, lambda name: True) == []
