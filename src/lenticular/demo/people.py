"""The five people of the demo, and what they did up to a given moment."""

from __future__ import annotations

from datetime import date

import msgspec

from lenticular.criteria.calendar import DAY, Calendar, anniversary, calendar_of, civil
from lenticular.demo.wire import LAPTOP, PHONE, ZONE, Device, Message, identify, page, stamped, track

MINUTE = 60_000
HOUR = 60 * MINUTE


class Person(msgspec.Struct, frozen=True):
    """One of the five.

    `messages` are in the order of their times, all up to the `now` they were made for. `context` is what this
    person's browser says when it asks for a decision: it fits the latest visit. `user_id` is empty for one who
    never signed in. The same `now` gives the same message ids.
    """

    key: str
    name: str
    initials: str
    note: str
    anonymous_id: str
    user_id: str
    context: Message
    messages: list[Message]

    @property
    def traits(self) -> Message:
        """What the bank knows of them, as of their last sign-in."""
        told = [message["traits"] for message in self.messages if message["type"] == "identify"]
        return told[-1] if told else {}


def people(now: int, zone: str = ZONE) -> list[Person]:
    """Return the five as of `now` (ms), in the order of their experiences: the first is in place 1 of the page."""
    calendar = calendar_of(zone)
    return [make(now, calendar) for make in (_ana, _thomas, _elena, _visitor, _lena)]


class _Diary:
    """Writes down what one person did; ids count up from 0."""

    def __init__(self, key: str, now: int, user_id: str = "") -> None:
        self.key = key
        self.now = now
        self.user_id = user_id
        self.anonymous_id = f"aurora-{key}"
        self.messages: list[Message] = []

    def write(self, at: int, *calls: Message) -> None:
        """Add calls made from `at` (ms) on, five seconds apart, but never after `now`."""
        for call in calls:
            message_id = f"{self.anonymous_id}-{self.now}-{len(self.messages)}"
            self.messages.append(stamped(call, message_id, min(at, self.now), self.anonymous_id, self.user_id))
            at += 5_000

    def person(self, name: str, initials: str, note: str, context: Message) -> Person:
        """Return the person who did all this."""
        return Person(self.key, name, initials, note, self.anonymous_id, self.user_id, context, self.messages)


def _born(now: int, calendar: Calendar, age: int, ago: int) -> str:
    """Return the birth date of someone whose last birthday was `ago` days before `now`."""
    year, month, day = civil(calendar.day(now) - ago)
    return date.fromordinal(anniversary(year - age, month, day) + date(1970, 1, 1).toordinal()).isoformat()


def _ana(now: int, calendar: Calendar) -> Person:
    diary = _Diary("ana", now, "ana")
    phone = Device(PHONE, "utm_source=poster&utm_medium=print&utm_campaign=campus")
    landed = phone.context("/college/start", landing=True)
    traits = {"first_name": "Ana", "birth_date": _born(now, calendar, 20, 120), "city": "Boston"}
    diary.write(now - 12 * MINUTE, page(landed), identify(landed, traits), page(phone.context("/college/budget")))
    return diary.person("Ana Reyes", "AR", "20, on her phone", landed)


def _thomas(now: int, calendar: Calendar) -> Person:
    diary = _Diary("thomas", now, "thomas")
    laptop = Device(LAPTOP)
    home, sign_in = laptop.context("/", landing=True), laptop.context("/sign-in")
    traits = {
        "first_name": "Thomas",
        "birth_date": _born(now, calendar, 46, 200),
        "city": "Hartford",
        "total_balance": 212_400,
        "account_types": ["savings", "brokerage"],
        "checking_account": "open",
        "since": "2009-04-14",
    }
    for at in (now - 9 * DAY, now - 3 * DAY - 2 * HOUR, now - 16 * MINUTE):
        diary.write(at, page(home), page(sign_in), identify(sign_in, traits), track(sign_in, "Signed In", {}))
    diary.write(now - 15 * MINUTE, page(laptop.context("/invest")))
    return diary.person("Thomas Okafor", "TO", "46, two accounts", home)


def _elena(now: int, calendar: Calendar) -> Person:
    diary = _Diary("elena", now, "elena")
    laptop = Device(LAPTOP)
    # Her daughter's college wrote to the parents too: so a wider age lets her into Students.
    letter = Device(LAPTOP, "utm_source=letter&utm_medium=email&utm_campaign=campus")
    landed = letter.context("/retirement", landing=True)
    traits = {
        "first_name": "Elena",
        "birth_date": _born(now, calendar, 61, 80),
        "city": "Providence",
        "total_balance": 48_700,
        "account_types": ["checking", "savings"],
        "checking_account": "open",
        "since": "1998-05-04",
    }
    before = laptop.context("/", landing=True)
    diary.write(now - 20 * DAY, page(before), identify(before, traits), track(before, "Signed In", {}))
    diary.write(now - 21 * MINUTE, page(landed), page(letter.context("/retirement/calculator")))
    diary.write(now - 19 * MINUTE, track(letter.context("/retirement/calculator"), "Calculator Used", {"years": 4}))
    return diary.person("Elena Costa", "EC", "61, customer since 1998", landed)


def _visitor(now: int, calendar: Calendar) -> Person:
    del calendar
    diary = _Diary("9f2c", now)
    laptop = Device(LAPTOP, referrer="https://search.example/")
    landed = laptop.context("/checking", landing=True)
    # The first of the three is 7 days old in 2 days, 1 hour and 48 minutes.
    for at in (now - 5 * DAY + HOUR + 48 * MINUTE, now - 2 * DAY - 5 * HOUR, now - 18 * MINUTE):
        diary.write(at, page(landed))
    return diary.person("Visitor 9f2c", "9f", "never signed in", landed)


def _lena(now: int, calendar: Calendar) -> Person:
    diary = _Diary("lena", now, "lena")
    laptop = Device(LAPTOP)
    landed = laptop.context("/college/housing", landing=True)
    traits = {
        "first_name": "Lena",
        "birth_date": _born(now, calendar, 21, 260),
        "city": "Boston",
        "total_balance": 1_240,
        "account_types": ["checking"],
        "checking_account": "open",
        "since": "2023-09-01",
    }
    home = laptop.context("/", landing=True)
    # Her visit of this morning is her second: the one in which she asks for the page is the third.
    diary.write(now - 16 * DAY, page(home), identify(home, traits), track(home, "Signed In", {}))
    viewed = _this_morning(now, calendar)
    gold = laptop.context("/cards/gold")
    diary.write(viewed, page(landed), page(gold), track(gold, "Offer Viewed", {"offer": "gold-card"}))
    return diary.person("Lena Hart", "LH", "21, third visit", landed)


def _this_morning(now: int, calendar: Calendar) -> int:
    """Return 9:14 of the local day of `now`, or earlier that day if it is not that late yet.

    Ten seconds more must lie between it and `now`, where the day is old enough to have them.
    """
    day = calendar.day(now)
    start, morning = calendar.start_of(day), calendar.instant(day * DAY + 9 * HOUR + 14 * MINUTE)
    return morning if morning + 10_000 <= now else start + (now - start) // 2
