"""Where there are many people, counts and previews look at a sample: of the right people, with an honest interval."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from lenticular.app.audience import audience, question_of
from lenticular.app.backfill import ask
from lenticular.app.count import Sampling, count
from lenticular.criteria.sample import Sample, mixed
from lenticular.criteria.sql import Query, members_query
from lenticular.criteria.sql_sides import Sides
from lenticular.settings import Settings
from tests.web.shop import Shop, open_shop

pytestmark = pytest.mark.asyncio(loop_scope="session")
PEOPLE = 2_000
ABOVE = 1_900
RULES = (
    "user.score < 30",
    'count("Looked", price > 50) >= 1',
    'count("Looked", within="7d") == 0',
    'sequence(event("Looked"), event("Took"))',
    'sequence(event("Looked"), without=event("Took"))',
    'session.landing_path == "/a" or count("Looked", within="session") >= 2',
    'user.interests["travel"] >= 1 and not segment("rich")',
    "user.score < 1",
)


def _messages() -> list[dict[str, Any]]:
    """What a crowd did; some of them signed in later, so that two profiles became one."""
    pick = random.Random(5)
    messages: list[dict[str, Any]] = []
    for at in range(PEOPLE):
        me = {"anonymousId": f"crowd {at}"}
        messages.append({**me, "type": "identify", "traits": {"score": pick.randrange(100)}})
        for _ in range(pick.randrange(3)):
            price, topics = pick.randrange(100), pick.choice([["travel"], []])
            messages.append(
                {**me, "type": "track", "event": "Looked", "properties": {"price": price, "topics": topics}}
            )
        if pick.random() < 0.3:
            messages.append({**me, "type": "track", "event": "Took"})
        if pick.random() < 0.2:
            url = f"https://shop.example/{pick.choice('ab')}"
            messages.append({**me, "type": "page", "context": {"page": {"url": url}}})
        if pick.random() < 0.1:
            messages.append({**me, "type": "identify", "userId": f"member {pick.randrange(100)}"})
    return messages


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def crowd(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path_factory.mktemp("crowd"), Settings(sample_above=ABOVE)) as shop:
        messages = _messages()
        for begin in range(0, len(messages), 1_000):
            batch = {"batch": messages[begin : begin + 1_000], "writeKey": "w"}
            answer = await shop.visitor.post("/v1/batch", json=batch)
            assert answer.status_code == 200, answer.text
            shop.now += 1_000
        await shop.ask("settle")
        yield shop


async def test_both_engines_draw_the_same_sample(crowd: Shop) -> None:
    question = await question_of(crowd.site, audience(crowd.site, "True"), None)
    for seed in (0, 1, 12_345):
        sides = Sides(question)
        sql = f"SELECT number, {sides.mixed('number', seed)} FROM numbers(18446744073709550000, 100)"
        for column, value in await ask(crowd.site.stores.events, Query(sql, sides.parameters)):
            assert mixed(column, seed) == value


@pytest.mark.parametrize("rule", RULES)
async def test_a_sample_has_exactly_its_members(crowd: Shop, rule: str) -> None:
    question = await question_of(crowd.site, audience(crowd.site, rule), None)
    assert question.merged

    async def ids(sample: Sample | None) -> set[int]:
        query = members_query(msgspec.structs.replace(question, sample=sample), 10_000)
        return {row[0] for row in await ask(crowd.site.stores.events, query)}

    everyone = await ids(None)
    assert everyone
    for sample in (Sample(0.2), Sample(0.5, 9), Sample(1.0)):
        assert await ids(sample) == {one for one in everyone if sample.has(one)}


async def test_the_interval_holds_the_exact_number(crowd: Shop) -> None:
    held, tried = 0, 0
    for rule in RULES[:4]:
        exact = await count(crowd.site, rule)
        assert exact.sampled is None
        for seed in range(25):
            estimate = await count(crowd.site, rule, sampling=Sampling(ABOVE, seed))
            assert estimate.sampled is not None
            assert estimate.sampled.low <= estimate.people <= estimate.sampled.high
            assert estimate.known + estimate.anonymous == estimate.people
            held += estimate.sampled.low <= exact.people <= estimate.sampled.high
            tried += 1
    assert held >= 0.95 * tried, f"{held} of {tried}"


async def test_a_count_is_exact_when_that_is_asked_for(crowd: Shop) -> None:
    estimate = await crowd.ask("count", rule=RULES[0])
    again = await crowd.ask("count", rule=RULES[0])
    assert estimate == again
    sampled = estimate["sampled"]
    assert 0.2 < sampled["share"] < 0.3 and 300 < sampled["of"] < 650
    assert sampled["low"] < estimate["people"] < sampled["high"]
    exact = await crowd.ask("count", rule=RULES[0], exact=True)
    assert exact["sampled"] is None
    assert abs(exact["people"] - estimate["people"]) < 0.2 * exact["people"]
    everyone = await crowd.ask("count", rule="True")
    assert (
        everyone["people"]
        == everyone["sampled"]["high"]
        == (await crowd.ask("count", rule="True", exact=True))["people"]
    )


async def test_parts_are_estimated_too(crowd: Shop) -> None:
    rule = "user.score < 30 and (user.score < 10 or not user.score < 20)"
    for exact in (True, False):
        answer = await crowd.ask("count", rule=rule, exact=exact, parts=True)
        parts = {one["path"]: one["people"] for one in answer["parts"]}
        assert list(parts) == ["/of/0", "/of/1", "/of/1/of/0", "/of/1/of/1", "/of/1/of/1/of"]
        assert parts["/of/0"] > answer["people"] > parts["/of/1/of/0"] > 0


async def test_a_preview_is_random_and_always_the_same(crowd: Shop) -> None:
    async def drawn(rule: str, **asked: Any) -> list[str]:
        return [one["profile"] for one in (await crowd.ask("members", rule=rule, **asked))["members"]]

    everyone = await drawn(RULES[0], limit=1_000)
    first = await drawn(RULES[0], sample=20)
    assert first == await drawn(RULES[0], sample=20) == sorted(first, key=int)
    assert len(first) == 20 and set(first) < set(everyone)
    by_number = sorted(map(int, everyone), key=lambda one: mixed(one, 0))
    assert set(map(int, first)) == set(by_number[:20])
    assert set(await drawn(RULES[0], sample=20, seed=1)) != set(first)
    rare = await drawn(RULES[-1], limit=1_000)
    assert await drawn(RULES[-1], sample=1_000) == rare  # few: all of them
