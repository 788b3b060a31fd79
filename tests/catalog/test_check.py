from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lenticular.catalog.catalog import Catalog
from lenticular.catalog.check import check, fatal
from lenticular.catalog.property import Property
from lenticular.catalog.rules import RuleFacts, schema_of, tree_of
from lenticular.catalog.segment import Segment
from lenticular.criteria.tree import InSegment, Not, OnList, Or
from tests.decide.world import SITE, catalog_of

HERO = {"kind": "hero", "position": "a"}
PARTS: dict[str, Any] = {
    "segments": {"students": {"rule": "user.age < 26"}},
    "properties": {"user.age": {"scope": "user", "name": "age", "type": "number"}},
    "content": {"card": {"type": "offer"}, "loan": {"type": "offer"}},
    "collections": {"offers": {"items": ["card"], "variations": [{"segment": "students", "items": ["loan"]}]}},
    "pages": {
        "home": {
            "path": "/",
            "blocks": {"hero": HERO, "list": {"kind": "offers", "position": "b", "collection": "offers"}},
            "experiences": [{"key": "e", "segment": "students", "overrides": {"hero": {"settings": {"title": "x"}}}}],
        }
    },
    "slots": {"promo": {"block": {"kind": "ad", "collection": "offers"}}},
}


def changed(path: str, value: Any) -> Catalog:
    """Return the sound catalog with one part (`pages/home/path`) replaced, or taken away with `...`."""
    parts = msgspec.json.decode(msgspec.json.encode(PARTS))
    at: Any = parts
    *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    for step in steps:
        at = at[step]
    at[last] = value
    return catalog_of(**parts)


def test_a_sound_catalog_has_no_problem() -> None:
    assert check(catalog_of(**PARTS)) == []


