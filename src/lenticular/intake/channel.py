"""By which channel a visit came: from the campaign, from what a click left in the address, from the referrer.

The names are those of the usual web reports: direct, organic, paid search, social, email, affiliates, referral,
display, other. The first that says something decides:

1. `utm_medium`, where it is one of the words below; a paid click from a social network is social.
2. A click's parameter in the address (`referrers.CLICKS`): `gclid` is paid search, `fbclid` social.
3. `utm_source`, where it is a network, a search engine or a mail sender by name or host.
4. A campaign that says anything else is other.
5. The referrer's host: mail, a search engine, a social network; any other is referral.
6. No referrer, or one on the same site (a host and its subdomains), is direct.
"""

from __future__ import annotations

from functools import lru_cache

from lenticular.intake.referrers import MAIL, SEARCH, SEARCH_NAMES, SOCIAL, SOURCES

CHANNELS = ("direct", "organic", "paid search", "social", "email", "affiliates", "referral", "display", "other")

_SILENT = frozenset(("", "(none)", "none", "(not set)", "(direct)", "direct"))
_MEDIA: dict[str, str] = {
    **dict.fromkeys(("affiliate", "affiliates", "partner"), "affiliates"),
    **dict.fromkeys(("email", "e mail", "mail", "newsletter"), "email"),
    **dict.fromkeys(("display", "banner", "cpm", "expandable", "interstitial", "programmatic"), "display"),
    **dict.fromkeys(("social", "social network", "social media", "sm", "paid social", "paidsocial"), "social"),
    **dict.fromkeys(("organic", "seo"), "organic"),
    **dict.fromkeys(("referral", "link"), "referral"),
}
_PAID = frozenset(("cpc", "ppc", "sem", "paid search", "paidsearch", "paid"))


@lru_cache(maxsize=8192)
def channel_of(medium: str, source: str, click: str, referrer_host: str, host: str) -> str:
    """Return the channel of a page view; `click` is the channel that a parameter of its address means, or empty."""
    medium = medium.strip().lower().replace("-", " ").replace("_", " ")
    source = source.strip().lower()
    from_source = "" if source in _SILENT else SOURCES.get(source) or _of_host(source)
    if medium in _PAID:
        return from_source if from_source == "social" else click or "paid search"
    said = _MEDIA.get(medium) or click or from_source
    if said:
        return said
    if medium not in _SILENT or source not in _SILENT:
        return "other"
    if not referrer_host or _same_site(referrer_host, host):
        return "direct"
    return _of_host(referrer_host) or "referral"


def _of_host(host: str) -> str:
    """Return what a host is known as: mail before search, so that a search engine's mail is mail."""
    labels = host.split(".")
    names = [".".join(labels[at:]) for at in range(len(labels) - 1)]
    for known, channel in ((MAIL, "email"), (SOCIAL, "social")):
        if any(name in known for name in names):
            return channel
    own = labels[1:] if labels[0] in ("www", "m") and len(labels) > 1 else labels
    ends = own[1:]
    if own[0] in SEARCH_NAMES and 1 <= len(ends) <= 2 and all(len(end) <= 3 for end in ends):
        return "organic"
    return "organic" if any(name in SEARCH for name in names) else ""


def _same_site(one: str, other: str) -> bool:
    one, other = one.removeprefix("www."), other.removeprefix("www.")
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")
