"""By which channel a visit came."""

from __future__ import annotations

import pytest

from lenticular.intake.channel import CHANNELS
from lenticular.intake.context import context_values

OWN = "https://www.shop.example/sale"


def channel(query: str = "", referrer: str = "", campaign: dict[str, str] | None = None) -> object:
    page = {"url": OWN + (f"?{query}" if query else ""), "referrer": referrer}
    return context_values({"page": page, "campaign": campaign or {}}, {})["t_channel"]


CASES = [
    ("", "", "direct"),
    ("", "https://shop.example/", "direct"),
    ("", "https://blog.shop.example/", "direct"),
    ("", "https://www.google.com/", "organic"),
    ("", "https://www.google.co.uk/", "organic"),
    ("", "https://google.de/search?q=x", "organic"),
    ("", "https://docs.google.com/document", "referral"),
    ("", "https://mail.google.com/mail/u/0/", "email"),
    ("", "https://www.google-fans.example/", "referral"),
    ("", "https://duckduckgo.com/", "organic"),
    ("", "https://r.search.yahoo.com/", "organic"),
    ("", "https://finance.yahoo.com/", "referral"),
    ("", "android-app://com.google.android.googlequicksearchbox/", "organic"),
    ("", "android-app://com.google.android.gm/", "email"),
    ("", "https://l.facebook.com/", "social"),
    ("", "https://t.co/abc", "social"),
    ("", "https://www.reddit.com/r/shoes", "social"),
    ("", "https://notfacebook.com/", "referral"),
    ("", "https://news.example/today", "referral"),
    ("", "http://localhost:3000/", "referral"),
    ("gclid=1", "https://www.google.com/", "paid search"),
    ("msclkid=1", "", "paid search"),
    ("dclid=1", "", "display"),
    ("fbclid=1", "", "social"),
    ("irclickid=1", "", "affiliates"),
    ("utm_medium=cpc&utm_source=google", "", "paid search"),
    ("utm_medium=CPC&utm_source=facebook", "", "social"),
    ("utm_medium=paid_social&utm_source=somewhere", "", "social"),
    ("utm_medium=e-mail", "https://www.google.com/", "email"),
    ("utm_medium=email&gclid=1", "", "email"),
    ("utm_medium=display&gclid=1", "", "display"),
    ("utm_medium=affiliate", "", "affiliates"),
    ("utm_medium=banner", "", "display"),
    ("utm_medium=social-media", "", "social"),
    ("utm_medium=organic", "", "organic"),
    ("utm_medium=referral", "", "referral"),
    ("utm_medium=qr", "https://www.google.com/", "other"),
    ("utm_medium=qr&gclid=1", "", "paid search"),
    ("utm_source=newsletter", "", "email"),
    ("utm_source=google", "", "organic"),
    ("utm_source=www.instagram.com", "", "social"),
    ("utm_source=flyer", "https://www.google.com/", "other"),
    ("utm_source=www", "", "other"),
    ("utm_source=(direct)&utm_medium=(none)", "https://www.google.com/", "organic"),
    ("utm_campaign=spring", "", "direct"),
]


@pytest.mark.parametrize(("query", "referrer", "expected"), CASES)
def test_channel(query: str, referrer: str, expected: str) -> None:
    assert channel(query, referrer) == expected


def test_every_channel_is_reached() -> None:
    assert {expected for _, _, expected in CASES} == set(CHANNELS)


def test_the_contexts_campaign_goes_before_the_address() -> None:
    assert channel("utm_medium=email", campaign={"medium": "cpc"}) == "paid search"


def test_what_is_on_no_page_has_no_channel() -> None:
    assert "t_channel" not in context_values({"campaign": {"medium": "email"}, "locale": "en"}, {})