@pytest.mark.parametrize(
    ("path", "value", "code", "place", "says"),
    [
        ("pages/home/experiences/0/segment", "studnts", "unknown-segment", "pages/home/experiences/0/segment",
         "Did you mean students?"),
        ("pages/home/blocks/list/collection", "offer", "unknown-collection", "pages/home/blocks/list/collection",
         "Did you mean offers?"),
        ("slots/promo/block/collection", "zzz", "unknown-collection", "slots/promo/block/collection", "Known: offers."),
        ("collections/offers/items/0", "crad", "unknown-content-item", "collections/offers/items/0", "card"),
        ("collections/offers/variations/0/items/0", "x", "unknown-content-item",
         "collections/offers/variations/0/items/0", "Known: card, loan."),
        ("collections/offers/variations/0/segment", "all", "unknown-segment",
         "collections/offers/variations/0/segment", "Known: students."),
        ("collections/offers/items", ["card", "card"], "duplicate-item", "collections/offers/items/1", "already"),
        ("collections/offers/variations", [{"segment": "students"}, {"segment": "students"}], "duplicate-variation",
         "collections/offers/variations/1/segment", "Join the two"),
        ("collections/offers/limit", 0, "limit", "collections/offers/limit", "1 or more"),
        ("segments/students/rule", "", "no-rule", "segments/students/rule", "static: true"),
        ("segments/students/rule", 'True and on_list("students")', "no-list",
         "segments/students/rule, line 1, column 18", 'segment("students")'),
        ("segments/students/rule", 'on_list("studnts")', "unknown-segment",
         "segments/students/rule, line 1, column 9", ""),
        ("properties/session.path", {"scope": "session", "name": "path", "type": "text", "trusted": True}, "trusted",
         "properties/session.path/trusted", "Trust traits"),
        ("content/card/cap", {"limit": 0, "per": "day"}, "cap", "content/card/cap/limit", "between 1 and 100"),
        ("content/card/cap", {"limit": 101, "per": "day"}, "cap", "content/card/cap/limit", "between 1 and 100"),
        ("content/card/cap", {"limit": 1}, "cap", "content/card/cap", "go together"),
        ("content/card/cap", {"per": "day"}, "cap", "content/card/cap", "go together"),
        ("content/card/cap", {}, "cap", "content/card/cap", "needs a limit or a gap"),
        ("content/card/cap", {"gap": "two hours"}, "cap", "content/card/cap/gap", "2h"),
        ("content/card/cap", {"gap": "1mo"}, "cap", "content/card/cap/gap", "not a gap"),
        ("content/card/start", "soon", "moment", "content/card/start", "2026-11-27"),
        ("pages/home/experiences/0/schedule", {"start": "2026-11-30", "end": "2026-11-27"}, "schedule",
         "pages/home/experiences/0/schedule/end", "has ended already"),
        ("pages/home/experiences/0/schedule", {"start": "2026-11-27", "end": "2026-11-27"}, "schedule",
         "pages/home/experiences/0/schedule/end", "has ended already"),
        ("pages/home/path", "home", "path", "pages/home/path", 'Write "/home".'),
        ("pages/home/path", "/home/?a=1", "path", "pages/home/path", 'Write "/home".'),
        ("pages/other", {"path": "/"}, "duplicate-path", "pages/other/path", 'page "home"'),
        ("pages/home/blocks/hero/position", "", "position", "pages/home/blocks/hero", "needs a position"),
        ("pages/home/blocks/hero/kind", "", "kind", "pages/home/blocks/hero/kind", 'block "hero" needs a kind'),
        ("pages/home/blocks/hero/parent", "lits", "parent", "pages/home/blocks/hero/parent", "Did you mean list?"),
        ("pages/home/blocks/hero/parent", "hero", "parent", "pages/home/blocks/hero/parent", "contains itself"),
        ("pages/home/blocks/hero/settings", {"a": [{"b": None}]}, "null-value",
         "pages/home/blocks/hero/settings/a/0/b", "null is never a value"),
        ("pages/home/experiences/0/overrides", {"hero": {"kind": 5}}, "override",
         "pages/home/experiences/0/overrides/hero/kind", "found the number 5"),
        ("pages/home/experiences/0/overrides", {"hero": {"colour": "red"}}, "override",
         "pages/home/experiences/0/overrides/hero/colour", 'no setting "colour"'),
        ("pages/home/experiences/0/overrides", {"hero": 3}, "override",
         "pages/home/experiences/0/overrides/hero", "named settings"),
        ("pages/home/experiences/0/overrides", {"hero": {"kind": None}}, "override",
         "pages/home/experiences/0/overrides/hero", '"kind" is missing'),
        ("pages/home/experiences/0/overrides", {"extra": {"kind": "banner"}}, "position",
         "pages/home/experiences/0/overrides/extra", "needs a position"),
        ("pages/home/experiences/0/overrides", {"list": {"collection": "gone"}}, "unknown-collection",
         "pages/home/experiences/0/overrides/list/collection", "Known: offers."),
        ("pages/home/experiences/0/overrides", {"heroo": {"settings": {}}}, "patch-target",
         "pages/home/experiences/0/overrides/heroo", "Did you mean hero?"),
        ("pages/home/experiences/0/overrides", {"hero": {"settings": {"text": None}}}, "patch-target",
         "pages/home/experiences/0/overrides/hero/settings/text", "to take away"),
        ("pages/home/experiences/0/overrides", {"news": None}, "patch-target",
         "pages/home/experiences/0/overrides/news", "to take away"),
        ("slots/promo/experiences", [{"key": "e", "overrides": {"kind": []}}], "override",
         "slots/promo/experiences/0/overrides/kind", "found a list"),
        ("slots/promo/block/parent", "hero", "parent", "slots/promo/block/parent", "exactly one block"),
        ("pages/home/experiences", [{"key": "a"}, {"key": "b", "segment": "students"}], "never-shown",
         "pages/home/experiences/1", 'everyone sees a (1) above'),
        ("pages/home/experiences", [{"key": "a", "segment": "students"},
         {"key": "a", "schedule": {"start": "2026-01-01"}}], "duplicate-experience",
         "pages/home/experiences/1/key", "already"),
        ("segments/a b", {"rule": "True"}, "key", "segments/a b/key", "Begin with a letter"),
    ],
)  # fmt: skip
def test_one_thing_wrong_is_one_problem_with_its_place(path: str, value: Any, code: str, place: str, says: str) -> None:
    problems = check(changed(path, value))
    assert [(problem.code, problem.place) for problem in problems] == [(f"catalog.{code}", place)]
    assert says in str(problems[0])
    assert bool(fatal(problems)) == (code not in ("patch-target", "never-shown"))


