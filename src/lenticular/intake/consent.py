"""What a message says of consent (Segment's consent field, `context.consent.categoryPreferences`), and its sender."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lenticular.criteria.purposes import PURPOSES
from lenticular.intake.refused import refuse

_PLACE = "/context/consent/categoryPreferences"
_NOTHING: dict[str, bool] = {}


def consent_with(context: Mapping[str, Any], withheld: Iterable[str]) -> dict[str, bool]:
    """Return by purpose whether it is allowed: what the browser's signals withhold, unless the message says otherwise.

    Raises RefusedError.
    """
    said = consent_of(context)
    signalled = dict.fromkeys(withheld, False)
    return {**signalled, **said} if signalled else said


def consent_of(context: Mapping[str, Any]) -> dict[str, bool]:
    """Return by purpose whether it is allowed; a category that is no purpose of ours says nothing to us.

    Raises RefusedError for an answer that is neither true nor false: to guess could use what is withheld.
    """
    consent = context.get("consent")
    if consent is None:
        return _NOTHING
    preferences = consent.get("categoryPreferences") if isinstance(consent, dict) else consent
    if preferences is None:
        return _NOTHING
    if not isinstance(preferences, dict):
        raise refuse("bad_consent", "Consent must be an object of categories.", _PLACE, 'Send {"analytics": false}.')
    found = {purpose: preferences[purpose] for purpose in PURPOSES if preferences.get(purpose) is not None}
    for purpose, allowed in found.items():
        if not isinstance(allowed, bool):
            raise refuse("bad_consent", "Consent must be true or false.", f"{_PLACE}/{purpose}", "Send one of them.")
    return found
