"""What a visitor's device is: from what an app says, from client hints, from the user agent string.

Client hints are those of the User-Agent Client Hints draft (`navigator.userAgentData`), as Segment's libraries send
them in `context.userAgentData`; `context.device` and `context.os` are Segment's Common Fields, from apps.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from lenticular.criteria.tables import stored_key
from lenticular.errors import LenticularError, Problem
from lenticular.intake.bots import SPIDER, is_bot
from lenticular.intake.values import sound
from lenticular.profiles.event import Values

if TYPE_CHECKING:
    from ua_parser import Result

BOT = stored_key("bot", "boolean")
"""The key under which a context says that a machine speaks."""
DEVICE_TYPES = ("desktop", "mobile", "tablet", "smarttv", "console", "wearable", "xr", "embedded")
MAX_AGENT = 1024
"""So many characters of a user agent are read and kept."""

_TYPE_SIGNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("xr", re.compile(r"OculusBrowser|Quest \d|HoloLens|\bPico ?\d|VisionOS|; XR\b|\bVR Safari")),
    ("console", re.compile(r"PlayStation|Xbox|Nintendo|Steam Deck")),
    ("wearable", re.compile(r"Apple ?Watch|watchOS|Wear ?OS|\bSM-R\d|\bWatch\b")),
    ("embedded", re.compile(r"\bTesla/|QtCarBrowser|Android Automotive|Kiosk")),
    (
        "smarttv",
        re.compile(
            r"Smart-?TV|SMART-TV|Apple ?TV|Google ?TV|Android ?TV|BRAVIA|\bAFT\w|Roku|HbbTV|NetCast|Web0S|VIDAA|Viera"
            r"|CrKey|\bTV Safari|\bDTV\b",
            re.IGNORECASE,
        ),
    ),
    ("tablet", re.compile(r"iPad|Tablet|PlayBook|Kindle|\bSilk/(?!.*Mobile)|Android(?!.*Mobi)")),
    ("mobile", re.compile(r"Mobi|iPhone|iPod|Windows Phone|BlackBerry|Opera Mini")),
)
_SPECIAL = frozenset(("xr", "console", "wearable", "embedded", "smarttv"))
_FORMS = {"automotive": "embedded", "mobile": "mobile", "tablet": "tablet", "xr": "xr", "watch": "wearable"}
_APP_TYPES = {"ios": "mobile", "android": "mobile", "phone": "mobile", "tv": "smarttv", "watch": "wearable"}
_NAMES = {
    **dict.fromkeys(("Google Chrome", "Chrome Mobile", "Chrome Mobile iOS", "Chrome Mobile WebView"), "Chrome"),
    **dict.fromkeys(("Mobile Safari", "Mobile Safari UI/WKWebView"), "Safari"),
    **dict.fromkeys(("Firefox Mobile", "Firefox iOS", "Mozilla Firefox"), "Firefox"),
    **dict.fromkeys(("Microsoft Edge", "Edge Mobile"), "Edge"),
    **dict.fromkeys(("Opera Mobile", "Opera Touch"), "Opera"),
    **dict.fromkeys(("Mac OS X", "Mac OS", "MacOS"), "macOS"),
    "Chromium OS": "Chrome OS",
}
_GREASE = re.compile(r"not[^a-z]*a[^a-z]*brand", re.IGNORECASE)
_WINDOWS_11 = 13  # platformVersion from which Windows is 11, by Microsoft's table for client hints


def device_values(context: Mapping[str, Any], user_agent: str, sent: bytes = b"") -> Values:
    """Return device, browser and operating system; the result is shared, not to be changed. Raises RefusedError.

    `user_agent` counts where the context has none; the hints that were `sent` with it (`hints.hints_of`) where the
    context has none, and does not speak of another browser. A bot's is marked.
    """
    own = context.get("userAgent")
    agent = own if type(own) is str and own else user_agent
    hints, device, system = context.get("userAgentData"), context.get("device"), context.get("os")
    raw = sent if agent == user_agent else b""
    if type(hints) is dict and hints:
        raw = _encoded(hints)
    told: tuple[str, ...] = ()
    if type(device) is dict or type(system) is dict:
        told = _told(device, system)
    if not (agent or raw or told):
        return _NOTHING
    return _combined(sound(agent[:MAX_AGENT], "/context", "userAgent"), raw, told)


def load_parser() -> None:
    """Load what reads user agents, half a second's work. Raises LenticularError if it is not installed."""
    if _parser() is None:
        hint = "Install it with: pip install 'lenticular[server]'"
        raise LenticularError(
            Problem("agent", "The server reads user agents with ua-parser, which is missing.", hint=hint)
        )


_NOTHING: Values = {}


def _encoded(hints: Any) -> bytes:
    try:
        return msgspec.json.encode(hints)
    except (UnicodeEncodeError, TypeError, RecursionError):
        return b""


