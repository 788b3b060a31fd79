"""Where an event happened: page, campaign, device, place, from Segment's `context` (Common Fields) and its sender."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lenticular.criteria.tables import stored_key
from lenticular.criteria.types import CAMPAIGN, CONTEXT, PLACE
from lenticular.intake.address import address_of
from lenticular.intake.agent import BOT, device_values
from lenticular.intake.channel import channel_of
from lenticular.intake.sender import NOBODY, Sender
from lenticular.intake.values import number, plain, sound
from lenticular.profiles.event import Values

_KEY = {name: stored_key(name, kind) for name, kind in CONTEXT.items()}
_PLACE = frozenset(_KEY[name] for name in PLACE)
_PAGE = tuple((name, _KEY[name]) for name in ("path", "title", "search"))
_CAMPAIGN = tuple(
    ("name" if name == "utm_campaign" else name.removeprefix("utm_"), name, _KEY[name]) for name in CAMPAIGN
)
_SCREEN = tuple((field, _KEY[f"screen_{field}"]) for field in ("width", "height"))
_NOTHING: dict[str, Any] = {}


def context_values(
    context: Mapping[str, Any], page: Mapping[str, Any], sender: Sender = NOBODY, trusted: bool = False
) -> Values:
    """Return a context's typed values; `page`, a page message's properties, fills what `context.page` lacks.

    `context.campaign` goes before the address's query, the context before the `sender`. Only a `trusted` one, a
    server with the secret key, says with `context.location` and `context.ip` where the visitor is, and that who looks
    like a bot is none. Raises RefusedError.
    """
    values: Values = {}
    agent = device_values(context, sender.user_agent, sender.hints)
    if agent:
        values.update(agent)
    if context:
        _mark_bot(values, context.get("bot"), trusted)
    place = _told_place(context, sender) if trusted else sender.place
    if place:
        values.update(place)
    language = context.get("locale") or context.get("language") or sender.language
    if language:
        values["t_language"] = plain(language, "/context", "locale")
    timezone = context.get("timezone")
    if timezone:
        values["t_timezone"] = plain(timezone, "/context", "timezone")
    if not context and not page:
        return values
    click = _add_page(values, context, page)
    _add_campaign_and_screen(values, context)
    if "t_url" in values or "t_path" in values:
        medium, source = values.get("t_utm_medium", ""), values.get("t_utm_source", "")
        referrer_host, host = values.get("t_referrer_host", ""), values.get("t_host", "")
        values["t_channel"] = channel_of(str(medium), str(source), click, str(referrer_host), str(host))
    return values


def _add_page(values: Values, context: Mapping[str, Any], page: Mapping[str, Any]) -> str:
    """Add the page and the one before it; return the channel that a click's parameter means."""
    own = _object(context, "page")
    url = own.get("url") or page.get("url")
    click = ""
    if url:
        text = values["t_url"] = plain(url, "/context", "page/url")
        address = address_of(text)
        values.update(address.values)
        click = address.click
    for name, key in _PAGE:
        raw = own.get(name) or page.get(name)
        if raw:
            values[key] = raw if type(raw) is str and sound(raw, "/context", name) else plain(raw, "/context", name)
    search = values.get("t_search")
    if not url and type(search) is str and search.startswith("?"):
        address = address_of(search)
        values.update(address.values)
        click = address.click
    referrer = own.get("referrer") or page.get("referrer") or _object(context, "referrer").get("url")
    if referrer:
        text = values["t_referrer"] = plain(referrer, "/context", "page/referrer")
        host = address_of(text).values.get("t_host")
        if host:
            values["t_referrer_host"] = host
    return click


def _add_campaign_and_screen(values: Values, context: Mapping[str, Any]) -> None:
    campaign = context.get("campaign")
    if type(campaign) is dict:
        for field, _, key in _CAMPAIGN:
            raw = campaign.get(field)
            if raw:
                values[key] = plain(raw, "/context", f"campaign/{field}")
    screen = context.get("screen")
    if type(screen) is dict:
        for field, key in _SCREEN:
            raw = screen.get(field)
            if isinstance(raw, int | float) and not isinstance(raw, bool):
                values[key] = number(raw, "/context", f"screen/{field}")


def _mark_bot(values: Values, said: Any, trusted: bool) -> None:
    if said is True:
        values[BOT] = True
    elif said is False and trusted:
        values.pop(BOT, None)


def _told_place(context: Mapping[str, Any], sender: Sender) -> Values:
    """Return where a server says that its visitor is; a place that it names goes before that of the address."""
    address = context.get("ip")
    of_ip = sender.of_ip(address) if type(address) is str and address else {}
    location = _location(context)
    return with_place(of_ip, location) if location else of_ip


def with_place(of_ip: Values, place: Values) -> Values:
    """Return what is kept of an address, with another place than the address's."""
    return {**{key: value for key, value in of_ip.items() if key not in _PLACE}, **place}


def _location(context: Mapping[str, Any]) -> Values:
    location = _object(context, "location")
    return place_values(*(location.get(name) for name in PLACE)) if location else {}


def place_values(country: Any, region: Any, city: Any) -> Values:
    """Return a place's typed values; a country is its two letters of ISO 3166-1, in capitals. Raises RefusedError."""
    values: Values = {}
    for name, raw in (("country", country), ("region", region), ("city", city)):
        if isinstance(raw, str) and raw:
            text = sound(raw[:255], "/context", f"location/{name}")
            values[_KEY[name]] = text.upper() if name == "country" and len(text) == 2 else text
    return values


def _object(context: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = context.get(name)
    return found if type(found) is dict else _NOTHING
