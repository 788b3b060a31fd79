"""What the crowd does: when each visit begins, how it lands, and its steps."""

from __future__ import annotations

from itertools import accumulate
from random import Random
from typing import NamedTuple

from lenticular.criteria.calendar import DAY, Calendar
from lenticular.demo.crowd import Name, Somebody
from lenticular.demo.wire import Message

WEEKS = 4
MINUTE = 60_000
_APART = 3 * 60 * MINUTE  # two visits of one person lie further apart than this

# One number per hour from midnight, one per day from Monday: how likely a visit is.
_HOURS = (2, 1, 1, 1, 1, 2, 5, 9, 12, 14, 14, 13, 15, 14, 12, 12, 12, 13, 14, 16, 18, 17, 11, 5)
_DAYS = (11, 11, 10, 10, 9, 6, 7)
_HOUR_SUMS = tuple(accumulate(_HOURS))


_NOTHING: Message = {}


class Step(NamedTuple):
    """One thing done on a page; a page view where `event` is empty."""

    path: str
    event: str = ""
    properties: Message = _NOTHING


class Landing(NamedTuple):
    """How a visit comes in: the first page, the query of its address, where from."""

    path: str
    query: str = ""
    referrer: str = ""


class Visit(NamedTuple):
    """A visit: when it begins (ms), whose it is, which of theirs (from 0), how it landed, what was done after."""

    start: int
    who: Somebody
    nth: int
    landing: Landing
    steps: list[Step]

    @property
    def identifies(self) -> bool:
        """Whether the visitor says who they are in this visit."""
        return self.who.joins is not None and self.nth >= self.who.joins

    @property
    def messages(self) -> int:
        """How many messages it has: the landing page, the identify and the sign-in if there are, the steps."""
        return 1 + len(self.steps) + (self.identifies + (self.identifies and self.who.signs_in))


def _offers(*keys: str) -> list[tuple[int, Step]]:
    """Return the steps around offers: seen often, clicked seldom."""
    steps: list[tuple[int, Step]] = []
    for key in keys:
        steps.append((5, Step("/", "Offer Viewed", {"offer": key, "placement": "home"})))
        steps.append((1, Step("/", "Offer Clicked", {"offer": key, "placement": "home"})))
    return steps


_EVERYWHERE = [(6, Step("/")), (2, Step("/branches")), (1, Step("/branches", "Branch Searched", {"radius": 10}))]
_BANKING = [
    (9, Step("/accounts")),
    (4, Step("/accounts", "Statement Opened", {"format": "pdf"})),
    *((2, Step("/transfer", "Transfer Made", {"amount": dollars, "currency": "USD"})) for dollars in (25, 80, 240.5)),
    (2, Step("/help")),
]
_MENUS: dict[Name, list[tuple[int, Step]]] = {
    "student": [
        (8, Step("/college/start")),
        (5, Step("/college/budget")),
        (4, Step("/checking")),
        (3, Step("/college/housing")),
        *_offers("student-account", "study-abroad-card"),
        (1, Step("/", "Offer Viewed", {"offer": "gold-card", "placement": "home"})),
    ],
    "saver": [
        *_BANKING,
        (4, Step("/savings")),
        (3, Step("/loans/car")),
        (3, Step("/cards/gold")),
        *_offers("gold-card", "car-loan", "savings-pot"),
    ],
    "wealthy": [
        *_BANKING,
        (9, Step("/invest")),
        (4, Step("/invest/markets")),
        *_offers("brokerage-transfer", "private-banking"),
    ],
    "elder": [
        *_BANKING,
        (8, Step("/retirement")),
        (2, Step("/retirement", "Calculator Used", {"years": 5})),
        *_offers("ira-review", "twelve-month-cd"),
    ],
    "prospect": [
        (10, Step("/checking")),
        (4, Step("/checking/fees")),
        (4, Step("/savings")),
        *_offers("free-checking", "savings-pot"),
    ],
    "passer": [(5, Step("/checking")), (4, Step("/loans/car")), (4, Step("/savings")), (3, Step("/cards/gold"))],
}
_CHOICES: dict[Name, tuple[list[Step], list[int]]] = {
    name: (
        [step for _, step in [*_EVERYWHERE, *menu]],
        list(accumulate(weight for weight, _ in [*_EVERYWHERE, *menu])),
    )
    for name, menu in _MENUS.items()
}

