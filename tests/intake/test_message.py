"""Segment's messages, one by one."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lenticular.errors import Problem
from lenticular.intake.message import Accepted, Door, accepted

NOW = 1_769_860_800_000
DOOR = Door(received=NOW, new_id=lambda: "made")


def take(raw: Any, types: dict[tuple[str, str], str] | None = None, **door: Any) -> Accepted:
    result = accepted(raw, types or {}, msgspec.structs.replace(DOOR, **door))
    assert isinstance(result, Accepted), result
    return result


def test_track() -> None:
    got = take(
        {
            "type": "track",
            "event": "Order Completed",
            "anonymousId": "a1",
            "messageId": "m1",
            "timestamp": "2026-01-31T11:00:00Z",
            "properties": {"revenue": "12", "products": [{"sku": "s", "price": 3}]},
        }
    )
    event = got.event
    assert (event.type, event.name, event.message_id, event.time) == (
        "track",
        "Order Completed",
        "m1",
        NOW - 3_600_000,
    )
    assert event.properties == {"t_revenue": "12", "o_products": [{"t_sku": "s", "n_price": 3.0}]}
    assert got.new == {("event", "revenue"): "text", ("event", "products"): "objects"}


def test_the_address_may_say_the_type_and_ids_may_be_numbers() -> None:
    event = take({"event": "X", "userId": 17, "anonymousId": 4.0}, kind="track").event
    assert (event.user_id, event.anonymous_id, event.message_id, event.time) == ("17", "4", "made", NOW)


def test_page_and_its_context() -> None:
    event = take(
        {
            "type": "page",
            "name": "Home",
            "anonymousId": "a",
            "properties": {"title": "Welcome"},
            "context": {
                "page": {
                    "url": "https://WWW.bank.example:8443/college/offers?utm_campaign=campus&utm_source=mail&x=1",
                    "referrer": "https://news.example/today",
                },
                "campaign": {"name": "spring"},
                "locale": "en-US",
                "timezone": "Europe/Madrid",
                "screen": {"width": 390, "height": 844},
            },
        }
    ).event
    assert event.name == "Page Viewed"
    assert event.properties == {"t_title": "Welcome", "t_name": "Home"}
    assert event.context == {
        "t_url": "https://WWW.bank.example:8443/college/offers?utm_campaign=campus&utm_source=mail&x=1",
        "t_host": "www.bank.example",
        "t_path": "/college/offers",
        "t_search": "?utm_campaign=campus&utm_source=mail&x=1",
        "t_title": "Welcome",
        "t_referrer": "https://news.example/today",
        "t_referrer_host": "news.example",
        "t_utm_campaign": "spring",
        "t_utm_source": "mail",
        "t_query~2Eutm_campaign": "campus",
        "t_query~2Eutm_source": "mail",
        "t_query~2Ex": "1",
        "t_channel": "email",
        "t_language": "en-US",
        "t_timezone": "Europe/Madrid",
        "n_screen_width": 390.0,
        "n_screen_height": 844.0,
    }


def test_a_page_sent_by_a_server_says_where_in_its_properties() -> None:
    event = take({"type": "page", "userId": "u", "properties": {"url": "https://bank.example"}}).event
    assert (event.context["t_path"], event.context["t_host"]) == ("/", "bank.example")
    track = take({"type": "track", "event": "E", "userId": "u", "properties": {"url": "https://other.example"}}).event
    assert track.context == {}


def test_identify_unites_traits_of_context_and_message() -> None:
    got = take(
        {
            "type": "identify",
            "userId": "u",
            "traits": {"plan": "gold", "age": None, "shirt": {"size": "L"}},
            "context": {"traits": {"plan": "free", "city": "Porto"}},
        },
        types={("user", "plan"): "text"},
    )
    assert got.event.traits == {"t_plan": "gold", "t_city": "Porto", "t_shirt~2Esize": "L"}
    assert got.event.removed == ("age",)
    assert got.event.name == ""
    assert got.new == {("user", "city"): "text", ("user", "shirt.size"): "text"}


def test_context_traits_count_on_every_message() -> None:
    got = take({"type": "track", "event": "E", "userId": "u", "context": {"traits": {"plan": "free"}}})
    assert got.event.traits == {"t_plan": "free"}


def test_group_and_alias_are_kept() -> None:
    group = take({"type": "group", "userId": "u", "groupId": 7, "traits": {"tier": "gold"}})
    assert (group.event.group_id, group.event.properties) == ("7", {"t_tier": "gold"})
    assert (group.event.traits, group.event.name, group.event.active) == ({}, "", True)
    assert group.new == {("organization", "tier"): "text"}
    assert take({"type": "alias", "userId": "u", "previousId": "a"}).event.previous_id == "a"


def test_the_batch_gives_context_and_sent_at() -> None:
    event = take(
        {"type": "track", "event": "E", "userId": "u", "timestamp": NOW - 1000, "context": {"locale": "pt"}},
        context={"locale": "en", "timezone": "UTC"},
        sent_at=NOW - 400,
    ).event
    assert event.context == {"t_language": "pt", "t_timezone": "UTC"}
    assert event.time == NOW - 600


def test_an_import_keeps_its_times_even_to_come() -> None:
    raw = {"type": "track", "event": "E", "userId": "u", "timestamp": NOW + 5000}
    assert take(raw, imported=True).event.time == NOW + 5000
    assert take(raw).event.time == NOW


@pytest.mark.parametrize(
    ("raw", "code", "place"),
    [
        (5, "bad_message", ""),
        ({"type": "shout", "userId": "u"}, "bad_type", "/type"),
        ({"type": ["track"], "userId": "u"}, "bad_type", "/type"),
        ({"type": "track", "userId": "u"}, "no_event", "/event"),
        ({"type": "track", "userId": "u", "event": "n" * 256}, "bad_name", "/event"),
        ({"type": "track", "event": "E"}, "no_id", ""),
        ({"type": "track", "event": "E", "userId": ""}, "no_id", ""),
        ({"type": "track", "event": "E", "userId": True}, "bad_id", "/userId"),
        ({"type": "track", "event": "E", "userId": 10**5000}, "bad_id", "/userId"),
        ({"type": "track", "event": "E", "anonymousId": "x" * 256}, "bad_id", "/anonymousId"),
        ({"type": "track", "event": "E", "userId": "a\0"}, "bad_text", "/userId"),
        ({"type": "track", "event": "E", "userId": "u", "properties": []}, "bad_message", "/properties"),
        (
            {"type": "track", "event": "E", "userId": "u", "properties": {"a": "\0"}},
            "bad_text",
            "/properties/a",
        ),
        ({"type": "track", "event": "E", "userId": "u", "timestamp": "noon"}, "bad_time", "/timestamp"),
        ({"type": "track", "event": "E", "userId": "u", "sentAt": "noon"}, "bad_time", "/sentAt"),
        ({"type": "identify", "userId": "u", "traits": "x"}, "bad_message", "/traits"),
        ({"type": "alias", "userId": "u"}, "no_id", ""),
        ({"type": "group", "userId": "u"}, "no_id", ""),
    ],
)
def test_a_bad_message_is_a_problem_with_its_place(raw: Any, code: str, place: str) -> None:
    problem = accepted(raw, {}, DOOR)
    assert isinstance(problem, Problem)
    assert (problem.code, problem.place) == (code, place)


@pytest.mark.parametrize("context", [{"page": []}, {"page": {"url": 5}}, {"page": {"url": "http://[x"}}, {"screen": 3}])
def test_an_odd_context_refuses_nothing(context: dict[str, Any]) -> None:
    take({"type": "track", "event": "E", "userId": "u", "context": context})
