"""A remembered answer is the answer."""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec
import pytest

from lenticular.catalog.catalog import Catalog
from lenticular.decide.decide import decide
from lenticular.decide.remembering import Decider
from lenticular.decide.request import Request, Visitor
from lenticular.decide.snapshot import compile_snapshot
from lenticular.profiles.profile import Shown

NOON = 1_795_453_200_000
"""23 November 2026, noon in New York."""
HOUR = 3_600_000
DAY = 20_780
SEGMENTS = [f"s{at}" for at in range(6)]


def _catalog() -> Catalog:
    caps: list[dict[str, Any]] = [
        {"limit": 1, "per": "day"},
        {"limit": 2, "per": "week"},
        {"gap": "2h"},
        {"limit": 1, "per": "session"},
    ]
    content: dict[str, Any] = {
        f"i{at}": {"key": f"i{at}", "type": "offer", "fields": {"n": at}, **({"cap": caps[at]} if at < 4 else {})}
        for at in range(9)
    }
    for at in range(8):
        content[f"i{at}"]["tags"] = ["xyz"[at % 3]]
    content["i3"]["cap"]["instead"] = "i7"
    content["i5"]["start"] = "2026-11-23T12:30:00-05:00"
    variations = [{"segment": f"s{at}", "items": [f"i{at}", f"i{at + 1}"]} for at in range(5)]
    collections: dict[str, Any] = {
        combine: {"key": combine, "combine": combine, "items": ["i6", "i7"], "variations": variations, "limit": 3}
        for combine in ("first", "merge")
    }
    collections["first"]["cap"] = {"limit": 3, "per": "day"}
    asked: list[dict[str, Any]] = [
        {"query": {"sort": [{"by": "interests"}]}},
        {"query": {"any": ["x", "y"], "sort": [{"by": "random"}]}},
    ]
    collections |= {f"q{at}": {"key": f"q{at}", "limit": 3, "hideSeen": "4h", **one} for at, one in enumerate(asked)}
    experiences: list[dict[str, Any]] = [
        {"key": f"e{at}", "segment": f"s{at}", "overrides": {"list": {"settings": {"n": at}}}} for at in range(4)
    ]
    experiences[2]["holdout"] = 0.5
    experiences[1]["schedule"] = {"start": "2026-11-23T11:00:00-05:00", "end": "2026-11-23T13:00:00-05:00"}
    body = {
        "site": {
            "key": "site",
            "timezone": "America/New_York",
            "writeKey": "key",
            "pressure": [{"key": "x", "tags": ["x"], "cap": {"limit": 2, "per": "day", "gap": "20m", "instead": "i8"}}],
            "holdout": {"share": 0.3, "without": ["s5"]},
        },
        "segments": {key: {"key": key, "rule": "True"} for key in SEGMENTS},
        "content": content,
        "collections": collections,
        "pages": {
            "home": {
                "key": "home",
                "path": "/",
                "blocks": {"list": {"kind": "cards", "position": "a", "collection": "first"}},
                "experiences": experiences,
            }
        },
        "slots": {
            name: {"key": name, "block": {"kind": "ad", "collection": collection}}
            for name, collection in (("promo", "merge"), ("q0", "q0"), ("q1", "q1"))
        },
    }
    return msgspec.convert(body, Catalog)


def _visitor(random: Random, now: int) -> Visitor:
    shown = {
        f"i{at}": Shown(len(times), times)
        for at in range(8)
        if (times := sorted(now - random.choice([0, 1, HOUR, 3 * HOUR, 30 * HOUR]) for _ in range(random.randrange(3))))
    }
    reserved = {f"i{random.randrange(8)}": (now + random.choice([-1, 1, 60_000]),)} if random.random() < 0.4 else {}
    bucketing_id = random.choice(["", *(f"v{at}" for at in range(12))])
    interests = {topic: {DAY: random.randrange(3)} for topic in random.sample("xyz", random.randrange(3))}
    session = random.choice([None, now - 1, now - 2 * HOUR])
    return Visitor(shown, session, reserved, bucketing_id=bucketing_id, interests=interests)


@pytest.mark.parametrize("seed", range(4))
def test_it_decides_what_was_decided_before(seed: int) -> None:
    random, snapshot = Random(seed), compile_snapshot(_catalog())
    decider = Decider(snapshot)
    for at in range(500):
        now = NOON + random.choice(
            [-2 * HOUR, -HOUR - 1, -HOUR, 0, HOUR // 2 - 1, HOUR // 2, HOUR - 1, HOUR, 20 * HOUR]
        )
        request = Request(
            random.choice(["/", None]), random.choice([("promo",), (), ("q0",), ("promo", "q1")]), random.random() < 0.1
        )
        matching = frozenset(random.sample(SEGMENTS, random.randrange(4)))
        visitor = _visitor(random, now)
        expected = decide(snapshot, request, matching, visitor, now, str(at))
        assert decider.decide(request, matching, visitor, now, str(at)) == expected


def test_what_does_not_exist_is_not_remembered() -> None:
    decider = Decider(compile_snapshot(_catalog()))
    for at in range(3):
        outcome = decider.decide(Request(f"/no-{at}", ()), frozenset(), Visitor(), NOON, "x")
        assert not outcome.answered
    assert not decider._answers
