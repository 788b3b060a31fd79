"""What a rule stands on changes: a segment that others use is deleted, segments come round, a type is another one."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

import lenticular.demo
from lenticular.app.engine import compile_engine
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.property import Property
from lenticular.catalog.segment import Segment
from lenticular.catalog.site import Site
from lenticular.criteria.calendar import calendar_of
from lenticular.criteria.person import Person
from lenticular.criteria.segments import Segments, read_rule
from lenticular.criteria.sql import Question
from lenticular.criteria.tables import Type
from lenticular.criteria.tally.kept import all_kept
from lenticular.criteria.text import parse
from lenticular.criteria.tree import Everyone
from lenticular.criteria.types import Schema
from lenticular.errors import CatalogError
from lenticular.intake.values import typed_values
from lenticular.stores.clickhouse.events import ClickHouseEvents
from tests.criteria.conftest import Store
from tests.criteria.rows import batch, profile_row
from tests.criteria.who import who
from tests.process import refused

SITE = Site("shop", "Europe/Madrid", "a-write-key")
AURORA = Path(lenticular.demo.__file__).parent / "aurora"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the demo's catalog, to spoil."""
    return Path(shutil.copytree(AURORA, tmp_path / "aurora"))


def test_a_segment_that_others_use_is_missed_by_each_of_them(folder: Path) -> None:
    (folder / "segments" / "students.yaml").unlink()
    rule = 'rule: >-\n  user.total_balance > 3\n  and not segment("students")\n'
    (folder / "segments" / "other.yaml").write_text(rule)
    said = [line for line in refused("catalog", "check", folder) if "students" in line]
    places = {line.partition(": ")[0].rpartition(":")[0].rpartition(":")[0] for line in said}
    assert places == {
        *("segments/other.yaml", "collections/offers.yaml", "collections/accounts.yaml"),
        *("pages/home.yaml", "pages/college.yaml", "slots/partner.yaml"),
    }
    assert said[0] == 'segments/other.yaml:3:19: There is no segment "students".'
    assert 'pages/home.yaml:59:14: There is no segment "students".' in said


def test_segments_that_name_each_other_in_a_circle_are_named_in_full(folder: Path) -> None:
    names = [f"s{at}" for at in range(40)]
    for name, other in zip(names, [*names[1:], names[0]], strict=True):
        (folder / "segments" / f"{name}.yaml").write_text(f'rule: not segment("{other}")\n')
    [said] = [line for line in refused("catalog", "check", folder) if "circle" in line]
    at = names.index(said.partition("circle: ")[2].partition(" ")[0])
    assert " → ".join([*names[at:], *names[: at + 1]]) in said
    assert said.startswith(f"segments/{names[at]}.yaml:1:")


def with_type(kind: Type, rule: str = "True") -> Catalog:
    price = Property("user", "price", kind)
    return Catalog.of(SITE, price, Segment("it", rule=rule))


def test_a_type_is_fixed_once_there_is_data() -> None:
    compile_engine(with_type("number"), {("user", "price"): "number"})
    with pytest.raises(CatalogError) as wrong:
        compile_engine(with_type("text"), {("user", "price"): "number"})
    [problem] = wrong.value.problems
    assert problem.message == "user.price is a number in the data, not a text."
    assert problem.place == "properties user.price"
    assert problem.hint == "Define it as number; data of another type is kept beside it."


def test_a_rule_that_expects_the_other_type_is_refused_with_its_place() -> None:
    with pytest.raises(CatalogError) as wrong:
        compile_engine(with_type("number", 'True and user.price.contains("5")'), {})
    assert "segments/it/rule, line 1, column 10" in wrong.value.problems[0].place
    assert "user.price is a number" in wrong.value.problems[0].message


def test_what_does_not_fit_is_kept_under_the_type_that_it_has() -> None:
    number = {("user", "price"): "number"}
    assert typed_values({"price": "cheap"}, "user", number).values == {"t_price": "cheap"}
    assert typed_values({"price": "12.5"}, "user", number).values == {"n_price": 12.5}
    assert typed_values({"price": True}, "user", number).values == {"b_price": True}
    assert typed_values({"price": ["a"]}, "user", number).values == {"l_price": ["a"]}


RULES: dict[str, tuple[Type, str]] = {
    "above": ("number", "user.price > 5"),
    "unknown": ("number", "user.price is None"),
    "other": ("number", "user.price != 12.5"),
    "cheap": ("text", 'user.price == "cheap"'),
    "no text": ("text", "user.price is None"),
    "yes": ("boolean", "user.price == True"),
    "has": ("list", 'user.price.has("a")'),
}
PEOPLE: dict[int, dict[str, Any]] = {
    1: {"n_price": 12.5},
    2: {"t_price": "cheap"},
    3: {"b_price": True, "n_price": 1.0},
    4: {"l_price": ["a"]},
}
BELONG = {
    "above": {1},
    "unknown": {2, 4},
    "other": {2, 3, 4},
    "cheap": {2},
    "no text": {1, 3, 4},
    "yes": {3},
    "has": {4},
}


def test_a_rule_sees_what_has_the_type_of_now_in_both_engines(store: Store) -> None:
    run, child = store
    assert run(_in_sql(ClickHouseEvents(child, "changed"))) == BELONG
    found: dict[str, set[int]] = {}
    for name, (kind, rule) in RULES.items():
        schema = Schema(types={("user", "price"): kind})
        segments = Segments({name: read_rule(rule, schema, {})}, schema, calendar_of("UTC"))
        found[name] = {key for key, traits in PEOPLE.items() if segments.matching([name], Person(traits), 10)}
    assert found == BELONG


async def _in_sql(events: ClickHouseEvents) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    try:
        await events.open()
        await events.insert(batch("profiles", (profile_row(key, dict(traits)) for key, traits in PEOPLE.items())))
        for name, (kind, rule) in RULES.items():
            schema = Schema(types={("user", "price"): kind})
            question = Question(Everyone(), {}, schema, calendar_of("UTC"), 10)
            found |= await who(events, question, {name: read_rule(rule, schema, {})})
    finally:
        await events.close()
    return found


def test_with_another_type_of_its_field_a_behaviour_is_another_one() -> None:
    tree = parse('distinct("A", price) >= 2 and count("A", sizes.size() > 1) >= 1').tree
    kinds: list[dict[tuple[str, str], Type]] = [
        {("event", "price"): "number", ("event", "sizes"): "list"},
        {("event", "price"): "text", ("event", "sizes"): "list"},
        {("event", "price"): "number", ("event", "sizes"): "objects"},
    ]
    one, other, third = ({kept.key for kept in all_kept(tree, Schema(types=types))} for types in kinds)
    assert len(one) == 2
    assert len(one & other) == len(one & third) == 1
    assert not other & third
