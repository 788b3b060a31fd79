"""What a plan looks like on a terminal."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from lenticular.catalog.findings import NOUNS
from lenticular.cli.context import tell
from lenticular.errors import LenticularError, Problem

_MARKS = {"added": "+", "back": "+", "deleted": "-", "archived": "-", "changed": "~"}


def tell_plan(preview: dict[str, Any]) -> bool:
    """Print differences, people, uses, warnings; return whether it can be published."""
    for one in preview["differences"]:
        click.echo(f"{_MARKS[one['what']]} {one['sentence']}")
    _people(preview["affected"])
    for part in ("warnings", "problems"):
        if preview[part]:
            tell(LenticularError(*(msgspec.convert(one, Problem) for one in preview[part])))
    count = len(preview["differences"])
    click.echo(f"{count} definition{'' if count == 1 else 's'} change{'s' if count == 1 else ''}.")
    return not preview["problems"]


def _people(affected: dict[str, Any] | None) -> None:
    if affected is None:
        return
    for one in affected["segments"]:
        moves = f"+{one['entered']:,} / -{one['left']:,}"
        click.echo(f"  {one['name']}: {one['before']:,} people, then {one['after']:,} ({moves})")
    names = dict.fromkeys(f"{NOUNS[one['kind']]} {one['name']}" for one in affected["uses"])
    if names:
        click.echo(f"  Used by {', '.join(names)}.")
