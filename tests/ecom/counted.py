"""Segments by counts and by traits."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from tests.ecom.look import Look, Segments

_ERRORS = ("error_page", "payment_error", "checkout_bug")


def _mobile(fields: dict[str, str]) -> bool:
    return fields["platform"] == "mobile"


def _stopped(look: Look) -> bool:
    then = look.count("product_view", after=look.ago(days=60), until=look.ago(days=30))
    return then >= 3 and look.count("product_view", after=look.ago(days=30)) == 0


def _abandoned(look: Look) -> bool:
    since = look.ago(days=30)
    return look.count("add_to_cart", after=since) >= 1 and look.count("purchase", after=since) == 0


def _spring(look: Look) -> bool:
    # before= is open: the last instant that counts is the one before the day begins.
    end = look.start_of(date(2024, 5, 1)) - timedelta(milliseconds=1)
    return look.count("promo_page", since=look.start_of(date(2024, 3, 10)), until=end) >= 1


def _trouble(look: Look) -> bool:
    return any(look.count(name, after=look.ago(days=90)) for name in _ERRORS)


def _buyer(look: Look) -> bool:
    return look.count("purchase") >= 1


def _loyal(look: Look) -> bool:
    return look.traits["user_lifecycle"] == "loyal"


def _early(look: Look) -> bool:
    return look.traits["user_cohort"] in ("2024-01", "2024-02")


def _won_or_troubled(look: Look) -> bool:
    searching = "search" in look.traits["acquisition_channel"]
    return (_buyer(look) and not _trouble(look)) or (_loyal(look) and not _buyer(look) and searching)


def _not_on_desktop(look: Look) -> bool:
    return look.count("search", lambda fields: fields["platform"] != "desktop") in (1, 2, 3)


def _since_easter(look: Look) -> bool:
    easter = datetime(2024, 3, 31, 10, tzinfo=UTC)
    return look.count("purchase", since=easter, after=look.ago(days=30)) >= 1


def _a_month_before(look: Look) -> bool:
    return look.count("catalog", after=look.months_ago(2), until=look.months_ago(1)) >= 2


SEGMENTS: Segments = [
    ("everyone", "True", lambda look: True),
    ("buyers", 'count("purchase") >= 1', _buyer),
    (
        "buyers-this-week",
        'count("purchase", within="7d") > 0',
        lambda look: look.count("purchase", after=look.ago(days=7)) > 0,
    ),
    (
        "viewers",
        'count("product_view", within="30d") >= 5',
        lambda look: look.count("product_view", after=look.ago(days=30)) >= 5,
    ),
    (
        "carts-in-a-month",
        'count("add_to_cart", within="1mo") > 1',
        lambda look: look.count("add_to_cart", after=look.months_ago(1)) > 1,
    ),
    (
        "half-a-year",
        'count("search", within="1y") >= 10',
        lambda look: look.count("search", after=look.months_ago(12)) >= 10,
    ),
    ("last-hours", 'count("home", within="36h") != 0', lambda look: look.count("home", after=look.ago(hours=36)) != 0),
    (
        "here-today",
        'count("product_view", within="today") >= 1',
        lambda look: look.count("product_view", since=look.start_of(look.today)) >= 1,
    ),
    ("this-week", 'count("catalog", within="week") >= 2', lambda look: look.count("catalog", since=look.week) >= 2),
    (
        "some-this-month",
        '1 <= count("search", within="month") < 4',
        lambda look: 1 <= look.count("search", since=look.month) < 4,
    ),
    (
        "deep-visit",
        'count("product_view", within="session") >= 3',
        lambda look: look.count("product_view", since=look.session) >= 3,
    ),
    (
        "quiet-visit",
        'count("product_view", within="session") == 0',
        lambda look: look.count("product_view", since=look.session) == 0,
    ),
    (
        "stopped",
        'count("product_view", within=("60d", "30d")) >= 3 and count("product_view", within="30d") == 0',
        _stopped,
    ),
    ("a-month-before", 'count("catalog", within=("2mo", "1mo")) >= 2', _a_month_before),
    (
        "mobile",
        'count("product_view", platform == "mobile", within="30d") >= 2',
        lambda look: look.count("product_view", _mobile, after=look.ago(days=30)) >= 2,
    ),
    ("not-on-desktop", 'count("search", not platform.lower().starts_with("DESK")) in [1, 2, 3]', _not_on_desktop),
    ("abandoned-cart", 'count("add_to_cart", within="30d") >= 1 and count("purchase", within="30d") == 0', _abandoned),
    ("spring-promotion", 'count("promo_page", after=date("2024-03-10"), before=date("2024-05-01")) >= 1', _spring),
    ("since-easter", 'count("purchase", after=datetime("2024-03-31T12:00+02:00"), within="30d") >= 1', _since_easter),
    (
        "some-catalogs",
        '2 < count("catalog", within="2w") <= 6',
        lambda look: 2 < look.count("catalog", after=look.ago(weeks=2)) <= 6,
    ),
    ("trouble", " or ".join(f'count("{name}", within="90d") > 0' for name in _ERRORS), _trouble),
    (
        "early-by-mail",
        'user.acquisition_channel == "email" and user.user_cohort in ["2024-01", "2024-02"]',
        lambda look: look.traits["acquisition_channel"] == "email" and _early(look),
    ),
    ("loyal", 'user.user_lifecycle == "loyal"', _loyal),
    (
        "loyal-without-a-purchase",
        'segment("loyal") and not segment("buyers")',
        lambda look: _loyal(look) and not _buyer(look),
    ),
    (
        "won-or-troubled",
        '(segment("buyers") and not segment("trouble"))'
        ' or (segment("loyal-without-a-purchase") and user.acquisition_channel.contains("search"))',
        _won_or_troubled,
    ),
]
