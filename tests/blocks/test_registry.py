"""Kinds that packages bring, and what is said when one can't be used or settings don't fit."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import Annotated, Any, ClassVar

import pytest
from msgspec import Meta

from lenticular.app.block_kinds import block_kinds, kinds_with
from lenticular.blocks.fields import Settings, Text
from lenticular.blocks.kind import Kind
from lenticular.blocks.registry import BlockError, Kinds, Source


class StarsSettings(Settings, frozen=True):
    title: Annotated[Text, Meta(title="Title")] = ""


class Stars(Kind):
    """Stars."""

    name = "stars"
    label = "Stars"
    template = "test_stars.html"
    settings = StarsSettings


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, "lenticular.blocks")


def test_a_package_adds_a_kind() -> None:
    kinds = kinds_with([point("stars", f"{__name__}:Stars")])
    assert "stars" in kinds and kinds.package("stars") == __name__ and kinds.problems == []
    assert kinds.template("stars").render(settings=StarsSettings(title="A")).strip() == "<p>A</p>"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("stars", "no_such_package:Stars", "No module named"),
        ("stars", f"{__name__}:Gone", "no attribute"),
        ("stars", f"{__name__}:StarsSettings", "no subclass"),
        ("moons", f"{__name__}:Stars", 'calls itself "stars"'),
        ("bad", f"{__name__}:Bad", "No such file"),
    ],
)
def test_a_kind_that_cannot_be_loaded_is_told_and_the_others_stay(name: str, value: str, says: str) -> None:
    kinds = kinds_with([point(name, value)])
    assert name not in kinds and "hero" in kinds
    [problem] = kinds.problems
    assert problem.code == "block.load" and says in problem.message and value in problem.hint


class Bad(Kind):
    name = "bad"


class Twin(Kind):
    name = "hero"


class Odd(Kind):
    name = "no/name"


class Loose(Kind):
    name = "loose"
    settings: ClassVar[Any] = dict


@pytest.mark.parametrize(
    ("source", "code", "says"),
    [
        (Source(Twin, "", "acme"), "block.double", 'named "hero", of Lenticular and acme'),
        (Source(Odd, "", "acme"), "block.kind", "can't be the name"),
        (Source(Loose, "", "acme"), "block.kind", "no subclass of"),
        (Source(Bad, "{% if %}", "acme"), "block.template", "can't be read"),
        (Source(Bad, "{{ a | nofilter }}", "acme"), "block.template", "nofilter"),
    ],
)
def test_a_kind_that_cannot_be_used_is_told(source: Source, code: str, says: str) -> None:
    class Hero(Kind):
        name = "hero"

    kinds = Kinds([Source(Hero, "mine"), source])
    [problem] = kinds.problems
    assert problem.code == code and says in problem.message
    assert kinds.template("hero").render() == "mine"


@pytest.mark.parametrize(
    ("kind", "settings", "path", "says"),
    [
        ("hero", {"titel": "x"}, ("titel",), 'no setting "titel"'),
        ("hero", {"title": 5}, ("title",), "a text"),
        ("hero", {"title": {"en": 5}}, ("title", "en"), "a text"),
        ("hero", {"title": {"english!": "x"}}, ("title",), "the form that is asked"),
        ("hero", {"title": ["x"]}, ("title",), "a text"),
        ("hero", {"action": {"url": "/"}}, ("action",), '"label" is missing'),
        ("hero", {"action": {"label": "a", "href": "/"}}, ("action", "href"), "href"),
        ("hero", {"layout": "besides"}, ("layout",), "besides"),
        ("hero", {"level": 7}, ("level",), "<= 6"),
        ("hero", {"picture": {"src": "/a", "width": 0}}, ("picture", "width"), ">= 1"),
        ("hero", {"picture": {"src": "/a", "focus": {"x": "left"}}}, ("picture", "focus", "x"), "a number"),
        ("section", {"columns": "6+6"}, ("columns",), "the form that is asked"),
        ("form", {"fields": {"a": {"label": "A", "type": "file"}}}, ("fields", "a", "type"), "file"),
        ("form", {"fields": {"a": {}}}, ("fields", "a"), '"label" is missing'),
        ("form", {"fields": []}, ("fields",), "named settings"),
        ("spacer", {"line": "yes"}, ("line",), "true or false"),
    ],
)
def test_settings_that_do_not_fit_are_told_with_their_path(
    kind: str, settings: dict[str, Any], path: tuple[str, ...], says: str
) -> None:
    kinds = block_kinds()
    [misfit] = kinds.misfits(kind, settings)
    assert misfit.path[: len(path)] == path and says in misfit.message
    with pytest.raises(BlockError) as told:
        kinds.read(kind, settings)
    assert told.value.problems[0].code == "block.settings"


def test_every_misfit_is_told_at_once() -> None:
    wrong = {"title": 5, "layout": "x", "action": {"label": 1, "other": 2}}
    assert [misfit.path for misfit in block_kinds().misfits("hero", wrong)] == [
        ("title",),
        ("layout",),
        ("action", "label"),
        ("action", "other"),
    ]


def test_an_unknown_kind_names_the_nearest() -> None:
    assert block_kinds().unknown("hreo") == ('There is no kind of block "hreo".', "Did you mean hero?")
    assert block_kinds().unknown("hero") is None
    with pytest.raises(BlockError, match="Known: article"):
        block_kinds().kind("zzz")
