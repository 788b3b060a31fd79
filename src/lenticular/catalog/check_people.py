"""Checks of properties, personas and goals."""

from __future__ import annotations

import re

import msgspec

from lenticular.catalog.check_lists import doubles
from lenticular.catalog.check_types import is_language
from lenticular.catalog.findings import Findings
from lenticular.catalog.goal import Goal
from lenticular.catalog.moments import HINT, parse_moment
from lenticular.catalog.places import Path
from lenticular.catalog.rules import RuleReader
from lenticular.catalog.segment import Segment
from lenticular.catalog.values import expected, fits
from lenticular.criteria.calendar import Calendar
from lenticular.errors import Problem

_COUNTRY = re.compile(r"[A-Z]{2}")
_COLUMN = re.compile(r"line 1, column (\d+)")


def check_vocabularies(findings: Findings) -> None:
    """Check that each value of a vocabulary is one of its property's type, and stands there once."""
    for key, one in findings.catalog.properties.items():
        for at, allowed in enumerate(one.values):
            path: Path = ("properties", key, "values", at, "value")
            kind = "text" if one.type == "list" else one.type
            if kind == "objects":
                findings.add("vocabulary", "Objects have no vocabulary.", path, "Leave `values` out.")
            elif not fits(allowed.value, kind):
                findings.add("vocabulary", f"Expected {expected(kind)}: the property is a {one.type}.", path)
        for name, at in doubles(repr(allowed.value) for allowed in one.values):
            path = ("properties", key, "values", at, "value")
            findings.add("vocabulary", f"{name} is in this list already.", path, "Take it out here.")


def check_personas(findings: Findings, calendar: Calendar) -> None:
    """Check that every persona could be a visitor of this site."""
    for key, persona in findings.catalog.personas.items():
        path: Path = ("personas", key)
        for at, segment in enumerate(persona.segments):
            findings.refer("segments", segment, (*path, "segments", at))
        for part, scope in (("traits", "user"), ("context", "session")):
            for name, value in getattr(persona, part).items():
                found = findings.catalog.properties.get(f"{scope}.{name}")
                if found is not None and not fits(value, found.type):
                    message = f"Expected {expected(found.type)}: {found.key} is a {found.type}."
                    findings.add("persona", message, (*path, part, name))
        if persona.country is not None and not _COUNTRY.fullmatch(persona.country):
            hint = "Write two capital letters (ISO 3166): ES, US."
            findings.add("persona", f'"{persona.country}" is no country.', (*path, "country"), hint)
        if persona.language is not None and not is_language(persona.language):
            hint = "Write a tag such as en or es-MX."
            findings.add("language", f'"{persona.language}" is no language.', (*path, "language"), hint)
        if persona.time is not None and parse_moment(persona.time, calendar) is None:
            findings.add("moment", f'"{persona.time}" is not a moment.', (*path, "time"), HINT)


def check_goals(findings: Findings, read_rule: RuleReader) -> None:
    """Check every goal's event, filter and value."""
    for key, goal in findings.catalog.goals.items():
        path: Path = ("goals", key)
        if not goal.event:
            findings.add("goal", "A goal needs an event.", (*path, "event"), "Write its name.")
            continue
        text, ahead = goal_rule(goal)
        for problem in read_rule(Segment(key, text), findings.catalog).problems:
            findings.problems.append(_placed(findings, path, goal, problem, ahead))


def goal_rule(goal: Goal) -> tuple[str, int]:
    """Return a rule for who has reached a goal, and how many characters stand before its filter."""
    event = msgspec.json.encode(goal.event).decode()
    measure = f"sum({event}, field[{msgspec.json.encode(goal.value).decode()}]" if goal.value else f"count({event}"
    end = ") >= 0" if goal.value else ") >= 1"
    if not goal.where.strip():
        return f"{measure}{end}", 0
    return f"{measure}, {goal.where}{end}", len(measure) + 2


def _placed(findings: Findings, path: Path, goal: Goal, problem: Problem, ahead: int) -> Problem:
    """Return a problem of a goal's rule, with its place in the filter."""
    found = _COLUMN.search(problem.place)
    place = problem.place
    if found is not None:
        column = int(found[1]) - ahead
        if not goal.where or column < 1:
            part = "value" if goal.value else "event"
            return msgspec.structs.replace(problem, place=findings.places.of((*path, part)))
        place = f"line 1, column {column}"
    return msgspec.structs.replace(problem, place=findings.places.within((*path, "where"), goal.where, place))
