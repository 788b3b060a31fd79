"""What is sent: JSON with `type`, `timestamp` (when it happened) and `data`, as Standard Webhooks proposes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

PEOPLE = 500
"""So many people are told of in one request."""


def moment(ms: int) -> str:
    """Return a moment in the form of RFC 3339, in UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def payload(event: str, at: int, data: dict[str, Any]) -> str:
    """Return the body of a delivery."""
    return msgspec.json.encode({"type": event, "timestamp": moment(at), "data": data}).decode()


def sample(event: str, site: str, segment: str, now: int) -> str:
    """Return what a test sends: the form of an event of its kind, with `test` in it."""
    person = {"profileId": "1", "userId": "user-1", "anonymousIds": ["anonymous-1"], "merged": [], "at": moment(now)}
    of_segment = {"segment": segment or "a-segment", "people": [person]}
    experience = {"kind": "pages", "key": "home", "experience": "an-experience", "what": "changed"}
    change = {"kind": "segments", "key": "a-segment", "state": "live", "sentence": {"en": "This is a test."}}
    publication = {"id": 1, "author": "Lenticular", "note": "This is a test."}
    job = {"id": 1, "kind": "export", "key": "", "attempt": 5, "reason": "This is a test."}
    data: dict[str, dict[str, Any]] = {
        "segment.entered": of_segment,
        "segment.left": of_segment,
        "experience.published": {"publication": publication, "experiences": [experience]},
        "catalog.published": {"publication": publication, "changed": 1, "changes": [change]},
        "job.failed": {"job": job},
    }
    return payload(event, now, {"site": site, "test": True, **data[event]})
