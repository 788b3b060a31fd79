"""A segment of which nobody can say whether the visitor is in it costs the parts that depend on it, and no others."""

from __future__ import annotations

from lenticular.decide.remembering import Decider
from lenticular.decide.request import Request, Visitor
from lenticular.decide.snapshot import compile_snapshot
from tests.decide.world import catalog_of

NOW = 1_795_462_320_000
SNAPSHOT = compile_snapshot(
    catalog_of(
        segments={key: {"rule": "True"} for key in ("sure", "unsure")},
        content={key: {"type": "ad"} for key in ("one", "two", "three")},
        collections={
            "ads": {
                "items": ["three"],
                "variations": [{"segment": "sure", "items": ["one"]}, {"segment": "unsure", "items": ["two"]}],
            }
        },
        slots={
            "ads": {"block": {"kind": "ad", "collection": "ads"}},
            "text": {
                "block": {"kind": "text", "settings": {"x": "default"}},
                "experiences": [
                    {"key": "first", "segment": "sure", "overrides": {"settings": {"x": "first"}}},
                    {"key": "second", "segment": "unsure", "overrides": {"settings": {"x": "second"}}},
                ],
            },
        },
    )
)
ASKED = Request(None, ("ads", "text"))


def test_what_comes_before_it_wins_and_what_comes_after_falls_back() -> None:
    decider = Decider(SNAPSHOT)
    unsure = Visitor(unknown=frozenset({"unsure"}))
    seen = []
    for matching in (frozenset({"sure"}), frozenset[str]()):
        outcome = decider.decide(ASKED, matching, unsure, NOW, "d")
        assert outcome.failures == ()
        for slot in outcome.decision.slots.values():
            seen.append(([item.key for item in slot.items], slot.block and slot.block.settings, slot.reason))
    assert seen == [
        (["one"], {}, "TARGETING_MATCH"),
        ([], {"x": "first"}, "TARGETING_MATCH"),
        (["three"], {}, "ERROR"),
        ([], {"x": "default"}, "ERROR"),
    ]


def test_it_is_not_remembered() -> None:
    decider, nobody = Decider(SNAPSHOT), frozenset[str]()
    decider.decide(ASKED, nobody, Visitor(unknown=frozenset({"unsure"})), NOW, "d")
    slots = decider.decide(ASKED, nobody, Visitor(), NOW, "d").decision.slots.values()
    assert [slot.reason for slot in slots] == ["DEFAULT", "DEFAULT"]
