"""The Jinja environment of all templates: sandboxed, everything escaped, nothing read from disk."""

from __future__ import annotations

from collections.abc import Mapping

from jinja2 import DictLoader
from jinja2.sandbox import ImmutableSandboxedEnvironment

from lenticular.blocks.parts import NAME, PARTS


def environment(templates: Mapping[str, str]) -> ImmutableSandboxedEnvironment:
    """Return the environment of templates by the name of their kind; `{% from "parts" import … %}` is for all."""
    made = ImmutableSandboxedEnvironment(
        loader=DictLoader({**templates, NAME: PARTS}),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    del made.globals["lipsum"]
    return made
