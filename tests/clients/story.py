"""What every client tells, call by call, and what must be kept of it."""

from __future__ import annotations

from typing import Any

from lenticular.profiles.event import Event, Values

Call = dict[str, Any]

CONTEXT: dict[str, Any] = {
    "locale": "pt-BR",
    "timezone": "America/Sao_Paulo",
    "campaign": {"name": "Natal 2026", "source": "boletim", "medium": "email", "content": "topo", "term": "café"},
    "page": {
        "url": "https://loja.example/café?q=p%C3%A3o&x=1#fim",
        "path": "/café",
        "title": "Café ☕ – Loja",
        "search": "?q=p%C3%A3o&x=1",
        "referrer": "https://www.google.com/",
    },
    "screen": {"width": 390, "height": 844},
    "userAgent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/18.1 Mobile/15E148 Safari/604.1",
}
KEPT_CONTEXT: Values = {
    "t_user_agent": CONTEXT["userAgent"],
    "t_browser": "Safari",
    "t_browser_version": "18.1",
    "t_os": "iOS",
    "t_os_version": "18.1",
    "t_device_brand": "Apple",
    "t_device_model": "iPhone",
    "t_device_type": "mobile",
    "t_language": "pt-BR",
    "t_timezone": "America/Sao_Paulo",
    "t_url": "https://loja.example/café?q=p%C3%A3o&x=1#fim",
    "t_host": "loja.example",
    "t_path": "/café",
    "t_search": "?q=p%C3%A3o&x=1",
    "t_query~2Eq": "pão",
    "t_query~2Ex": "1",
    "t_title": "Café ☕ – Loja",
    "t_referrer": "https://www.google.com/",
    "t_referrer_host": "www.google.com",
    "t_utm_source": "boletim",
    "t_utm_medium": "email",
    "t_utm_campaign": "Natal 2026",
    "t_utm_term": "café",
    "t_utm_content": "topo",
    "n_screen_width": 390.0,
    "n_screen_height": 844.0,
    "t_channel": "email",
}
TRAITS = {
    "name": "María José Ñandú 🦊",
    "age": 21,
    "balance": 1234.56,
    "student": True,
    "birth_date": "2005-05-04",
    "last_login": {"$date": "2026-11-01T08:30:00.250+00:00"},
    "nickname": None,
    "postcode": "01000",
    "address": {"city": "São Paulo", "geo": {"lat": -23.55}},
    "account_types": ["savings", "brokerage"],
    "cars": [{"make": "Seat", "year": 2019}, {"make": "Škoda", "year": 2024, "electric": True}],
}
KEPT_TRAITS: Values = {
    "t_name": "María José Ñandú 🦊",
    "n_age": 21.0,
    "n_balance": 1234.56,
    "b_student": True,
    "d_birth_date": 12_907,
    "i_last_login": 1_793_521_800_250,
    "t_postcode": "01000",
    "t_address~2Ecity": "São Paulo",
    "n_address~2Egeo~2Elat": -23.55,
    "l_account_types": ["savings", "brokerage"],
    "o_cars": [{"t_make": "Seat", "n_year": 2019.0}, {"t_make": "Škoda", "n_year": 2024.0, "b_electric": True}],
}
ORDER = {
    "order_id": "o-1",
    "revenue": 99.5,
    "currency": "EUR",
    "gift": False,
    "shipped": {"$date": "2026-11-02T23:59:59.999+00:00"},
    "shipping": {"city": "Köln", "express": True},
    "products": [{"sku": "x", "price": 1.5, "tags": ["a", "ü"]}, {"sku": "y", "price": 98, "when": "2026-12-24"}],
    "topics": ["coffee", "crème"],
}
KEPT_ORDER: Values = {
    "t_order_id": "o-1",
    "n_revenue": 99.5,
    "t_currency": "EUR",
    "b_gift": False,
    "i_shipped": 1_793_663_999_999,
    "t_shipping~2Ecity": "Köln",
    "b_shipping~2Eexpress": True,
    "o_products": [
        {"t_sku": "x", "n_price": 1.5, "l_tags": ["a", "ü"]},
        {"t_sku": "y", "n_price": 98.0, "d_when": 20_811, "t_when": "2026-12-24"},
    ],
    "l_topics": ["coffee", "crème"],
}
ORDERED_AT = "2026-11-02T12:00:00.250+00:00"
ORDERED = 1_793_620_800_250
MENU: dict[str, Any] = {"url": "https://loja.example/menu?utm_source=jornal", "title": "Menü", "depth": 3}
KEPT_MENU: Values = {
    "t_url": MENU["url"],
    "t_title": "Menü",
    "n_depth": 3.0,
    "t_category": "Speisen",
    "t_name": "Kaffee",
}
GROUP = {"name": "Acme & Söhne", "tier": "gold", "employees": 250, "address": {"country": "ES"}, "closed": False}
KEPT_GROUP: Values = {
    "t_name": "Acme & Söhne",
    "t_tier": "gold",
    "n_employees": 250.0,
    "t_address~2Ecountry": "ES",
    "b_closed": False,
}
PINGS = 20

CALLS: list[Call] = [
    {"call": "identify", "userId": "maya", "anonymousId": "anon-1", "traits": TRAITS, "context": CONTEXT},
    {
        "call": "track",
        "userId": "maya",
        "event": "Order Completed",
        "properties": ORDER,
        "context": CONTEXT,
        "timestamp": {"$date": ORDERED_AT},
        "integrations": {"All": False, "Warehouse": {"sync": True}},
    },
    {"call": "page", "anonymousId": "anon-1", "category": "Speisen", "name": "Kaffee", "properties": MENU},
    {"call": "screen", "userId": "maya", "category": "Bank", "name": "Konten", "properties": {"tab": "alle"}},
    {"call": "group", "userId": "maya", "groupId": "acme", "traits": GROUP},
    {"call": "alias", "previousId": "anon-0", "userId": "maya"},
    *({"call": "track", "userId": "maya", "event": "Ping", "properties": {"n": n}} for n in range(PINGS)),
]
"""What a server says with its library, in the names of Segment's specification."""

KEPT: list[Event] = [
    Event("identify", "", 0, 0, "anon-1", "maya", traits=KEPT_TRAITS, removed=("nickname",), context=KEPT_CONTEXT),
    Event("track", "", 0, 0, "", "maya", "Order Completed", properties=KEPT_ORDER, context=KEPT_CONTEXT),
    Event(
        "page",
        "",
        0,
        0,
        "anon-1",
        name="Page Viewed",
        properties=KEPT_MENU,
        context={
            "t_url": "https://loja.example/menu?utm_source=jornal",
            "t_host": "loja.example",
            "t_path": "/menu",
            "t_search": "?utm_source=jornal",
            "t_query~2Eutm_source": "jornal",
            "t_utm_source": "jornal",
            "t_title": "Menü",
            "t_channel": "other",
        },
    ),
    Event(
        "screen",
        "",
        0,
        0,
        "",
        "maya",
        "Screen Viewed",
        properties={"t_tab": "alle", "t_name": "Konten", "t_category": "Bank"},
    ),
    Event("group", "", 0, 0, "", "maya", properties=KEPT_GROUP, group_id="acme"),
    Event("alias", "", 0, 0, "", "maya", previous_id="anon-0"),
    *(Event("track", "", 0, 0, "", "maya", "Ping", properties={"n_n": float(n)}) for n in range(PINGS)),
]
"""What must be kept of it, in the same order."""
