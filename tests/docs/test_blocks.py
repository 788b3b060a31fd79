"""docs/blocks.md says what is so: every kind, every setting, every token; its examples work."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lenticular.app.block_kinds import block_kinds
from lenticular.blocks import fields, theme
from lenticular.blocks.kinds.form import FormField
from lenticular.blocks.parts import PARTS
from lenticular.blocks.registry import Kinds, Source
from lenticular.blocks.render import BlockRenderer
from lenticular.blocks.scene import Scene, Shown
from lenticular.blocks.words import words_of
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.check_kinds import check_kinds
from lenticular.catalog.page import Page
from tests.decide.world import SITE
from tests.docs.page import fences, read, rows, sections

PAGE = read("docs/blocks.md")
KINDS = sections(sections(PAGE)["Kinds"], "###")
COMMON = sections(sections(PAGE)["What all settings have in common"], "###")


def names(section: str, head: str = "| setting |") -> set[str]:
    return {name for row in rows(section, head) for name in re.findall(r"`([\w-]+)`", row[0])}


def test_every_kind_has_its_section_with_its_help() -> None:
    assert list(KINDS) == [f"`{kind.name}`" for kind in block_kinds()]
    for kind in block_kinds():
        begins = re.sub(r"\[(.*?)\]\(.*?\)", r"\1", " ".join(KINDS[f"`{kind.name}`"].split()))
        assert begins.startswith(kind.help().rstrip(".").partition(";")[0]), kind.name


@pytest.mark.parametrize("kind", list(block_kinds()), ids=lambda kind: kind.name)
def test_every_setting_of_a_kind_is_in_its_table(kind: Any) -> None:
    assert names(KINDS[f"`{kind.name}`"]) == set(kind.settings.__struct_encode_fields__)


def test_the_settings_in_common_are_in_their_tables() -> None:
    assert names(COMMON["Picture"]) == set(fields.Picture.__struct_encode_fields__)
    assert names(COMMON["Button"]) == set(fields.Action.__struct_encode_fields__)
    of_form = KINDS["`form`"].partition("#### Field of a form")[2]
    assert names(of_form) == set(FormField.__struct_encode_fields__)


def test_every_token_of_the_theme_is_on_the_page_and_the_theme_is_small() -> None:
    stylesheet = (Path(theme.__file__).parent / theme.FILE).read_text()
    root = stylesheet.partition("@supports")[0]
    assert names(PAGE, "| token |") == set(re.findall(r"--lt-([\w-]+): ", root))


def test_the_words_of_templates_are_on_the_page() -> None:
    [row] = [one for one in rows(PAGE, "| in a template |") if one[0] == "`words`"]
    assert set(re.findall(r"`(\w+)`", row[1])) == set(vars(words_of(())))
    macros = re.findall(r"\{%- macro (\w+)", PARTS)
    assert all(f"`{macro}`" in PAGE for macro in macros)


def test_the_page_on_the_page_is_right() -> None:
    from ruamel.yaml import YAML

    [written] = [one.text for one in fences(PAGE) if one.tag == "yaml"]
    page = msgspec.convert({"key": "home", **YAML(typ="safe", pure=True).load(written)}, Page)

    site = msgspec.structs.replace(SITE, block_kinds="checked")
    assert check_kinds(Catalog(site, pages={"home": page}), block_kinds()) == []


def test_the_block_of_your_own_works() -> None:
    space: dict[str, Any] = {}
    [written] = [one.text for one in fences(PAGE) if one.tag == "python"]
    exec(compile(written, "docs/blocks.md", "exec", dont_inherit=True), space)  # noqa: S102
    [template] = [one.text for one in fences(PAGE) if one.tag == "html"]
    kinds = Kinds([Source(space["StarRating"], template)])
    shown = Shown("s", "star-rating", {"title": {"en": "Good"}, "stars": 4, "action": {"label": "More", "url": "/m"}})
    rendered = BlockRenderer(kinds, {}, "site").render([shown], Scene("page", "/", ("en",)))
    assert kinds.problems == [] and rendered.failures == ()
    assert ">Good</h2>" in rendered.html and "4/5" in rendered.html and 'href="/m"' in rendered.html