def test_a_rules_own_problems_and_unknown_segments_have_their_place() -> None:
    catalog = changed("segments/students/rule", 'user.agee < 26 and not segment("advanced")')
    problems = check(catalog)
    assert [problem.code for problem in problems] == ["rule.property", "catalog.unknown-segment"]
    assert problems[0].hint == "Did you mean user.age?"
    assert problems[0].place == "segments/students/rule, line 1, column 1"
    assert problems[1].place == "segments/students/rule, line 1, column 32"


def test_a_rule_that_cannot_be_read_is_one_problem() -> None:
    assert len(check(changed("segments/students/rule", "user.age <"))) == 1


def test_segments_in_a_circle_are_named_once() -> None:
    named = {"a": ("b",), "b": ("c", "d"), "c": ("a",), "d": ("d",), "e": ("a",)}
    catalog = Catalog.of(SITE, *(Segment(key, rule="True") for key in named))
    problems = check(catalog, read_rule=lambda segment, _: RuleFacts(named[segment.key]))
    assert sorted(problem.message.partition(": ")[2] for problem in problems) == ["a → b → c → a.", "d → d."]


def test_many_paths_to_one_segment_are_no_circle_and_take_no_time() -> None:
    named = {f"s{at}": tuple(f"s{to}" for to in range(at + 1, min(at + 8, 60))) for at in range(60)}
    catalog = Catalog.of(SITE, *(Segment(key, rule="True") for key in named))
    assert check(catalog, read_rule=lambda segment, _: RuleFacts(named[segment.key])) == []


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        ({"timezone": "America/New_Yrok"}, "unknown-timezone", "America/New_York"),
        ({"timezone": "../etc/passwd"}, "unknown-timezone", "IANA"),
        ({"write_key": ""}, "write-key", "empty"),
        ({"secret_key": "w"}, "secret-key", "the same"),
    ],
)
def test_the_site(change: dict[str, str], code: str, says: str) -> None:
    problems = check(Catalog(msgspec.structs.replace(SITE, **change)))
    assert [problem.code for problem in problems] == [f"catalog.{code}"]
    assert says in str(problems[0])


def test_what_could_not_be_read_is_not_missed_a_second_time() -> None:
    catalog = changed("collections/offers/items/0", "broken")
    assert check(catalog, unreadable={"content": {"broken"}}) == []
    assert len(check(catalog)) == 1


def test_a_static_segment_needs_no_rule_and_others_may_ask_for_its_list() -> None:
    guests = Segment("guests", static=True)
    asks = Segment("ask", rule='on_list("guests") or on_list("both")')
    both = Segment("both", rule='not segment("guests")', static=True)
    catalog = Catalog.of(SITE, guests, asks, both)
    assert check(catalog) == []
    assert tree_of(guests) == OnList("guests")
    assert tree_of(both) == Or((OnList("both"), Not(InSegment("guests"))))
    assert tree_of(asks) == Or((OnList("guests"), OnList("both")))


def test_a_property_says_its_purpose_and_who_may_write_it() -> None:
    plain = Property(scope="user", name="plan", type="text")
    named = Property(scope="session", name="branch", type="text", purpose="analytics", trusted=True)
    schema = schema_of(Catalog.of(SITE, plain, named))
    assert schema.purposes == {("session", "branch"): "analytics"}
    assert schema.trusted == frozenset({("session", "branch")})
