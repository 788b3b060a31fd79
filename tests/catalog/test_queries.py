"""Queries of collections, groups with a cap, and what takes a capped item's place: right, and each way to be wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from lenticular.catalog.cap import FrequencyCap
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.check import check, fatal
from lenticular.catalog.pressure import Pressure
from lenticular.catalog.references import references
from lenticular.catalog.site import Site
from lenticular.stores.files.catalog import read_catalog
from lenticular.stores.files.write import write_catalog
from tests.decide.world import catalog_of

FIELDS = [
    {"key": "title", "type": "text", "localized": True},
    {"key": "price", "type": "number"},
    {"key": "until", "type": "date"},
    {"key": "pictures", "type": "list", "of": "image"},
]
QUERY = {
    "types": ["offer"],
    "all": ["sale"],
    "where": 'price < 100 and until > date("2026-01-01")',
    "sort": [{"by": "field", "field": "price"}, {"by": "viewed", "days": 7}, {"by": "random"}],
}
PARTS: dict[str, Any] = {
    "segments": {"young": {"rule": "session.number == 1"}},
    "types": {"offer": {"fields": FIELDS}},
    "content": {
        "card": {"type": "offer", "date": "2026-01-01", "cap": {"gap": "2h", "instead": "loan"}, "priority": -3},
        "loan": {"type": "offer"},
        "note": {"type": "note"},
    },
    "collections": {
        "offers": {
            "items": ["card"],
            "query": QUERY,
            "hideSeen": "7d",
            "cap": {"limit": 5, "per": "week", "instead": "note"},
            "variations": [{"segment": "young", "query": {"any": ["a"]}}],
        }
    },
}
C = "collections/offers"


def changed(path: str, value: Any) -> Catalog:
    parts = msgspec.json.decode(msgspec.json.encode(PARTS))
    at: Any = parts
    *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    for step in steps:
        at = at[step]
    at[last] = value
    return catalog_of(**parts)


def with_pressure(*groups: Pressure) -> Catalog:
    catalog = catalog_of(**PARTS)
    return replace(catalog, site=replace(catalog.site, pressure=groups))


def test_all_of_it_can_be_right() -> None:
    assert check(catalog_of(**PARTS)) == []
    assert check(with_pressure(Pressure("p", FrequencyCap(3, "day"), types=("note",), tags=("x",)))) == []


@pytest.mark.parametrize(
    ("path", "value", "code", "place", "says"),
    [
        ("query/types/0", "ofer", "unknown-content-type", "", "Did you mean offer?"),
        ("query/types", ["offer", "offer"], "duplicate-name", "query/types/1", "Take it out."),
        ("query/any", ["a", "a"], "duplicate-name", "query/any/1", "Take it out."),
        ("query/where", "price <", "rule", "query/where, line 1, column", ""),
        ("query/where", 'price < "x"', "rule.type", "query/where, line 1, column 9", ""),
        ("query/where", 'until == 5 or title == "x"', "rule.type", "query/where, line 1, column 1", ""),
        ("query/where", "pirce < 5", "unknown-field", "query/where", "Did you mean price"),
        ("query/where", 'context.path == "/"', "unknown-field", "query/where", ""),
        ("query/where", "user.age > 5", "rule", "query/where, line 1, column 1", ""),
        ("query/where", 'price < 5, within="7d"', "rule.filter", "query/where, line 1, column 1", "Write for example"),
        ("query/where", 'price < 5) >= 1 or count("x"', "rule.filter", "query/where, line 1, column 1", "Write for"),
        ("query/where", "until < today()", "rule.filter", "query/where, line 1, column", ""),
        ("query/sort/0/field", "title_", "unknown-field", "query/sort/0/field", "Did you mean title?"),
        ("query/sort/0/field", "pictures", "sort", "query/sort/0/field", ""),
        ("query/sort/0", {"by": "field"}, "sort", "query/sort/0", ""),
        ("query/sort/0", {"by": "newest", "field": "price"}, "sort", "query/sort/0", ""),
        ("query/sort/1/days", 0, "sort", "query/sort/1/days", ""),
        ("query/sort/2/days", 3, "sort", "query/sort/2/days", "Leave it out."),
        ("query/sort/2/order", "up", "sort", "query/sort/2/order", "Leave it out."),
        ("variations/0/query/types", ["x"], "unknown-content-type", "variations/0/query/types/0", "Known:"),
        ("hideSeen", "soon", "hide-seen", "hideSeen", "Write ever"),
        ("hideSeen", "2mo", "hide-seen", "hideSeen", "7d"),
        ("cap", {"limit": 5}, "cap", "cap", ""),
        ("cap/instead", "carp", "unknown-content-item", "cap/instead", "Did you mean card?"),
    ],
)
def test_every_way_to_be_wrong(path: str, value: Any, code: str, place: str, says: str) -> None:
    problems = fatal(check(changed(f"{C}/{path}", value)))
    assert any(code in one.code and one.place.startswith(f"{C}/{place}") and says in one.hint for one in problems), (
        problems
    )


def test_items_and_groups_can_be_wrong() -> None:
    for path, value, place in (
        ("content/card/date", "soon", "content/card/date"),
        ("content/card/cap/instead", "card", "content/card/cap/instead"),
        ("content/card/cap/instead", "x", "content/card/cap/instead"),
    ):
        assert [one.place for one in fatal(check(changed(path, value)))] == [place]
    wrong = with_pressure(
        Pressure("p", FrequencyCap(3, "day")),
        Pressure("p", FrequencyCap(0, "day"), tags=("x",)),
        Pressure("q", FrequencyCap(1, "day", instead="x"), types=("nte",)),
    )
    assert {one.place for one in fatal(check(wrong))} == {
        f"site/shop/pressure/{place}" for place in ("0", "1/cap/limit", "1/key", "2/types/0", "2/cap/instead")
    }


def test_who_uses_what() -> None:
    catalog = with_pressure(Pressure("p", FrequencyCap(1, "day", instead="note"), types=("offer",)))
    found = {(one.source[1], *one.target, one.pointer) for one in references(catalog, {})}
    assert {
        ("card", "content", "loan", "/cap/instead"),
        ("offers", "types", "offer", "/query/types/0"),
        ("offers", "content", "note", "/cap/instead"),
        ("offers", "content", "card", "/items/0"),
        ("shop", "types", "offer", "/pressure/0/types/0"),
        ("shop", "content", "note", "/pressure/0/cap/instead"),
    } <= found


def test_a_folder_keeps_all_of_it(tmp_path: Path) -> None:
    catalog = with_pressure(Pressure("p", FrequencyCap(1, "day", instead="note"), types=("offer",)))
    catalog = replace(catalog, site=Site("shop", "UTC", "w", pressure=catalog.site.pressure))
    write_catalog(tmp_path, catalog)
    again, problems = read_catalog(tmp_path)
    assert not problems and again == catalog