_SEARCH, _SOCIAL = "https://search.example/", "https://social.example/"
_CAMPUS = "utm_source=poster&utm_medium=print&utm_campaign=campus"
_SPRING = "utm_source=newsletter&utm_medium=email&utm_campaign=autumn-rates"
_ADS = "utm_source=search&utm_medium=cpc&utm_campaign=free-checking"
_DIRECT = [(10, Landing("/")), (3, Landing("/", referrer=_SEARCH)), (2, Landing("/savings", _SPRING))]
_LANDINGS: dict[Name, list[tuple[int, Landing]]] = {
    "student": [
        (6, Landing("/college/start", _CAMPUS)),
        (4, Landing("/college/start", referrer=_SOCIAL)),
        (3, Landing("/college/housing", referrer=_SEARCH)),
        (2, Landing("/", _CAMPUS)),
        (3, Landing("/")),
    ],
    "saver": _DIRECT,
    "wealthy": [*_DIRECT, (2, Landing("/invest"))],
    "elder": [*_DIRECT, (3, Landing("/retirement", _SPRING))],
    "prospect": [
        (6, Landing("/checking", _ADS, _SEARCH)),
        (4, Landing("/checking", referrer=_SEARCH)),
        (2, Landing("/")),
        (1, Landing("/college/start", referrer=_SOCIAL)),
    ],
    "passer": [
        (5, Landing("/", referrer=_SEARCH)),
        (4, Landing("/loans/car", referrer=_SEARCH)),
        (3, Landing("/savings", _SPRING)),
        (3, Landing("/checking", _ADS, _SEARCH)),
    ],
}
_ENTRIES: dict[Name, tuple[list[Landing], list[int]]] = {
    name: ([landing for _, landing in ways], list(accumulate(weight for weight, _ in ways)))
    for name, ways in _LANDINGS.items()
}


class Weeks:
    """The four weeks that end at `now` (ms), as a site's visitors live them."""

    def __init__(self, now: int, calendar: Calendar) -> None:
        self.now = now
        self.today = calendar.day(now)
        self._days = range(self.today - 7 * WEEKS + 1, self.today + 1)
        self._day_sums = list(accumulate(_DAYS[(day + 3) % 7] for day in self._days))
        self._starts = [calendar.start_of(day) for day in self._days]

    def begin(self, rng: Random) -> int:
        """Return when a visit begins: by day rather than by night, on a working day rather than at a weekend."""
        day = rng.choices(range(len(self._days)), cum_weights=self._day_sums)[0]
        hour = rng.choices(range(24), cum_weights=_HOUR_SUMS)[0]
        at = self._starts[day] + int((hour + rng.random()) * 60 * MINUTE)
        # What would still lie ahead today happened a day or more ago.
        return at if at <= self.now - 25 * MINUTE else at - rng.randint(1, 6) * DAY


def visits_of(who: Somebody, weeks: Weeks, rng: Random) -> list[Visit]:
    """Return a person's visits in the order of time."""
    begins = sorted(weeks.begin(rng) for _ in range(who.visits))
    starts = [at for before, at in zip([0, *begins], begins, strict=False) if at - before > _APART]
    landings = rng.choices(_ENTRIES[who.kind][0], cum_weights=_ENTRIES[who.kind][1], k=len(starts))
    menu, sums = _CHOICES[who.kind]
    visits = []
    for nth, (start, landing) in enumerate(zip(starts, landings, strict=True)):
        steps = rng.choices(menu, cum_weights=sums, k=min(2 + int(rng.expovariate(0.45)), 12))
        visits.append(Visit(start, who, nth, landing, steps))
    return visits
