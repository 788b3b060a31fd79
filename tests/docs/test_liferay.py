"""The page for people who come from Liferay: nothing of Liferay's is missing, and what it shows is right."""

from __future__ import annotations

import json
import re

import pytest

from lenticular.criteria.segments import read_rule
from lenticular.criteria.text import parse, to_text
from lenticular.criteria.types import SESSION, Schema, is_free
from lenticular.errors import Problem
from lenticular.intake.message import Accepted, Door, accepted
from tests.docs.page import ROOT, fences, read, sections

PAGE = read("docs/liferay.md")
LISTED: dict[str, list[str]] = json.loads((ROOT / "tests/cases/liferay.json").read_text())


def rows(table: str) -> dict[str, tuple[str, str]]:
    """Return a section's rows: Liferay's name, then what is here and the note."""
    lines = [line for line in sections(PAGE)[table].splitlines() if line.startswith("|")][2:]
    cells = [[cell.strip() for cell in line.split(" | ")] for line in lines]
    return {first.removeprefix("| "): (second, rest[0].removesuffix("|").strip()) for first, second, *rest in cells}


TABLED = {rule for table in LISTED for here, _ in rows(table).values() for rule in re.findall(r"`(.+?)`", here)}
RULES = sorted(TABLED | set(re.findall(r"`([^`\n]+ [!=]= [^`\n]+)`", PAGE)))
SEGMENTS = {key: parse("True").tree for rule in RULES for key in re.findall(r'segment\("(.+?)"\)', rule)}


@pytest.mark.parametrize("table", LISTED)
def test_everything_of_liferays_has_its_row(table: str) -> None:
    assert list(rows(table)) == LISTED[table]
    assert all(here for here, _ in rows(table).values())


def test_every_property_and_operator_shows_a_rule() -> None:
    bare = [name for table in LISTED for name, (here, _) in rows(table).items() if "`" not in here]
    assert [name for name in bare if name not in LISTED["Behaviours"]] == ["Company, Group (hidden)"]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_on_the_page_is_read(rule: str) -> None:
    tree = read_rule(rule, Schema(open=True), SEGMENTS)
    assert parse(to_text(tree)).tree == tree


def test_a_session_property_is_one_of_ours_or_one_that_a_site_sends() -> None:
    own = {"weather", "cart_total"}
    named = {name for rule in RULES for name in re.findall(r"\bsession\.(\w+)", rule)}
    assert named - own <= set(SESSION) | {"query", "cookies"}
    assert is_free("session", "query.plan") and is_free("session", "cookies.theme")


def test_what_the_tables_ask_of_people_and_organizations_is_what_the_messages_send() -> None:
    sent: dict[str, set[str]] = {}
    for fence in fences(PAGE):
        taken = accepted(json.loads(fence.text), {}, Door(received=0, new_id=lambda: "m"))
        assert not isinstance(taken, Problem) and isinstance(taken, Accepted)
        raw = json.loads(fence.text)
        sent[raw["type"]] = set(raw["traits"]) | {"id"}
    user = {name for here, _ in rows("User properties").values() for name in re.findall(r"\buser\.(\w+)", here)}
    assert user <= sent["identify"]
    inside = [
        one
        for here, _ in rows("Organization properties").values()
        for one in re.findall(r"organization\((.+)\)`", here)
    ]
    asked = {name for one in inside for name in re.findall(r"(?:^| and )(\w+)", one)}
    assert asked == sent["group"]
