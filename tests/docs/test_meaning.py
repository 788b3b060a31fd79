"""What the page of the rule language shows of the people it speaks of is what the engine says of them."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import pytest

from lenticular import Engine
from lenticular.criteria.calendar import calendar_of
from lenticular.criteria.explain import Explanation, Reason, explain
from lenticular.criteria.person import Person
from lenticular.criteria.purposes import PURPOSES
from lenticular.criteria.segments import Segments
from lenticular.criteria.text import parse
from lenticular.criteria.types import Schema
from lenticular.embedded.moment import milliseconds
from lenticular.profiles.event import Event
from tests.docs.page import contains, fences, read, rows, sections

PAGE = read("docs/rules.md")
WHY = sections(PAGE)["Why someone is in, or not"]
_EVENT = re.compile(r"(\w+) (\d+:\d\d)(?: \((\w+) (\d+)\))?")
_RULE = '(count("Order Completed", revenue > 20, within="30d") >= 2 or user.plan == "gold") and not user.left == True'
_SHOWN = [json.loads(fence.text) for fence in fences(WHY) if fence.tag == "json"]


@pytest.mark.parametrize(("rule", "happened", "holds"), rows(PAGE, "| rule, at noon |"))
def test_what_happened_that_day(rule: str, happened: str, holds: str) -> None:
    engine = Engine(segments={"it": rule[1:-1]})
    person = engine.person()
    told = _EVENT.findall(happened)
    assert len(told) == happened.count(":")
    for name, time, field, value in told:
        person.track(name, {field: int(value)} if field else {}, at=f"2026-03-15T{time:0>5}Z")
    assert {"yes": True, "no": False}[holds] is ("it" in engine.matching(person, "2026-03-15T12:00Z"))


@pytest.mark.parametrize(("head", "struct"), [("| field | is |", Explanation), ("| field of a reason |", Reason)])
def test_every_field_of_an_explanation_is_in_its_table(head: str, struct: type[msgspec.Struct]) -> None:
    named = [name for cells in rows(WHY, head) for name in re.findall(r"`(\w+)`", cells[0])]
    assert sorted(named) == sorted(struct.__struct_encode_fields__)


@pytest.mark.parametrize(("shown", "withheld"), [(_SHOWN[0], 0), (_SHOWN[1], PURPOSES["personalization"])])
def test_the_events_that_counted_and_what_is_withheld(shown: dict[str, Any], withheld: int) -> None:
    schema = Schema(open=True)
    segments = Segments({"regulars": parse(_RULE).tree}, schema, calendar_of("Europe/Madrid"))
    events = [
        _order(f"m{at}", *order) for at, order in enumerate([("2026-03-20T10:00Z", 35), ("2026-03-25T10:00Z", 42)])
    ]
    tallies: dict[str, Any] = {}
    for event in events:
        segments.plan.step(tallies, event)
    person = Person({"t_plan": "free"}, tallies=tallies, withheld=withheld)
    found = explain(segments, "regulars", person, milliseconds("2026-03-28T12:00Z"), events)
    assert contains(json.loads(msgspec.json.encode(found)), shown)


def _order(message_id: str, at: str, revenue: float) -> Event:
    time = milliseconds(at)
    properties: Any = {"n_revenue": float(revenue)}
    return Event("track", message_id, time, time, name="Order Completed", properties=properties)
