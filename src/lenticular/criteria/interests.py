"""How much a topic interests someone: the views of it, each counting half as much 30 days later.

The state is topic -> {day of the site's zone, since 1970-01-01: number of views on it}. Weights are integers of
millionths, so that sums don't depend on their order and SQL, with the same table, arrives at the same number.
"""

from __future__ import annotations

from collections.abc import Mapping

Views = Mapping[str, Mapping[int, int]]
"""Topic -> {day number: views}."""

HALF_LIFE = 30
"""Days after which a view counts half."""

HORIZON = 300
"""A view older than so many days counts nothing."""

DECAY: tuple[int, ...] = tuple(round(10**6 * 2 ** (-age / HALF_LIFE)) for age in range(HORIZON + 1))
"""What a view counts by its age in days, 0 … 300, in millionths."""

MOST_TOPICS = 20
"""So many topics of one event count: the first ones."""

INTERESTED = 0.5
"""From this weight on, a topic is one of someone's interests."""


def weight(interests: Views, topic: str, today: int) -> float:
    """Return the weight of a topic on a day number; a view of today weighs 1, one to come nothing."""
    return _millionths(interests.get(topic, {}), today) / 1e6


def topics(interests: Views, today: int) -> list[str]:
    """Return the topics of at least INTERESTED, the heaviest first, equal ones by name."""
    weights = {topic: _millionths(views, today) / 1e6 for topic, views in interests.items()}
    heavy = [topic for topic, found in weights.items() if found >= INTERESTED]
    return sorted(heavy, key=lambda topic: (-weights[topic], topic))


def _millionths(views: Mapping[int, int], today: int) -> int:
    return sum(count * DECAY[today - day] for day, count in views.items() if 0 <= today - day <= HORIZON)
