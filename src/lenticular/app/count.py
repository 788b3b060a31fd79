"""Count the people who belong to a rule; where there are very many, in a sample of them."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor

import msgspec

from lenticular.app.audience import Audience, as_of_now, audience, question_of
from lenticular.app.backfill import ask
from lenticular.app.site import LiveSite
from lenticular.criteria.sample import Sample
from lenticular.criteria.sql import Question, count_query, counts_query, reads_session
from lenticular.criteria.tree import And, Everyone, Node, Not, Or, children
from lenticular.experiments.statistics.wilson import wilson

_MOST_PARTS = 100
_PART_OF_LIMIT = 4


class Sampling(msgspec.Struct, frozen=True):
    """Above so many profiles (`above`) a count looks at about a quarter of that number; `seed` draws which."""

    above: int
    seed: int = 0


class Sampled(msgspec.Struct, frozen=True):
    """What an estimate rests on: `of` people were looked at, a `share` of all; `low` to `high` is its 95 % interval."""

    of: int
    share: float
    low: int
    high: int


class Part(msgspec.Struct, frozen=True):
    """How many people one part of a rule holds for; `path` places it in the tree, `/of/1` is the second of a group."""

    path: str
    people: int


class PeopleCount(msgspec.Struct, frozen=True, rename="camel"):
    """How many people belong at `at` (ms), known and anonymous. `last_visit`: as of each person's last visit.

    For an earlier moment `as_of_now` names what is as it is now all the same. `sampled` is there when these are
    estimates. `parts`, where asked for, has the number of each part of the rule by itself.
    """

    people: int
    known: int
    anonymous: int
    at: int
    last_visit: bool
    as_of_now: tuple[str, ...] = ()
    sampled: Sampled | None = None
    parts: tuple[Part, ...] | None = None


async def count(
    site: LiveSite, rule: str, at: int | None = None, sampling: Sampling | None = None, parts: bool = False
) -> PeopleCount:
    """Return how many people belong to a rule; without `sampling` exactly.

    Raises RuleError, EventsUnavailableError.
    """
    return await count_audience(site, audience(site, rule), at, sampling, parts)


async def count_audience(
    site: LiveSite, who: Audience, at: int | None = None, sampling: Sampling | None = None, parts: bool = False
) -> PeopleCount:
    """Return how many people belong. Raises EventsUnavailableError."""
    question = await question_of(site, who, at)
    pieces = _parts(who.tree) if parts else []
    trees = [who.tree, *(node for _, node in pieces)]
    sample = sample_of(site, sampling)
    total, people, known, *rest = await _counted(site, question, trees, sample)
    sampled = None
    if sample is not None and total:
        everyone = (await ask(site.stores.events, count_query(_of_all(question))))[0][0]
        low, high = (everyone * end for end in wilson(people, total))
        low, high = max(people, floor(low)), min(everyone - (total - people), ceil(high))
        sampled = Sampled(total, total / everyone, low, high)
        people, known, *rest = (round(number * everyone / total) for number in (people, known, *rest))
    return PeopleCount(
        people,
        known,
        people - known,
        question.at,
        reads_session(who.tree),
        as_of_now(site, at),
        sampled,
        tuple(Part(path, number) for (path, _), number in zip(pieces, rest[::2], strict=True)) if parts else None,
    )


async def count_together(site: LiveSite, who: Audience, others: Sequence[Node], at: int) -> list[int]:
    """Return how many people there are, how many belong, how many of these are known, and the same for other trees.

    One query, so that the numbers are of one moment. Raises EventsUnavailableError.
    """
    return await _counted(site, await question_of(site, who, at), [who.tree, *others], None)


def sample_of(site: LiveSite, sampling: Sampling | None) -> Sample | None:
    """Return the sample to look at, None where that is everyone."""
    profiles = site.stores.profiles.next_id() - 1
    if sampling is None or profiles <= sampling.above:
        return None
    return Sample(sampling.above / _PART_OF_LIMIT / profiles, sampling.seed)


async def _counted(site: LiveSite, question: Question, trees: Sequence[Node], sample: Sample | None) -> list[int]:
    asked = msgspec.structs.replace(_of_all(question), sample=sample)
    row = (await ask(site.stores.events, counts_query(asked, trees)))[0]
    return [int(number) for number in row]


def _of_all(question: Question) -> Question:
    return msgspec.structs.replace(question, tree=Everyone())


def _parts(tree: Node) -> list[tuple[str, Node]]:
    """Return the groups and conditions of a tree with their paths, but not what conditions are asked for inside."""
    found: list[tuple[str, Node]] = []
    waiting: list[tuple[str, Node]] = [("", tree)]
    while waiting and len(found) <= _MOST_PARTS:
        path, node = waiting.pop()
        if path:
            found.append((path, node))
        if isinstance(node, And | Or | Not):
            waiting.extend((f"{path}/{step}", part) for step, part in reversed(children(node)))
    return found[:_MOST_PARTS]
