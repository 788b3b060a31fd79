"""One thing that the doctor found."""

from __future__ import annotations

from typing import Literal

import msgspec

Level = Literal["ok", "warning", "wrong"]


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was looked at and how it is: `code` is stable, `message` a sentence, `hint` what to do.

    `site` is the site that it is about, "" for all. `done` says what a repair did about it.
    """

    code: str
    level: Level
    message: str
    hint: str = ""
    site: str = ""
    done: str = ""


def fine(code: str, message: str, site: str = "") -> Finding:
    """Say that something is as it should be."""
    return Finding(code, "ok", message, site=site)


def wrong(code: str, message: str, hint: str, site: str = "") -> Finding:
    """Say that something is wrong, and what to do."""
    return Finding(code, "wrong", message, hint, site)


def warning(code: str, message: str, hint: str, site: str = "") -> Finding:
    """Say that something should be looked at, though everything works."""
    return Finding(code, "warning", message, hint, site)
