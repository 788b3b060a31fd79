"""The conformance cases of decisions. Expected values are parts of the answer's JSON: lists whole, objects in part."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import pytest

from lenticular.catalog.pressure import Pressure
from lenticular.decide.decide import decide
from lenticular.decide.request import Request, Visitor
from lenticular.decide.snapshot import compile_snapshot
from lenticular.profiles.profile import Shown
from tests.cases.read import cases
from tests.decide.world import catalog_of

KINDS = ("segments", "types", "content", "collections", "pages", "slots")


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def answer(given: dict[str, Any]) -> Any:
    """Decide a case; without anything said it is 23 November 2026, 14:32 in New York, and everything is contextual."""
    catalog = catalog_of(**{kind: given.get(kind, {}) for kind in KINDS})
    groups = msgspec.convert(given.get("pressure", []), tuple[Pressure, ...])
    catalog = msgspec.structs.replace(catalog, site=msgspec.structs.replace(catalog.site, pressure=groups))
    shown = {item: [ms(at) for at in times] for item, times in given.get("shown", {}).items()}
    visitor = Visitor(
        shown={item: Shown(len(times), times) for item, times in shown.items()},
        session_start=ms(given["sessionStart"]) if "sessionStart" in given else None,
        interests={topic: {20_780: views} for topic, views in given.get("interests", {}).items()},
        bucketing_id=given.get("bucketingId", ""),
        reserved={item: tuple(map(ms, ends)) for item, ends in given.get("reserved", {}).items()},
    )
    request = Request(given.get("page", "/"), tuple(given.get("askSlots", ())), given.get("explain", False))
    matching = frozenset(given.get("matching", ()))
    now = ms(given.get("now", "2026-11-23T19:32Z"))
    popular = {(what, 30): counts for what, counts in given.get("popular", {}).items()}
    outcome = decide(compile_snapshot(catalog, frozenset(), popular), request, matching, visitor, now, "d1")
    assert outcome.failures == ()
    return msgspec.json.decode(msgspec.json.encode(outcome.decision))


def fits(found: Any, expected: Any, path: str = "") -> list[str]:
    """Return where an answer differs from what is expected of it."""
    if isinstance(expected, dict) and isinstance(found, dict):
        wrong = [f"{path}/{name} is missing" for name in expected.keys() - found.keys() if expected[name] is not None]
        return wrong + [
            line
            for name in expected.keys() & found.keys()
            for line in fits(found[name], expected[name], f"{path}/{name}")
        ]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        return [line for at, one in enumerate(expected) for line in fits(found[at], one, f"{path}/{at}")]
    return [] if found == expected else [f"{path}: {found!r} is not {expected!r}"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        case
        for name in ("experiences", "blocks", "collections", "caps", "queries", "groups")
        for case in cases(f"decide/{name}.json")
    ],
)
def test_case(given: dict[str, Any], expected: Any) -> None:
    assert fits(answer(given), expected) == []


def test_the_comparison_can_fail() -> None:
    assert fits({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}) == ["/a/1/b: 2 is not 3"]
    assert fits({"a": []}, {"a": [1]})
    assert fits({}, {"a": 1})
