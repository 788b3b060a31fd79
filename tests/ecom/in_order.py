"""Segments by what was done one after the other, and by more of what is known of visitors."""

from __future__ import annotations

from datetime import date, timedelta

from tests.ecom.look import Happened, Look, Segments


def _then(first: list[Happened], second: list[Happened], span: timedelta | None = None) -> bool:
    """Whether something of the second kind came later than something of the first."""
    return any(
        earlier.at < later.at and (span is None or later.at - earlier.at <= span)
        for earlier in first
        for later in second
    )


def _quick_buyers(look: Look) -> bool:
    since = look.ago(days=90)
    carts, purchases = (look.happened(name, after=since) for name in ("add_to_cart", "purchase"))
    return _then(carts, purchases, timedelta(hours=1))


def _left_carts(look: Look) -> bool:
    carts = look.happened("add_to_cart", after=look.ago(days=7))
    return bool(carts) and not any(event.at > carts[-1].at for event in look.happened("purchase"))


def _searched_viewed_added(look: Look) -> bool:
    searches, carts = look.happened("search"), look.happened("add_to_cart")
    half_an_hour = timedelta(minutes=30)
    for search in searches:
        near = [cart for cart in carts if search.at < cart.at <= search.at + half_an_hour]
        for view in look.happened("product_view") if near else []:
            if search.at < view.at < near[-1].at:
                return True
    return False


def _compared_first(look: Look) -> bool:
    compared = look.happened("compare", lambda fields: fields["platform"] == "desktop", since=look.month)
    return _then(compared, look.happened("add_to_cart", since=look.month))


def _again_within_a_month(look: Look) -> bool:
    purchases = look.happened("purchase")
    return _then(purchases, purchases, timedelta(days=30))


def _trouble_left_alone(look: Look) -> bool:
    """Trouble on a purchase, then no help sought, in the spring."""
    since, until = look.start_of(date(2024, 2, 1)), look.start_of(date(2024, 6, 1)) - timedelta(milliseconds=1)
    steps = [look.happened(name, since=since, until=until) for name in ("payment_details", "payment_error")]
    ends = [error for error in steps[1] if any(detail.at < error.at for detail in steps[0])]
    return bool(ends) and not any(chat.at > ends[-1].at for chat in look.happened("support_chat"))


def _visit_with_a_wish(look: Look) -> bool:
    views, wishes = (look.happened(name, since=look.session) for name in ("product_view", "wishlist_add"))
    return _then(views, wishes)


def _paid_or_social(look: Look) -> bool:
    channel = look.traits["acquisition_channel"]
    return channel.startswith("paid") or channel.endswith("ial")


SEGMENTS: Segments = [
    (
        "quick-buyers",
        'sequence(event("add_to_cart"), event("purchase"), span="1h", within="90d")',
        _quick_buyers,
    ),
    ("left-carts", 'sequence(event("add_to_cart"), without=event("purchase"), within="7d")', _left_carts),
    (
        "searched-viewed-added",
        'sequence(event("search"), event("product_view"), event("add_to_cart"), span="30m")',
        _searched_viewed_added,
    ),
    (
        "compared-first",
        'sequence(event("compare", platform == "desktop"), event("add_to_cart"), within="month")',
        _compared_first,
    ),
    ("again-within-a-month", 'sequence(event("purchase"), event("purchase"), span="30d")', _again_within_a_month),
    (
        "trouble-left-alone",
        'sequence(event("payment_details"), event("payment_error"), without=event("support_chat"),'
        ' after=date("2024-02-01"), before=date("2024-06-01"))',
        _trouble_left_alone,
    ),
    (
        "visit-with-a-wish",
        'sequence(event("product_view"), event("wishlist_add"), within="session")',
        _visit_with_a_wish,
    ),
    (
        "paid-or-social",
        'user.acquisition_channel.lower().starts_with("PAID") or user.acquisition_channel.ends_with("ial")',
        _paid_or_social,
    ),
    (
        "by-pattern",
        'user.acquisition_channel.matches("^(email|direct)$") and user.user_cohort not in ["2024-04", "2024-03"]',
        lambda look: (
            look.traits["acquisition_channel"] in ("email", "direct")
            and look.traits["user_cohort"] not in ("2024-04", "2024-03")
        ),
    ),
    (
        "neither-new-nor-unknown",
        'user.user_lifecycle != "new" and user.user_lifecycle is not None and not user.acquisition_channel is None',
        lambda look: look.traits["user_lifecycle"] != "new",
    ),
]
