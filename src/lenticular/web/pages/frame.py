"""What stands around the content of every hosted page: the question for consent, the menu, the foot."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from markupsafe import escape

from lenticular.blocks.links import safe_address
from lenticular.blocks.locale import in_language, language_chain, normal_tag
from lenticular.catalog.hosting import MenuLink
from lenticular.catalog.site import Site
from lenticular.web.pages.words import Words, words_in

CONSENT = "/lenticular/consent"
SCRIPT = "/lenticular/consent.js"
YES, NO = "11", "00"
UNASKED = "-"
"""Stands for an answer where nobody is to be asked for one."""
_NAMES = {
    **{"ar": "العربية", "ca": "Català", "cs": "Čeština", "da": "Dansk", "de": "Deutsch", "el": "Ελληνικά"},
    **{"en": "English", "es": "Español", "eu": "Euskara", "fi": "Suomi", "fr": "Français", "gl": "Galego"},
    **{"he": "עברית", "hu": "Magyar", "it": "Italiano", "ja": "日本語", "ko": "한국어", "nb": "Norsk"},
    **{"nl": "Nederlands", "pl": "Polski", "pt": "Português", "ro": "Română", "ru": "Русский", "sv": "Svenska"},
    **{"tr": "Türkçe", "uk": "Українська", "zh": "中文"},
}
"""How languages call themselves."""


class Here(msgspec.Struct, frozen=True):
    """The page that is framed: its path, its language, what its addresses begin with, and what was said of consent.

    `said` is the tag's cookie: `11`, `10`, `01`, `00`, or empty. `others` are languages and addresses of the same page.
    """

    path: str
    language: str
    prefix: str = ""
    said: str = ""
    others: tuple[tuple[str, str], ...] = ()


class Frame(msgspec.Struct, frozen=True):
    """HTML before and after the content of a page."""

    top: str = ""
    bottom: str = ""


_MOST_KEPT = 1_000
_kept: dict[tuple[int, Here], tuple[Site, Frame]] = {}


def frame(site: Site, here: Here) -> Frame:
    """Return what stands around a page of a site; without a menu, a foot and languages little does."""
    key = id(site), here
    known = _kept.get(key)
    if known is None:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        # What an id stands for must stay alive as long as the id is used for it.
        known = _kept[key] = site, _made(site, here)
    return known[1]


def _made(site: Site, here: Here) -> Frame:
    languages = language_chain(here.language, site.locales)
    words = words_in(here.language)
    question = _question(site, languages, words) if asks(site) and not here.said else ""
    return Frame(question + _header(site, here, languages, words), _footer(site, here, languages, words))


def asks(site: Site) -> bool:
    """Return whether the pages of a site ask for consent themselves."""
    return site.hosting.consent == "ask" and site.hosting.banner.show


def _header(site: Site, here: Here, languages: tuple[str, ...], words: Words) -> str:
    links = _links(site.hosting.navigation, here, languages)
    if not links:
        return ""
    home = f'<a class="lt-site-name" href="{escape(here.prefix or "/")}">{escape(site.name or site.key)}</a>'
    return (
        f'<header class="lt-header"><div class="lt-bar">{home}'
        f'<nav aria-label="{escape(words.menu)}"><ul class="lt-menu">{links}</ul></nav></div></header>\n'
    )


def _footer(site: Site, here: Here, languages: tuple[str, ...], words: Words) -> str:
    text, links = in_language(site.hosting.footer, languages), _links(site.hosting.links, here, languages)
    parts = [f"<p>{escape(text)}</p>"] if text else []
    if links:
        parts.append(f'<ul class="lt-menu">{links}</ul>')
    if here.others:
        parts.append(_languages(here, words))
    if site.hosting.banner.show and (here.said or not asks(site)):
        parts.append(_choices(site, here, languages, words))
    return f'<footer class="lt-footer"><div class="lt-bar">{"".join(parts)}</div></footer>\n' if parts else ""


def _links(links: Iterable[MenuLink], here: Here, languages: tuple[str, ...]) -> str:
    return "".join(f"<li>{_link(one, here, languages)}</li>" for one in links if safe_address(one.url))


def _link(link: MenuLink, here: Here, languages: tuple[str, ...]) -> str:
    url, label = safe_address(link.url), escape(in_language(link.label, languages) or link.url)
    style = ' class="lt-menu-button"' if link.button else ""
    return f'<a{style} href="{escape(url)}"{_current(url, here.path)}>{label}</a>'


def _current(url: str, path: str) -> str:
    """Return how a link says that it leads here, or to the part of the site that is here (WAI-ARIA 1.2)."""
    if url == path:
        return ' aria-current="page"'
    return ' aria-current="true"' if url != "/" and path.startswith(f"{url}/") else ""


def _languages(here: Here, words: Words) -> str:
    links = "".join(
        f'<li><a href="{escape(where)}" hreflang="{tag}" lang="{tag}"'
        f"{_current(tag, normal_tag(here.language))}>{escape(_NAMES.get(tag.partition('-')[0], tag))}</a></li>"
        for tag, where in here.others
    )
    return f'<nav aria-label="{escape(words.languages)}"><ul class="lt-menu">{links}</ul></nav>'


def _question(site: Site, languages: tuple[str, ...], words: Words) -> str:
    banner = site.hosting.banner
    title = in_language(banner.title, languages) or words.ask
    return (
        '<section class="lt-consent" aria-labelledby="lt-consent"><div class="lt-bar"><div>'
        f'<h2 id="lt-consent">{escape(title)}</h2><p>{_told(site, languages, words)}</p></div>'
        f"{_answers(site, languages, words)}</div></section>\n"
    )


def _choices(site: Site, here: Here, languages: tuple[str, ...], words: Words) -> str:
    said = words.refused if here.said == NO else words.accepted if "1" in here.said else ""
    now = f"<p>{escape(said)}</p>" if said else ""
    return (
        f'<details class="lt-choices"><summary>{escape(words.choices)}</summary>{now}'
        f"<p>{_told(site, languages, words)}</p>{_answers(site, languages, words)}</details>"
    )


def _told(site: Site, languages: tuple[str, ...], words: Words) -> str:
    banner = site.hosting.banner
    text = str(escape(in_language(banner.text, languages) or words.ask_text))
    url = safe_address(banner.more.url) if banner.more else ""
    if banner.more and url:
        text += f' <a href="{escape(url)}">{escape(in_language(banner.more.label, languages) or url)}</a>'
    return text


def _answers(site: Site, languages: tuple[str, ...], words: Words) -> str:
    """Return the form with both answers, neither of which looks like the better one."""
    banner = site.hosting.banner
    answers = ((NO, banner.refuse, words.refuse), (YES, banner.accept, words.accept))
    buttons = "".join(
        f'<button name="answer" value="{value}">{escape(in_language(own, languages) or ours)}</button>'
        for value, own, ours in answers
    )
    return (
        f'<form method="post" action="{CONSENT}"><input type="hidden" name="site" value="{escape(site.key)}">'
        f"{buttons}</form>"
    )
