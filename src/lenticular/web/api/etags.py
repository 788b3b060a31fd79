"""ETags: the version of a draft, so that nobody overwrites what they have not seen (RFC 9110, section 8.8.3)."""

from __future__ import annotations

import re

from lenticular.app.drafts import ANY
from lenticular.errors import LenticularError, Problem

_FORM = re.compile(r'(?:W/)?"(\d{1,9})"')


def etag(version: int) -> str:
    """Return the ETag of a version."""
    return f'"{version}"'


def expected(if_match: str | None, missing: int) -> int:
    """Return the version that `If-Match` names; `missing` without one. Raises LenticularError."""
    if if_match is None:
        return missing
    if if_match.strip() == "*":
        return ANY
    found = _FORM.fullmatch(if_match.strip())
    if found is None:
        hint = 'Send the ETag of the draft that you began from, such as "3"; "0" for none; * for any.'
        raise LenticularError(Problem("request.if-match", f"{if_match!r} is no ETag of ours.", "If-Match", hint))
    return int(found[1])
