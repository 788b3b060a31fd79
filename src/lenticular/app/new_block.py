"""A package with a new kind of block, ready to be installed and changed."""

from __future__ import annotations

import re
from pathlib import Path

from lenticular.app.block_kinds import GROUP, block_kinds
from lenticular.errors import LenticularError, Problem

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_MOST = 40

_PROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{package}"
version = "0.1.0"
description = "The block {name} for Lenticular."
requires-python = ">=3.11"
dependencies = ["lenticular[server]"]

[project.entry-points."{group}"]
{name} = "{module}:{kind}"

[tool.hatch.build.targets.wheel]
packages = ["{module}"]
"""
_CLASS = '''\
"""The block {name}."""

from __future__ import annotations

from typing import Annotated

from lenticular.blocks.fields import Action, LongText, Settings, Text
from lenticular.blocks.kind import Kind
from msgspec import Meta


class {kind}Settings(Settings, frozen=True):
    """What an editor sets. The form in the console is made from this."""

    title: Annotated[Text, Meta(title="Title", description="Shown large.")] = ""
    text: Annotated[LongText, Meta(title="Text")] = ""
    action: Annotated[Action | None, Meta(title="Button")] = None


class {kind}(Kind):
    """{label}: say in this line what it is for; editors read it."""

    name = "{name}"
    label = "{label}"
    group = "content"
    settings = {kind}Settings
'''
_HTML = """\
{% from "parts" import button, heading %}
<section class="KIND"{% if settings.title %} aria-labelledby="{{ id }}-title"{% endif %}>
{{ heading(level, settings.title, id ~ "-title") }}
{% if settings.text %}<p class="lt-lines">{{ settings.text }}</p>{% endif %}
{% if settings.action %}<p class="lt-buttons">{{ button(settings.action) }}</p>{% endif %}
</section>
"""
_TEST = '''\
"""The block {name} as a page shows it. Run with: python -m pytest"""

from __future__ import annotations

from lenticular.app.try_block import try_block
from {module} import {kind}


def test_it_shows_its_texts_in_the_language_that_is_asked_for() -> None:
    settings = {{"title": {{"en": "Hello", "es": "Hola"}}, "action": {{"label": "Go", "url": "/go"}}}}
    html = try_block({kind}, settings, language="es")
    assert 'data-lenticular-kind="{name}"' in html
    assert ">Hola</h2>" in html and 'href="/go"' in html


def test_what_an_editor_writes_stays_text() -> None:
    button = {{"label": "Go", "url": "javascript:1"}}
    html = try_block({kind}, {{"title": "<script>alert(1)</script>", "action": button}})
    assert "<script" not in html and "javascript:" not in html
'''
_READ_ME = """\
# {package}

The block `{name}` for Lenticular: its settings are in `{module}/__init__.py`, its template is `{module}/{name}.html`.

    pip install -e .
    python -m pytest
    lenticular block list

Restart the server, and the block is there for pages and slots. What settings and templates can use is in
Lenticular's docs/blocks.md.
"""


def new_block(name: str, home: Path) -> Path:
    """Write a package with a kind of block into a new folder of `home`, and return that.

    Raises LenticularError for a name that can't be used and a folder that is there already.
    """
    kinds = block_kinds()
    if not _NAME.fullmatch(name) or len(name) > _MOST:
        hint = "Use small letters, digits and hyphens, such as star-rating; at most 40."
        raise LenticularError(Problem("block.name", f'"{name}" can\'t be the name of a block.', hint=hint))
    if name in kinds:
        owner = kinds.package(name) or "Lenticular"
        raise LenticularError(Problem("block.double", f'{owner} has a block "{name}" already.', hint="Choose another."))
    words = name.split("-")
    names = {
        "name": name,
        "package": f"lenticular-block-{name}",
        "module": f"lenticular_block_{'_'.join(words)}",
        "kind": "".join(word.title() for word in words),
        "label": " ".join(words).capitalize(),
        "group": GROUP,
    }
    folder = home / names["package"]
    files = {
        "pyproject.toml": _PROJECT.format(**names),
        "README.md": _READ_ME.format(**names),
        f"{names['module']}/__init__.py": _CLASS.format(**names),
        f"{names['module']}/{name}.html": _HTML.replace("KIND", name),
        f"tests/test_{'_'.join(words)}.py": _TEST.format(**names),
    }
    try:
        folder.mkdir(parents=True)
        for path, text in files.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(text, "utf-8")
    except FileExistsError:
        raise LenticularError(
            Problem("block.folder", "There is such a folder already.", str(folder), "Remove it, or name another.")
        ) from None
    except OSError as error:
        raise LenticularError(
            Problem("block.folder", f"It can't be written: {error.strerror}.", str(folder), "Name another with --in.")
        ) from None
    return folder
