"""The page of the rule language: its rules are read, nothing of the language is missing, what it promises holds."""

from __future__ import annotations

import re

import pytest

from lenticular.criteria import limits
from lenticular.criteria.calendar import WEEKDAYS
from lenticular.criteria.duration import parse_duration
from lenticular.criteria.interests import HALF_LIFE, HORIZON, INTERESTED
from lenticular.criteria.measures import LARGEST_SUMMED, MEASURES, PERIODS
from lenticular.criteria.operators import OPERATORS
from lenticular.criteria.segments import read_rule
from lenticular.criteria.sentence import sentence
from lenticular.criteria.tables import TYPES
from lenticular.criteria.text import parse, to_text
from lenticular.criteria.text.behaviours import MAX_STEPS
from lenticular.criteria.text.literals import TIME_FUNCTIONS
from lenticular.criteria.text.windows import NAMED_WINDOWS
from lenticular.criteria.types import CONTEXT, FREE, FUNCTIONS, SESSION, Schema
from lenticular.errors import RuleError
from lenticular.intake.agent import DEVICE_TYPES
from lenticular.intake.channel import CHANNELS
from tests.docs.page import fences, read, rows

PAGE = read("docs/rules.md")
RULES = [fence.text.strip() for fence in fences(PAGE) if fence.tag == "rule"]
SEGMENTS = {key: parse("True").tree for key in ("students", "advanced-customers", "staff")}


def test_there_are_rules_on_the_page() -> None:
    assert len(RULES) >= 30


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_on_the_page_is_read(rule: str) -> None:
    tree = read_rule(rule, Schema(open=True), SEGMENTS)
    assert parse(to_text(tree)).tree == tree


def test_the_sentence_of_the_first_rule() -> None:
    said = PAGE.partition("```\n*")[2].partition("*\n")[0]
    assert sentence(parse(RULES[0]).tree, Schema(open=True)) == said


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_is_in_its_table(operator: str) -> None:
    table = PAGE.partition("| operator | for |")[2].partition("\n\n")[0]
    form = rf"`\.{operator}\(" if OPERATORS[operator].method else rf"`{re.escape(operator)}[` ]"
    row = next((row for row in table.splitlines() if re.search(form, row)), None)
    assert row is not None
    types = row.split("|")[2]
    if types.strip() not in ("any", "the same"):
        assert {kind.strip() for kind in types.split(",")} == OPERATORS[operator].takes


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_is_in_its_table_with_its_types(function: str) -> None:
    table = PAGE.partition("| function | of |")[2].partition("\n\n")[0]
    [row] = [row for row in table.splitlines() if f"`.{function}()`" in row]
    assert {kind.strip() for kind in row.split("|")[2].split(",")} == FUNCTIONS[function][0]


def test_every_window_and_unit() -> None:
    table = PAGE.partition("| window | counts events |")[2].partition("\n\n")[0]
    for window in (*(f'within="{name}"' for name in NAMED_WINDOWS), 'within=("', "after=", "before=", 'within="7d"'):
        assert f"`{window}" in table, window
    units = PAGE.partition("Durations are a whole number and a unit:")[2].partition(". ")[0]
    assert all(parse_duration(f"1{unit}") for unit in re.findall(r"`(\w+)`", units))
    assert set(re.findall(r"`(\w+)`", units)) == {"s", "m", "h", "d", "w", "mo", "y"}


def test_every_measure_is_in_its_table_with_its_types() -> None:
    told = {}
    for names, _, types, nothing in rows(PAGE, "| measure | is |"):
        for name in re.findall(r"`(\w+)\(", names):
            told[name] = (set(filter(None, types.split(", "))), nothing)
    assert told == {name: (set(row.takes), "0" if row.counts else "missing") for name, row in MEASURES.items()}
    [periods] = [row[1] for row in rows(PAGE, "| measure | is |") if "`periods(" in row[0]]
    assert re.findall(r'`"(\w+)"`', periods) == list(PERIODS)


def test_every_time_function_type_and_weekday() -> None:
    assert all(f"`{name}(" in PAGE for name in TIME_FUNCTIONS)
    kinds = PAGE.partition("one of seven types: ")[2].partition(".\n")[0]
    assert re.findall(r"\w+", re.sub(r"\(.*?\)", "", kinds)) == list(TYPES)
    assert " ".join(f'"{name}"' for name in WEEKDAYS) in PAGE


def test_the_numbers_of_interests_and_sums() -> None:
    section = PAGE.partition("\n## Interests\n")[2].partition("\n## ")[0]
    assert f"half as much {HALF_LIFE} days later" in section
    assert f"after {HORIZON} days" in section
    assert f"at least {INTERESTED}," in section
    assert LARGEST_SUMMED == 9e12 and "±9 × 10¹²" in PAGE


def test_every_fixed_property_of_a_session_and_a_context() -> None:
    table = PAGE.partition("### Session and context\n")[2].partition("\n\nLanding")[0]
    told: dict[str, dict[str, str]] = {"session": {}, "context": {}}
    for row in table.strip().splitlines()[2:]:
        names, kind, session, context = (cell.strip() for cell in row.split("|")[1:5])
        for name in re.findall(r"`(.+?)`", names):
            told["session"] |= {name: kind} if session else {}
            told["context"] |= {name: kind} if context else {}
    free = {scope: {f"{prefix}NAME": "text" for prefix in prefixes} for scope, prefixes in FREE.items()}
    assert told == {"session": {**SESSION, **free["session"]}, "context": {**CONTEXT, **free["context"]}}


def test_every_channel_and_device_type() -> None:
    assert all(f"`{name}`" in PAGE for name in (*CHANNELS, *DEVICE_TYPES))


def test_the_limits() -> None:
    assert f"| text | {limits.MAX_BYTES // 1024} KB |" in PAGE
    assert f"| depth | {limits.MAX_LEVELS} levels |" in PAGE
    assert f"| parts, members of lists included | {limits.MAX_NODES:,} |" in PAGE
    assert f"| steps of a sequence | {MAX_STEPS} |" in PAGE
    assert parse_duration("200y") and not parse_duration("201y")


def test_the_refusal_on_the_page() -> None:
    said = PAGE.partition("\n> ")[2].partition("\n")[0]
    with pytest.raises(RuleError) as refused:
        read_rule('user.plann == "pro"', Schema(types={("user", "plan"): "text"}), {})
    assert str(refused.value) == said


KNOWN = Schema(
    types={
        ("user", "plan"): "text",
        ("user", "age"): "number",
        ("user", "limit"): "number",
        ("user", "tags"): "list",
        ("user", "since"): "datetime",
    }
)


@pytest.mark.parametrize(("written", "because", "instead"), rows(PAGE, "| written | refused, because |"))
def test_a_refusal_in_the_table(written: str, because: str, instead: str) -> None:
    with pytest.raises(RuleError) as refused:
        read_rule(written[1:-1], KNOWN, {})
    [problem] = refused.value.problems
    assert problem.place.startswith("line 1, column ")
    assert because in problem.message and instead in problem.hint
