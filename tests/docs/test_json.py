"""The JSON on the page of the rule language: each tree is that of the text below it, and no kind of node is missing."""

from __future__ import annotations

import json
import typing
from typing import Any

import pytest

from lenticular.criteria.json import decode, encode
from lenticular.criteria.text import parse, to_text
from lenticular.criteria.tree import Moment, Node, Operand
from tests.docs.page import fences, read, sections

FENCES = list(fences(sections(read("docs/rules.md"))["JSON form"]))
PAIRS = [(one.text, below.text.strip()) for one, below in zip(FENCES[::2], FENCES[1::2], strict=True)]


def test_each_tree_has_its_text() -> None:
    assert [fence.tag for fence in FENCES] == ["json", "rule"] * len(PAIRS)


@pytest.mark.parametrize(("written", "text"), PAIRS)
def test_a_tree_is_that_of_the_text_below_it(written: str, text: str) -> None:
    tree = decode(written)
    assert to_text(tree) == text
    assert parse(text).tree == tree
    assert json.loads(encode(tree)) == json.loads(written)


def test_every_kind_of_node_and_of_value_has_its_example() -> None:
    shown = {(tag, one[tag]) for written, _ in PAIRS for one in objects(json.loads(written)) for tag in tags(one)}
    kinds = {struct for union in (Node, Operand, Moment) for struct in typing.get_args(union)}
    assert shown == {(one.__struct_config__.tag_field, one.__struct_config__.tag) for one in kinds}


def objects(part: Any) -> list[dict[str, Any]]:
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return [*([part] if isinstance(part, dict) else []), *(one for each in inner for one in objects(each))]


def tags(one: dict[str, Any]) -> set[str]:
    return {"node", "value"} & one.keys()