def _told(device: Any, system: Any) -> tuple[str, ...]:
    """What an app says: type, brand, model, system, its version."""
    device = device if type(device) is dict else {}
    system = system if type(system) is dict else {}
    fields = (
        device.get("type"),
        device.get("brand") or device.get("manufacturer"),
        device.get("model"),
        system.get("name"),
        system.get("version"),
    )
    told = tuple(sound(each, "/context", "device")[:255] if type(each) is str else "" for each in fields)
    return told if any(told) else ()


@lru_cache(maxsize=8192)
def _combined(agent: str, hints: bytes, told: tuple[str, ...]) -> Values:
    found = _of_agent(agent)
    if hints:
        _add_hints(found, msgspec.json.decode(hints))
    if told:
        kind, brand, model, system, version = told
        kind = "tablet" if model.startswith("iPad") else _APP_TYPES.get(kind.lower(), kind.lower())
        found |= _kept(device_type=kind if kind in DEVICE_TYPES else "", device_brand=brand, device_model=model)
        found |= _system(found, system, version)
    bot = found.pop("bot", "")
    values: Values = {f"t_{name}": value for name, value in found.items() if value}
    if bot:
        values[BOT] = True
    return values


def _of_agent(agent: str) -> dict[str, str]:
    if not agent:
        return {}
    found = {"user_agent": agent}
    parse = _parser()
    if parse is None:
        return found
    result = parse(agent)
    browser, system, device = result.user_agent, result.os, result.device
    if is_bot(agent, device.brand or "" if device else ""):
        found["bot"] = "true"
    if browser:
        version = _version(browser.major, browser.minor, browser.patch)
        found |= _kept(browser=_NAMES.get(browser.family, browser.family), browser_version=version)
    if system:
        version = _version(system.major, system.minor, system.patch)
        found |= _kept(os=_NAMES.get(system.family, system.family), os_version=version)
    if device and device.brand == SPIDER:
        return found
    if device and device.brand and not device.brand.startswith("Generic"):
        found |= _kept(device_brand=device.brand, device_model=device.model or "")
    if device or system:
        found["device_type"] = next((kind for kind, sign in _TYPE_SIGNS if sign.search(agent)), "desktop")
    return found


def _add_hints(found: dict[str, str], hints: Mapping[str, Any]) -> None:
    browser, version = _brand(hints)
    if browser:
        if not version:
            version = found.get("browser_version", "") if found.get("browser") == browser else ""
        found.pop("browser_version", None)
        found |= _kept(browser=browser, browser_version=version)
    system, system_version = _text(hints.get("platform")), _text(hints.get("platformVersion"))
    if system == "Windows" and system_version:
        major = system_version.partition(".")[0]
        system_version = "11" if major.isdigit() and int(major) >= _WINDOWS_11 else "10" if major != "0" else ""
    if system != "Unknown":
        found |= _system(found, system, system_version)
    found |= _kept(device_model=_text(hints.get("model")))
    if found.get("device_type") not in _SPECIAL:
        found |= _kept(device_type=_form(hints, found.get("os", "")))


def _brand(hints: Mapping[str, Any]) -> tuple[str, str]:
    """Return the browser's name and version: the brand that is neither made up nor the engine alone."""
    for field in ("fullVersionList", "brands"):
        brands = hints.get(field)
        pairs = [
            (_text(one.get("brand")), _text(one.get("version")))
            for one in (brands if isinstance(brands, list) else ())
            if isinstance(one, dict)
        ]
        real = [pair for pair in pairs if pair[0] and not _GREASE.search(pair[0])]
        if real:
            name, version = next((pair for pair in real if pair[0] != "Chromium"), real[0])
            full = _text(hints.get("uaFullVersion"))
            return _NAMES.get(name, name), full if full.partition(".")[0] == version else version
    return "", ""


def _form(hints: Mapping[str, Any], system: str) -> str:
    forms = hints.get("formFactors") or hints.get("formFactor")
    for form in forms if isinstance(forms, list) else [forms]:
        if _text(form).lower() in _FORMS:
            return _FORMS[_text(form).lower()]
    mobile = hints.get("mobile")
    if mobile is True:
        return "mobile"
    if mobile is False and system:
        return "tablet" if system == "Android" else "desktop"
    return ""


def _system(found: Mapping[str, str], name: str, version: str) -> dict[str, str]:
    """Return a system and its version; a version that was known of another system does not stay."""
    name = _NAMES.get(name, name)
    if not name:
        return {}
    if not version and name == found.get("os"):
        version = found.get("os_version", "")
    return {"os": name, "os_version": version}


def _kept(**values: str) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _version(*parts: str | None) -> str:
    return ".".join(part for part in parts if part)


def _text(raw: Any) -> str:
    return raw[:255].replace("\0", "") if isinstance(raw, str) else ""


@lru_cache(maxsize=1)
def _parser() -> Callable[[str], Result] | None:
    try:
        from ua_parser import Parser
        from ua_parser.loaders import load_lazy_builtins
        from ua_parser.regex import Resolver
    except ImportError:
        return None
    return Parser(Resolver(load_lazy_builtins())).parse
