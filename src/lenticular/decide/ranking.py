"""The order of what a query found: what is the same for everyone is sorted when the catalog is compiled."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from lenticular.catalog.content_item import ContentItem
from lenticular.catalog.item_values import plain_value
from lenticular.catalog.moments import parse_moment
from lenticular.catalog.query import Sort
from lenticular.criteria.calendar import Calendar
from lenticular.decide.popular import Popular
from lenticular.decide.taste import LEVELS, MOST, Taste, chance_of

T = TypeVar("T")
_KEPT = 2_000_000
"""So many places (4 bytes each) are kept of the orders of one list."""
_CHANCE = 1 << 64
_TASTE = LEVELS * MOST + 1


class Ranking(Generic[T]):
    """Members in an order that depends on who asks. `members` are in the order of whom nothing is known.

    One whole number per member says where it stands: its digits are the sorts, in their order, and the last one is its
    place in `members`. So an order is a sort of numbers, and it is kept for whoever has the same taste.
    """

    def __init__(
        self,
        members: Sequence[T],
        keys: Sequence[str],
        tags: Sequence[Iterable[str]],
        parts: Sequence[Sequence[int] | str],
    ) -> None:
        self.members = tuple(members)
        self.interests, self.chance = "interests" in parts, "random" in parts
        self._keys, self._parts = keys, parts
        self._tagged: dict[str, list[int]] = {}
        if self.interests:
            for at, names in enumerate(tags):
                for name in dict.fromkeys(names):
                    self._tagged.setdefault(name, []).append(at)
        self._orders: dict[Taste, array[int]] = {}

    @property
    def tags(self) -> frozenset[str]:
        """The topics that matter to it."""
        return frozenset(self._tagged)

    def ordered(self, taste: Taste) -> Iterable[T]:
        """Return the members in the order that a taste asks for."""
        interests = tuple(one for one in taste.interests if one[0] in self._tagged)
        if not interests and not self.chance:
            return self.members
        taste = Taste(interests, taste.day, taste.lot) if self.chance else Taste(interests)
        order = self._orders.get(taste)
        if order is None:
            if len(self._orders) * len(self.members) >= _KEPT:
                self._orders.clear()
            self._orders[taste] = order = self._order(taste)
        return map(self.members.__getitem__, order)

    def _order(self, taste: Taste) -> array[int]:
        size = len(self.members)
        places = [0] * size
        for part in self._parts:
            if part == "interests":
                digits: Sequence[int] = self._interest(taste.interests)
                radix = _TASTE
            elif part == "random":
                digits, radix = [chance_of(taste, key) for key in self._keys], _CHANCE
            else:
                digits, radix = [int(one) for one in part], size
            places = [place * radix + digit for place, digit in zip(places, digits, strict=True)]
        numbers = sorted([place * size + at for at, place in enumerate(places)])
        return array("I", [number % size for number in numbers])

    def _interest(self, interests: Iterable[tuple[str, int]]) -> list[int]:
        digits = [_TASTE - 1] * len(self.members)
        for topic, level in interests:
            for at in self._tagged[topic]:
                digits[at] -= level
        return digits


def ranking(
    items: Mapping[str, ContentItem],
    ready: Callable[[str], T],
    sorts: Sequence[Sort],
    calendar: Calendar,
    popular: Popular,
    languages: Sequence[str] = (),
) -> Ranking[T]:
    """Return how items are put in order, by their texts in the first of the languages that they have.

    What is equal by all sorts goes by priority, then by key.
    """
    found = list(items.values())
    columns = [
        sort.by
        if sort.by in ("interests", "random")
        else _places([_value(item, sort, calendar, popular, languages) for item in found], sort.down)
        for sort in (*sorts, Sort("priority"))
    ]
    fixed = [column for column in columns if not isinstance(column, str)]
    order = sorted(range(len(found)), key=lambda at: (*(column[at] for column in fixed), found[at].key))
    moving = max((at for at, column in enumerate(columns) if isinstance(column, str)), default=-1)
    # What stands behind the last sort that differs by visitor is in the order of the members already.
    parts = [column if isinstance(column, str) else [column[at] for at in order] for column in columns[: moving + 1]]
    keys = [found[at].key for at in order]
    return Ranking([ready(key) for key in keys], keys, [found[at].tags for at in order], parts)


def _places(values: Sequence[tuple[str, Any] | None], down: bool) -> list[int]:
    """Return the place that each value has, equal ones the same; what is none comes last."""
    known = sorted({value for value in values if value is not None}, reverse=down)
    places = {value: place for place, value in enumerate(known)}
    return [len(known) if value is None else places[value] for value in values]


def _value(
    item: ContentItem, sort: Sort, calendar: Calendar, popular: Popular, languages: Sequence[str]
) -> tuple[str, Any] | None:
    """Return what an item is sorted by, with its type, so that any two can be compared; None for nothing."""
    if (counted := sort.counted) is not None:
        return "", popular.get(counted, {}).get(item.key, 0)
    match sort.by:
        case "priority":
            return "", item.priority
        case "newest":
            text = item.date or item.start
            at = parse_moment(text, calendar) if text else None
            return None if at is None else ("", at)
        case "name":
            return "", (item.name or item.key).casefold()
    value = plain_value(item, sort.field or "", languages)
    if isinstance(value, str):
        return "text", value.casefold()
    return ("number", value) if isinstance(value, int | float) else None
