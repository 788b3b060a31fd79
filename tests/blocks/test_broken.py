"""A block that can't be shown costs itself: the default's stands there, or nothing, and the page goes on."""

from __future__ import annotations

from typing import Any

import pytest

from lenticular.blocks.kind import Kind
from lenticular.blocks.registry import Kinds, Source
from lenticular.blocks.render import BlockRenderer
from lenticular.blocks.scene import Scene, Shown
from lenticular.decide.decision import Item
from tests.blocks.sample import block, renderer

SCENE = Scene("page", "/", ("en",))
BROKEN: list[tuple[str, dict[str, Any], str]] = [
    ("gone", {}, "block.unknown-kind"),
    ("hero", {"titel": "x"}, "block.settings"),
    ("hero", {"title": 5}, "block.settings"),
]


class Raises(Kind):
    name = "raises"


class Around(Kind):
    name = "around"
    contains = True


class Plain(Kind):
    name = "plain"


@pytest.mark.parametrize(("kind", "settings", "code"), BROKEN)
def test_it_is_left_out_and_told_without_what_anybody_wrote(kind: str, settings: dict[str, Any], code: str) -> None:
    blocks = [block("a", "heading", text="A"), Shown("b", kind, settings), block("c", "heading", text="C")]
    rendered = renderer().render(blocks, SCENE)
    assert 'block="a"' in rendered.html and 'block="c"' in rendered.html and 'block="b"' not in rendered.html
    [failure] = rendered.failures
    [problem] = failure.problems
    assert (problem.code, problem.place) == (code, "page //b")
    assert "titel" not in problem.message


@pytest.mark.parametrize(("kind", "settings", "code"), BROKEN)
def test_on_an_experience_the_default_stands_there(kind: str, settings: dict[str, Any], code: str) -> None:
    default = block("b", "heading", text="As always")
    scene = Scene("page", "/", ("en",), defaults={"b": default})
    rendered = renderer().render([Shown("b", kind, settings)], scene)
    assert ">As always</h" in rendered.html
    assert [one.problems[0].code for one in rendered.failures] == [code]


def test_a_default_that_is_broken_too_is_left_out() -> None:
    scene = Scene("slot", "s", ("en",), defaults={"s": Shown("s", "gone", {})})
    rendered = renderer().render([Shown("s", "hero", {"titel": "x"})], scene)
    assert rendered.html == "" and [one.problems[0].place for one in rendered.failures] == ["slot s", "slot s"]


@pytest.mark.parametrize(
    "template",
    [
        "{{ settings.nothing.at_all }}",
        "{{ 1 / 0 }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ items.append(1) }}",
        "{% for a in range(10000000) %}x{% endfor %}",
        "{% include 'gone' %}",
        "{{ (settings.__init__.__globals__) }}",
    ],
)
def test_a_template_that_raises_or_reaches_out(template: str) -> None:
    kinds = Kinds([Source(Raises, template), Source(Plain, "fine")])
    assert kinds.problems == []
    blocks = [Shown("a", "raises", {}), Shown("b", "plain", {})]
    rendered = BlockRenderer(kinds, {}, "s").render(blocks, SCENE)
    assert ">fine</div>" in rendered.html and 'block="a"' not in rendered.html
    assert [one.problems[0].code for one in rendered.failures] == ["block.template"]


def test_what_a_broken_block_contains_stays() -> None:
    kinds = Kinds([Source(Around, "{{ 1 / 0 }}"), Source(Plain, "fine")])
    blocks = [Shown("a", "around", {}), Shown("b", "plain", {}, parent="a"), Shown("c", "plain", {}, parent="a")]
    rendered = BlockRenderer(kinds, {}, "s").render(blocks, SCENE)
    assert rendered.html.index('block="b"') < rendered.html.index('block="c"')


def test_a_thousand_blocks_in_each_other_are_no_reason_to_stop() -> None:
    kinds = Kinds([Source(Around, "{% for child in children %}{{ child }}{% endfor %}")])
    blocks = [Shown(str(at), "around", {}, parent=str(at - 1) if at else None) for at in range(1_000)]
    rendered = BlockRenderer(kinds, {}, "s").render(blocks, SCENE)
    assert rendered.failures == () and rendered.html.count("data-lenticular-block") == 1_000


def test_ten_thousand_items_show_a_hundred() -> None:
    items = tuple(Item(f"i{at}", "offer", {"title": {"en": f"Number {at}"}}) for at in range(10_000))
    for kind, most in (("card-list", 100), ("carousel", 100), ("offer", 1)):
        rendered = renderer().render([block("b", kind, items=items)], SCENE)
        assert rendered.html.count("data-lenticular-item=") == most
