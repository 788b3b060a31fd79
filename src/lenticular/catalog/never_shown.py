"""What can never be shown, in a sentence that names what is shown instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from lenticular.catalog.findings import Findings
from lenticular.catalog.shadowed import Hidden
from lenticular.catalog.words import table


def never_shown(
    findings: Findings,
    told: Sequence[tuple[str, str | None]],
    at: int,
    hidden: Hidden,
    what: Literal["experience", "variation"] = "experience",
) -> tuple[str, str]:
    """Return the warning and its hint; `told` are the name and segment of each member of the ordered list."""
    words = table(findings.language)
    name, segment = told[at]
    above = words["never_or"].join(f"{told[one][0]} ({one + 1})" for one in hidden.by)
    if not hidden.by:
        return words[f"never_{what}_nobody"].format(name=name, segment=findings.name_of(segment or "")), words[
            "never_nobody_hint"
        ]
    anyone = any(told[one][1] is None for one in hidden.by)
    key = "never_experience_anyone" if anyone else f"never_{what}"
    return words[key].format(name=name, above=above), words["never_hint"]
