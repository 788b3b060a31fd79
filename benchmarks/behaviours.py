"""The engine where 30 % of the segments ask for behaviour; how long a publish of 1,000 segments takes beside a loop."""

from __future__ import annotations

import asyncio
from random import Random
from time import perf_counter

from benchmarks import rules
from benchmarks.clock import seconds_per_call
from benchmarks.table import show
from lenticular.criteria.calendar import DAY, calendar_of
from lenticular.criteria.person import Person
from lenticular.criteria.python import Matching
from lenticular.criteria.segments import Segments
from lenticular.criteria.text import parse
from lenticular.criteria.tree import And, Node
from lenticular.criteria.types import Schema
from lenticular.profiles.event import Event

NOW = 1_795_442_400_000
BUDGET = {100: 8.0, 1_000: 60.0}
"""Microseconds per profile (DESIGN §10)."""
_ASKED = (
    'count("Product Viewed", category == "{word}", within="{days}d") >= {number}',
    'count("Signed In", within="{days}d") == 0',
    'sum("Order Completed", revenue, within="{days}d") > {number}00',
    'last_time("Signed In") < ago("{days}d")',
    'last_value("Product Viewed", category) in ["{word}", "none"]',
    'distinct("Product Viewed", category, within="{days}d") >= {number}',
    'periods("Signed In", every="1d", within="{days}d") >= {number}',
    'sequence(event("Product Viewed"), event("Order Completed"), span="1h", within="{days}d")',
)
_SCHEMA = Schema(types={**rules.SCHEMA.types, ("event", "category"): "text", ("event", "revenue"): "number"})


def main() -> None:
    """Print the figures."""
    print("30 % of the segments have one behavioural condition and four others; 50 profiles with 60 events each")
    rows, met = [], []
    for count in (100, 1_000):
        trees = _trees(count)
        start = perf_counter()
        segments = Segments(trees, _SCHEMA, calendar_of("Europe/Madrid"))
        order, matching = segments.function(frozenset(trees))
        compiled = perf_counter() - start
        people = _people(segments)
        everyone = _each(matching, people)
        lag = asyncio.run(_longest_pause(trees))
        tallies = len(segments.plan.tallies)
        rows.append(
            [f"{len(order):,}", f"{tallies:,}", f"{everyone * 1e6:,.1f}", f"{compiled * 1e3:,.0f}", f"{lag:.0f}"]
        )
        said = "met   " if everyone * 1e6 <= BUDGET[count] else "MISSED"
        met.append(f"{said} {count:,} segments in {everyone * 1e6:.1f} µs per profile (budget {BUDGET[count]:.0f})")
    show(["segments", "tallies", "µs per profile", "compiled in ms", "longest pause of the loop meanwhile, ms"], rows)
    print("\n".join(met))


def _each(matching: Matching, people: list[Person]) -> float:
    return seconds_per_call(lambda: [matching(person, NOW) for person in people]) / len(people)


def _trees(count: int) -> dict[str, Node]:
    random = Random(3)
    trees: dict[str, Node] = {}
    for at, rule in enumerate(rules.rules(count)):
        tree = rules.tree(rule)
        if random.random() < 0.3:
            words = {"word": random.choice(rules.WORDS), "days": random.choice([7, 30, 90]), "number": at % 5 + 1}
            tree = And((tree, parse(random.choice(_ASKED).format(**words)).tree))
        trees[f"s{at}"] = tree
    return trees


def _people(segments: Segments) -> list[Person]:
    random = Random(4)
    people = []
    for at, values in enumerate(rules.people(50)):
        tallies: dict[str, object] = {}
        for number in range(60):
            time = NOW - random.randrange(100 * DAY)
            event = Event(
                type="track",
                message_id=f"{at} {number}",
                time=time,
                received=time,
                name=random.choice(["Product Viewed", "Signed In", "Order Completed"]),
                properties={"t_category": random.choice(rules.WORDS), "n_revenue": float(random.randrange(100))},
            )
            segments.plan.step(tallies, event)
        people.append(Person(rules.stored(values), {}, None, tallies))
    return people


async def _longest_pause(trees: dict[str, Node]) -> float:
    """Compile in a thread, as a publish does, and return the longest time (ms) that the event loop had to wait."""
    done = asyncio.Event()
    longest = 0.0

    async def beat() -> None:
        nonlocal longest
        while not done.is_set():
            before = perf_counter()
            await asyncio.sleep(0.001)
            longest = max(longest, perf_counter() - before - 0.001)

    beating = asyncio.create_task(beat())
    await asyncio.to_thread(lambda: Segments(trees, _SCHEMA, calendar_of("Europe/Madrid")).function(frozenset(trees)))
    done.set()
    await beating
    return longest * 1e3
