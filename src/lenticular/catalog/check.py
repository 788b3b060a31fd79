"""Whether a catalog can be published: every reference leads somewhere, every schedule and cap makes sense."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from zoneinfo import available_timezones

from lenticular.catalog.catalog import KINDS, Catalog
from lenticular.catalog.check_blocks import check_pages, check_share, check_slots
from lenticular.catalog.check_hosting import check_hosting
from lenticular.catalog.check_lists import check_collections, check_content
from lenticular.catalog.check_parameters import check_parameters
from lenticular.catalog.check_people import check_goals, check_personas, check_vocabularies
from lenticular.catalog.check_queries import check_pressure, check_queries
from lenticular.catalog.check_types import check_types, is_language
from lenticular.catalog.findings import Findings
from lenticular.catalog.places import Places
from lenticular.catalog.proofs import Proofs, proofs_of
from lenticular.catalog.rules import RuleFacts, RuleReader, no_list, rule_reader, schema_of
from lenticular.catalog.tokens import is_token, is_token_value
from lenticular.criteria.calendar import Calendar, calendar_of
from lenticular.criteria.types import CONTEXT, SESSION, is_free
from lenticular.errors import Problem, did_you_mean

WARNINGS = frozenset(
    {
        *("catalog.patch-target", "catalog.never-shown", "catalog.not-in-vocabulary"),
        *("catalog.unknown-kind", "catalog.block-settings", "catalog.block-collection", "catalog.block-parent"),
        *("catalog.missing-picture", "catalog.slot-twice"),
    }
)
"""Codes of what should be looked at but does no harm: it can be published."""

_SHORTEST, _LONGEST = 30, 36_500
"""Days that a retention has: for thirty days messages that come again are known by what is kept of them."""
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def check(
    catalog: Catalog,
    places: Places | None = None,
    read_rule: RuleReader | None = None,
    unreadable: Mapping[str, Collection[str]] | None = None,
    proofs: Proofs | None = None,
    language: str = "en",
) -> list[Problem]:
    """Return everything that is wrong with a catalog, with its place and what to do; empty if all is well.

    What can never be shown follows from `proofs`, without them from the rules and the catalog's own properties. It is
    said in a `language`.
    """
    proofs = proofs or proofs_of(catalog, schema_of(catalog))
    findings = Findings(catalog, places or Places(), unreadable, proofs, language)
    _check_keys(findings)
    calendar = _check_site(findings)
    _check_holdout(findings)
    read = read_rule or rule_reader()
    check_vocabularies(findings)
    _check_rules(findings, read)
    check_types(findings)
    check_content(findings, calendar)
    check_collections(findings)
    check_queries(findings)
    check_parameters(findings)
    check_pressure(findings)
    check_hosting(findings)
    check_pages(findings, calendar)
    check_slots(findings, calendar)
    check_personas(findings, calendar)
    check_goals(findings, read)
    return findings.problems


def is_key(kind: str, key: str) -> bool:
    """Return whether something can be the key of a definition."""
    if kind == "properties":
        return "\0" not in key and not key.endswith(".")
    return bool(_KEY.fullmatch(key))


def fatal(problems: Iterable[Problem]) -> list[Problem]:
    """Return those problems that stand against publishing."""
    return [problem for problem in problems if problem.code not in WARNINGS]


def _check_site(findings: Findings) -> Calendar:
    site = findings.catalog.site
    if not site.write_key:
        findings.add(
            "write-key",
            "The write key is empty.",
            ("site", site.key, "writeKey"),
            "Write a long random text.",
        )
    elif site.write_key == site.secret_key:
        hint = "The write key stands in every page, the secret one never does."
        findings.add("secret-key", "Both keys are the same.", ("site", site.key, "secretKey"), hint)
    if site.retention_days and not _SHORTEST <= site.retention_days <= _LONGEST:
        message = f"Events can't be kept for {site.retention_days} days."
        hint = f"Write {_SHORTEST} days at least, or 0 to keep them for good."
        findings.add("retention", message, ("site", site.key, "retentionDays"), hint)
    _check_looks(findings)
    try:
        return calendar_of(site.timezone)
    except ValueError:
        hint = did_you_mean(site.timezone, available_timezones()) or "Write an IANA name such as Europe/Madrid."
        path = ("site", site.key, "timezone")
        findings.add("unknown-timezone", f'There is no time zone "{site.timezone}".', path, hint)
        return calendar_of("UTC")


def _check_looks(findings: Findings) -> None:
    site = findings.catalog.site
    for at, language in enumerate(site.locales):
        if not is_language(language):
            hint = "Write a tag such as en or es-MX."
            findings.add("language", f'"{language}" is no language.', ("site", site.key, "locales", at), hint)
    for name, value in site.theme.items():
        path = ("site", site.key, "theme", name)
        if not is_token(name):
            findings.add("token", f'"{name}" is no name of a design token.', path, "Write for example `accent`.", True)
        if not is_token_value(value):
            hint = "Write a colour, a length or a list of fonts, as in CSS; no address."
            findings.add("token", f'"{value}" is no value of a design token.', path, hint)


def _check_holdout(findings: Findings) -> None:
    site = findings.catalog.site
    check_share(findings, site.holdout.share, ("site", site.key, "holdout", "share"))
    for at, segment in enumerate(site.holdout.without):
        findings.refer("segments", segment, ("site", site.key, "holdout", "without", at))


def _check_keys(findings: Findings) -> None:
    catalog = findings.catalog
    keys = [("site", catalog.site.key)]
    for kind in (kind for kind in KINDS if kind != "properties"):
        keys += [(kind, key) for key in getattr(catalog, kind)]
    for kind, key in keys:
        if not is_key(kind, key):
            hint = "Begin with a letter or digit; then letters, digits, points, hyphens, underscores."
            findings.add("key", f'"{key}" is no key.', (kind, key, "key"), hint)
    for key, one in catalog.properties.items():
        if not one.name:
            findings.add("key", "A property needs a name.", ("properties", key, "name"))
        fixed = {"session": SESSION, "context": CONTEXT}.get(one.scope, {})
        if one.trusted and (one.scope == "context" or one.name in fixed or is_free(one.scope, one.name)):
            hint = "Trust traits, fields of events, or attributes of the session that are the site's own."
            message = "What a visit tells by itself can't be written by servers alone."
            findings.add("trusted", message, ("properties", key, "trusted"), hint)


def _check_rules(findings: Findings, read_rule: RuleReader) -> None:
    named: dict[str, tuple[str, ...]] = {}
    for key, segment in findings.catalog.segments.items():
        path = ("segments", key, "rule")
        if not segment.rule.strip() and not segment.static:
            hint = "Write `rule: …`, `static: true`, or both."
            findings.add("no-rule", "This segment has neither a rule nor a static list.", path, hint)
            continue
        facts = read_rule(segment, findings.catalog)
        named[key] = facts.segments
        for problem in facts.problems:
            place = findings.places.within(path, segment.rule, problem.place)
            findings.problems.append(Problem(problem.code, problem.message, place, problem.hint))
        _check_mentions(findings, key, facts)
        _check_vocabulary(findings, key, facts)
    for circle in _circles(named):
        message = f"Segments name each other in a circle: {' → '.join(circle)}."
        findings.add("circle", message, ("segments", circle[0], "rule"), "Take one of them out of another's rule.")


def _check_mentions(findings: Findings, key: str, facts: RuleFacts) -> None:
    """Every segment that a rule names exists, and every list that it asks for."""
    segments, known = findings.catalog.segments, findings.known("segments")
    path, rule = ("segments", key, "rule"), segments[key].rule
    for other in dict.fromkeys((*facts.segments, *facts.lists)):
        if other not in known:
            place = findings.places.within(path, rule, _mention(rule, "", other))
            hint = did_you_mean(other, known - {key})
            findings.problems.append(Problem("catalog.unknown-segment", f'There is no segment "{other}".', place, hint))
    for other in facts.lists:
        if other in segments and not segments[other].static:
            place = findings.places.within(path, rule, _mention(rule, "on_list(", other))
            findings.problems.append(no_list(other, segments, place))


def _check_vocabulary(findings: Findings, key: str, facts: RuleFacts) -> None:
    """Every text that a rule compares a property with is in the property's vocabulary, if it has one."""
    path, rule = ("segments", key, "rule"), findings.catalog.segments[key].rule
    for name, value, place in facts.compared:
        found = findings.catalog.properties.get(name)
        known = [one.value for one in found.values] if found else []
        if known and value not in known:
            hint = did_you_mean(str(value), map(str, known)) or f"Known: {', '.join(map(str, known[:8]))}."
            at = findings.places.within(path, rule, place)
            message = f"{value!r} is not in the vocabulary of {name}."
            findings.problems.append(Problem("catalog.not-in-vocabulary", message, at, hint))


def _mention(rule: str, before: str, other: str) -> str:
    """Return where a rule names another segment behind some text, as `line 1, column 8`."""
    at = next((at + len(before) for quote in "\"'" if (at := rule.find(f"{before}{quote}{other}{quote}")) >= 0), 0)
    ahead = rule[:at]
    return f"line {ahead.count(chr(10)) + 1}, column {at - ahead.rfind(chr(10))}"


def _circles(named: Mapping[str, tuple[str, ...]]) -> list[list[str]]:
    """Return circles of names, each beginning and ending with its smallest; at least one of those that overlap."""
    circles: dict[tuple[str, ...], list[str]] = {}
    done: set[str] = set()
    for start in named:
        trail: list[str] = []
        waiting = [(start, False)]
        while waiting:
            key, leaving = waiting.pop()
            if leaving:
                done.add(trail.pop())
            elif key in trail:
                circle = trail[trail.index(key) :]
                at = circle.index(min(circle))
                circle = [*circle[at:], *circle[:at]]
                circles[tuple(circle)] = [*circle, circle[0]]
            elif key in named and key not in done:
                trail.append(key)
                waiting.append((key, True))
                waiting += [(other, False) for other in dict.fromkeys(named[key])]
    return list(circles.values())
