"""docs/decisions.md says what is so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from lenticular.catalog.cap import Per
from lenticular.catalog.catalog import KINDS

PAGE = (Path(__file__).parents[2] / "docs" / "decisions.md").read_text()


def test_its_examples_run() -> None:
    examples = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert examples
    for example in examples:
        exec(compile(example, "docs/decisions.md", "exec"), {})  # noqa: S102


def test_it_names_every_setting_of_every_definition() -> None:
    for kind, struct in KINDS.items():
        row = re.search(rf"\| `{kind}/` \|(.*)", PAGE)
        assert row
        for name in struct.__struct_encode_fields__:
            assert name == "key" or f"`{name}`" in row[1] or f"{name} " in row[1], (kind, name)
    for per in get_args(Per):
        assert f"`{per}`" in PAGE
