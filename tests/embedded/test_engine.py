"""The engine in a Python program: the same answers as the server's, without it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

import lenticular
from lenticular import CatalogError, Engine, LenticularError, Person, Request, RuleError
from lenticular.criteria.calendar import calendar_of
from lenticular.embedded.moment import milliseconds

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
HERO = {"kind": "hero", "position": "a", "settings": {"title": "Welcome", "text": "Hello"}}
HOME = {
    "path": "/",
    "blocks": {"hero": HERO},
    "experiences": [
        {"key": "campus", "segment": "campus", "overrides": {"hero": {"settings": {"title": "Hello, students"}}}},
        {"key": "rich", "segment": "rich", "overrides": {"hero": {"settings": {"title": "Hello, you"}}}},
    ],
}


def bank(**more: Any) -> Engine:
    rules = {"campus": 'session.utm_campaign == "campus"', "rich": "user.balance >= 100_000"}
    return Engine(segments=rules, pages={"home": HOME}, **more)


def test_the_first_match_wins_and_the_rest_is_the_default() -> None:
    engine = bank()
    person = engine.person({"balance": "250000"})
    seen = engine.decide("/", person, MONDAY)
    assert (seen.experience, seen.reason, seen.segment) == ("rich", "TARGETING_MATCH", "rich")
    person.page("https://bank.example/college?utm_campaign=campus", at=MONDAY)
    seen = engine.decide("/", person, MONDAY)
    assert seen.experience == "campus"
    assert seen.blocks[0].settings == {"title": "Hello, students", "text": "Hello"}
    assert engine.matching(person, MONDAY) == {"campus", "rich"}
    assert engine.decide("/", engine.person(), MONDAY).reason == "DEFAULT"


def test_of_two_writes_of_a_trait_the_later_moment_wins() -> None:
    engine = bank()
    person = engine.person({"balance": 1})
    person.identify({"balance": 100_000}, at="2026-03-02T09:00Z")
    person.identify({"balance": 5}, at="2026-03-01T09:00Z")
    assert engine.matching(person, MONDAY) == {"rich"}
    person.identify({"balance": None}, at="2026-03-03T09:00Z")
    assert engine.matching(person, MONDAY) == frozenset()


def test_an_explanation_shows_values_and_when_time_alone_changes_it() -> None:
    engine = Engine(
        segments={"keen": 'count("Product Viewed", price > 50, within="7d") >= 2 and user.age < 26'},
        timezone="Europe/Madrid",
    )
    person = engine.person({"age": 20})
    for hour, price in ((1, 60), (2, 70), (3, 10)):
        person.track("Product Viewed", {"price": price}, at=MONDAY.replace(hour=hour))
    lines = engine.explain("keen", person, MONDAY).splitlines()
    assert lines[0].startswith("In keen: ")
    assert lines[1].startswith("  ✓ ") and lines[1].endswith("(2 times)")
    assert lines[2].startswith("  ✓ ") and lines[2].endswith("(20)")
    assert lines[3] == "  Changes by itself on 9 March 2026, 02:00 (Europe/Madrid)."
    later = engine.explanation("keen", person, "2026-03-09T01:00Z")
    assert not later.member and later.changes_at is None
    assert engine.explain("keen", engine.person(), MONDAY).splitlines()[-1] == "  Time alone does not change this."


def test_a_capped_item_is_kept_back_once_seen() -> None:
    engine = Engine(
        content={"ad": {"type": "ad", "cap": {"limit": 1, "per": "day"}}},
        collections={"ads": {"items": ["ad"]}},
        slots={"promo": {"block": {"kind": "ad", "collection": "ads"}}},
    )
    person = engine.person()
    assert [item.key for item in engine.decide_slot("promo", person, MONDAY).items] == ["ad"]
    person.track("Impression", {"item": "ad"}, at=MONDAY)
    assert engine.decide_slot("promo", person, MONDAY).reason == "CAPPED"
    assert engine.decide_slot("promo", person, MONDAY.replace(day=3)).reason == "STATIC"
    explained = engine.answer(Request(None, ("promo",), explain=True), person, MONDAY).explain
    assert explained
    assert "again from 3 Mar 2026, 00:00" in explained.slots["promo"].collections[0].left_out[0].message


def test_a_list_by_query_follows_interests_that_are_given_or_viewed() -> None:
    tags: dict[str, list[str]] = {"a": [], "b": ["art"], "c": ["cars"]}
    engine = Engine(
        content={key: {"type": "article", "fields": {"n": 5}, "tags": own} for key, own in tags.items()},
        collections={"all": {"query": {"where": "n > 1", "sort": [{"by": "interests"}]}}},
        slots={"list": {"block": {"kind": "list", "collection": "all"}}},
    )
    person = engine.person(interests={"cars": 2})
    assert [item.key for item in engine.decide_slot("list", engine.person(), MONDAY).items] == ["a", "b", "c"]
    assert [item.key for item in engine.decide_slot("list", person, MONDAY).items] == ["c", "a", "b"]
    for _ in range(3):
        person.track("Article Read", {"topics": ["art"]}, at=MONDAY)
    assert [item.key for item in engine.decide_slot("list", person, MONDAY).items] == ["b", "c", "a"]


def test_organizations_are_joined_and_left() -> None:
    engine = Engine(segments={"all": "True"})
    person = engine.person(organizations=[{"id": "acme", "tier": "gold"}, {"tier": "tin"}])
    person.join("acme", {"tier": "silver"}, at="2026-03-01T09:00Z")
    person.join("bolt", at="2026-03-01T10:00Z")
    person.leave("organization 2", at=MONDAY)
    person.leave("bolt", at="2026-02-01T10:00Z")
    assert person.readable(0).organizations == [{"t_id": "acme", "t_tier": "silver"}, {"t_id": "bolt"}]


def test_interests_come_from_views_or_are_given() -> None:
    engine = Engine(segments={"all": "True"}, timezone="Europe/Madrid")
    person = engine.person(interests={"travel": 2, "cars": 1})
    person.track("Article Read", {"topics": ["art", "travel"]}, at=MONDAY)
    today = calendar_of("Europe/Madrid").day(milliseconds(MONDAY))
    later = milliseconds(MONDAY.replace(day=4))
    assert person.readable(milliseconds(MONDAY)).interests == {
        "art": {today: 1},
        "travel": {today: 3},
        "cars": {today: 1},
    }
    assert person.readable(later).interests == {
        "art": {today: 1},
        "travel": {today: 1, today + 2: 2},
        "cars": {today + 2: 1},
    }


def test_a_type_may_be_given() -> None:
    rules = {"old": 'user.since < ago("7d")'}
    engine = Engine(segments=rules, properties={"user.since": "date"})
    assert engine.matching(engine.person({"since": "2026-01-31"}), MONDAY) == {"old"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"segments": {"a": "user.x =="}}, "segments/a/rule, line"),
        ({"segments": {"a": 'user.y == 5 and user.y == "a"'}}, "user.y is a number"),
        ({"segments": {"a": "session.landng_path is None"}}, "Did you mean session.landing_path"),
        ({"segments": {"students": "True", "a": 'segment("student")'}}, "Did you mean students?"),
        ({"segmnets": {}}, "Did you mean segments?"),
        ({"pages": {"home": {"paht": "/"}}}, "pages/home/paht"),
        ({"timezone": "Europe/Madrit"}, "Europe/Madrid"),
        ({"properties": {"user.x": "dat"}}, "Did you mean date?"),
        ({"properties": {"x": "date"}}, "user.NAME"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(given: dict[str, Any], said: str) -> None:
    with pytest.raises(CatalogError, match=said.replace(".", r"\.").replace("?", r"\?")):
        Engine(**given)


def test_what_does_not_exist_is_said_with_the_nearest_names() -> None:
    engine = bank()
    person = engine.person()
    with pytest.raises(LenticularError, match='There is no page "/hme"'):
        engine.decide("/hme", person, MONDAY)
    with pytest.raises(LenticularError, match='There is no slot "promo"'):
        engine.decide_slot("promo", person, MONDAY)
    with pytest.raises(RuleError, match="Did you mean rich"):
        engine.explain("rihc", person, MONDAY)
    with pytest.raises(LenticularError, match="another engine"):
        bank().decide("/", person, MONDAY)
    with pytest.raises(LenticularError, match="not a time"):
        engine.decide("/", person, "yesterday")
    with pytest.raises(LenticularError, match="zone"):
        engine.decide("/", person, datetime(2026, 3, 2))  # noqa: DTZ001
    with pytest.raises(LenticularError, match="finite"):
        person.track("Product Viewed", {"price": float("inf")}, at=MONDAY)


def test_static_lists_and_another_language() -> None:
    engine = lenticular.Engine(segments={"guests": {"static": True}, "vips": {"rule": "user.age > 90", "static": True}})
    guest = engine.person(lists=["guests", "vips"])
    assert engine.matching(guest, MONDAY) == {"guests", "vips"}
    assert engine.matching(engine.person(), MONDAY) == frozenset()
    assert engine.sentence("vips", language="es") == "Está en la lista de vips o age es mayor que 90."
    assert engine.explain("vips", engine.person(), MONDAY, language="es").startswith("Fuera vips")
    assert engine.explanation("vips", guest, MONDAY, language="es").sentence == engine.sentence("vips", language="es")
    with pytest.raises(lenticular.LenticularError, match="Did you mean guests"):
        engine.person(lists=["gests"])


def test_public_names_are_few_and_there() -> None:
    assert len(lenticular.__all__) <= 30
    assert set(dir(lenticular)) == set(lenticular.__all__)
    assert all(getattr(lenticular, name) is not None for name in lenticular.__all__)
    assert lenticular.Person is Person
    with pytest.raises(AttributeError, match="Engin"):
        _ = lenticular.Engin
