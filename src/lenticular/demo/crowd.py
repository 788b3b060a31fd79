"""Who comes to the bank's site: kinds of people, and what each person is like."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Literal, NamedTuple

from lenticular.criteria.calendar import civil
from lenticular.demo.wire import Message

Name = Literal["student", "saver", "wealthy", "elder", "prospect", "passer"]


class Kind(NamedTuple):
    """A kind of people.

    `share` is its part of everyone; `ages` and `balance` are ranges (years; dollars); `visits` is the range of
    their number in four weeks; `known` is the part that signs in; `accounts` are sets of account types to draw from.
    """

    share: float
    ages: tuple[int, int]
    balance: tuple[int, int]
    visits: tuple[int, int]
    known: float
    accounts: tuple[tuple[str, ...], ...]


KINDS: dict[Name, Kind] = {
    "student": Kind(0.11, (18, 25), (20, 6_000), (1, 10), 0.55, (("checking",), ("checking", "savings"), ())),
    "saver": Kind(0.25, (24, 57), (300, 70_000), (4, 13), 1.0, (("checking",), ("checking", "savings"))),
    "wealthy": Kind(0.06, (34, 72), (100_500, 900_000), (5, 15), 1.0, (("savings", "brokerage"),)),
    "elder": Kind(0.10, (58, 67), (4_000, 95_000), (3, 11), 1.0, (("checking", "savings"), ("savings",))),
    "prospect": Kind(0.14, (20, 60), (0, 0), (1, 7), 0.15, (("checking",),)),
    "passer": Kind(0.34, (18, 80), (0, 0), (1, 1), 0.0, ((),)),
}

_CITIES = ("Boston", "Providence", "Hartford", "Worcester", "Albany", "New Haven", "Portland", "Burlington", "São Luís")
_CITY_WEIGHTS = (30, 14, 12, 10, 9, 8, 7, 6, 4)


class Somebody(NamedTuple):
    """One of the crowd.

    `number` counts from 0. `second` is the anonymous id of another device, or empty. `joins` is the visit (from 0)
    in which the person signs in for the first time, or says how old they are: None for those who never do.
    With `signs_in` false they stay anonymous, with traits.
    """

    number: int
    kind: Name
    phone: bool
    second: str
    joins: int | None
    signs_in: bool
    visits: int
    traits: Message

    @property
    def user_id(self) -> str:
        """The id of someone who signs in."""
        return f"u{self.number:05d}" if self.signs_in else ""

    @property
    def anonymous_id(self) -> str:
        """The id of the first device."""
        return f"a{self.number:05d}"


def somebody(number: int, today: int, rng: Random) -> Somebody:
    """Return the person with a number, drawn from `rng`; `today` is a day number, for ages."""
    name = rng.choices(tuple(KINDS), [kind.share for kind in KINDS.values()])[0]
    kind = KINDS[name]
    visits = rng.randint(*kind.visits)
    signs_in = rng.random() < kind.known
    tells = signs_in or (name == "student" and rng.random() < 0.55)
    new = name in ("student", "prospect") or rng.random() < 0.06
    joins = (rng.randrange(visits) if new else 0) if tells else None
    return Somebody(
        number=number,
        kind=name,
        phone=rng.random() < (0.8 if name == "student" else 0.35 if name == "elder" else 0.55),
        second=f"b{number:05d}" if signs_in and visits > 3 and rng.random() < 0.3 else "",
        joins=joins,
        signs_in=signs_in,
        visits=visits,
        traits=_traits(name, kind, signs_in, today, rng) if tells else {},
    )


def _traits(name: Name, kind: Kind, signs_in: bool, today: int, rng: Random) -> Message:
    age = rng.randint(*kind.ages)
    born = today - int(age * 365.2425) - rng.randrange(1, 364)
    traits: Message = {"birth_date": _iso(born)}
    if not signs_in:
        return traits
    accounts = rng.choice(kind.accounts)
    low, high = kind.balance
    traits["city"] = rng.choices(_CITIES, _CITY_WEIGHTS)[0]
    traits["account_types"] = list(accounts)
    # Few have much: a power law between the ends, whole dollars.
    traits["total_balance"] = low + int((high - low) * rng.random() ** 2.4)
    if "checking" in accounts or name == "wealthy":
        traits["checking_account"] = "open"
    if name not in ("student", "prospect"):
        traits["since"] = _iso(today - rng.randrange(30, max(60, (age - 17) * 365)))
    return traits


def _iso(day: int) -> str:
    return date(*civil(day)).isoformat()
