"""The document around a page's blocks: head, the decision for the tag, body."""

from __future__ import annotations

from functools import cache, lru_cache
from types import SimpleNamespace

import msgspec
from markupsafe import Markup, escape

from lenticular.blocks.links import safe_picture
from lenticular.blocks.locale import direction, in_language, language_chain, normal_tag
from lenticular.catalog.page import Page
from lenticular.catalog.site import Site
from lenticular.decide.decision import Decision
from lenticular.web.pages.frame import SCRIPT
from lenticular.web.pages.words import words_in
from lenticular.web.tag import tag_address

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'{style}; img-src 'self' https: data:; "
    "media-src 'self' https:; font-src 'self' https:; object-src 'none'; frame-src 'none'; base-uri 'none'; "
    "form-action 'self' https:; frame-ancestors 'self'; require-trusted-types-for 'script'; trusted-types lenticular"
)
"""The content security policy; {style} is for what a preview adds. `lenticular` is the tag's policy."""
FORM = "4"
"""Changes with the form of the document: what browsers have kept is no longer the same then."""
_MOST_SAID = 200
_encode = msgspec.json.Encoder().encode
_tag = cache(tag_address)


class About(msgspec.Struct, frozen=True):
    """What the head of a document says; addresses are whole, `alternates` are languages with theirs.

    `top` and `bottom` are the HTML before and after the content.
    """

    language: str
    title: str
    summary: str = ""
    image: str = ""
    canonical: str = ""
    alternates: tuple[tuple[str, str], ...] = ()
    noindex: bool = False
    theme: str = ""
    script: str = ""
    top: str = ""
    bottom: str = ""


def about_page(page: Page, site: Site, language: str, origin: str, item: SimpleNamespace | None = None) -> About:
    """Return what a page says of itself in a language; the addresses are still to come.

    What it does not say itself is said by the `item` that its path names, as a template sees it.
    """
    languages = language_chain(language, site.locales)
    image, title, summary = safe_picture(page.image), in_language(page.title, languages), ""
    if item is not None:
        image = image or (item.image.src if item.image else "")
        title, summary = title or _plain(item.title), _plain(item.text)
    return About(
        language=normal_tag(language) or "en",
        title=title or page.name or site.name or site.key,
        summary=in_language(page.summary, languages) or summary,
        image=f"{origin}{image}" if image.startswith("/") and not image.startswith("//") else image,
        noindex=page.noindex,
    )


def _plain(text: str) -> str:
    """Return a text without markup, no longer than a search engine shows."""
    plain = " ".join(Markup(text).striptags().split()) if isinstance(text, Markup) else text  # noqa: S704  # taken out
    return plain if len(plain) <= _MOST_SAID else f"{plain[:_MOST_SAID].rpartition(' ')[0]} …"


def tag_script(site: Site, language: str) -> str:
    """Return the element that loads the tag, with what it must know of the site and the page (docs/tag.md)."""
    signals = [name for name in ("gpc", "dnt") if getattr(site.signals, name)]
    told = {"site": site.key, "write-key": site.write_key, "locale": language, "signals": ",".join(signals)}
    if site.hosting.consent == "ask":
        told["consent"] = "ask"
    said = "".join(f' data-{name}="{escape(value)}"' for name, value in told.items() if value)
    more = f'<script src="{SCRIPT}" defer></script>' if site.hosting.banner.show else ""
    return f'<script src="{_tag()}" defer{said}></script>{more}'


@lru_cache(2_048)
def head(about: About) -> str:
    """Return everything up to the body."""
    lines = [
        "<!doctype html>",
        f'<html lang="{about.language}" dir="{direction(about.language)}">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(about.title)}</title>",
    ]
    if about.summary:
        lines.append(f'<meta name="description" content="{escape(about.summary)}">')
    if about.noindex:
        lines.append('<meta name="robots" content="noindex">')
    if about.canonical and not about.noindex:
        lines.append(f'<link rel="canonical" href="{escape(about.canonical)}">')
        lines += [
            f'<link rel="alternate" hreflang="{language}" href="{escape(where)}">'
            for language, where in about.alternates
        ]
    shared = {"title": about.title, "description": about.summary, "image": about.image, "url": about.canonical}
    lines += [f'<meta property="og:{name}" content="{escape(value)}">' for name, value in shared.items() if value]
    if about.theme:
        lines.append(f'<link rel="stylesheet" href="{escape(about.theme)}">')
    if about.script:
        lines.append(about.script)
    return "\n".join(lines) + "\n"


def document(about: About, path: str, decision: Decision, html: str, before: str = "", after: str = "") -> bytes:
    """Return the whole document of a decision with the `html` of its page; `before` and `after` all in the body."""
    body = (
        f'</head>\n<body class="lt-page" data-lenticular-page="{escape(path)}"'
        f' data-lenticular-decision="{escape(decision.id)}">\n'
        f'{before}<a class="lt-skip" href="#main">{escape(words_in(about.language).skip)}</a>\n'
        f'{about.top}<main id="main" tabindex="-1">\n{html}\n</main>\n{about.bottom}{after}</body>\n</html>\n'
    )
    told = f'<script type="application/json" id="lenticular-decision">{_told(decision)}</script>\n'
    return (head(about) + told + body).encode("utf-8", "replace")


_SKETCH = (
    "default-src 'none'; style-src {0}; img-src {0} https: data:; media-src {0} https:; font-src {0} https:; "
    "form-action 'none'; base-uri 'none'"
)
"""The policy of what is shown in an editor, a frame without an origin of its own; {0} is ours. Nothing runs in it."""


def sketch(about: About, html: str, origin: str, path: str = "") -> str:
    """Return the document of what is being edited, for a sandboxed frame: without the tag, its links lead nowhere."""
    at = f' data-lenticular-page="{escape(path)}"' if path else ""
    begin, _, rest = head(about).partition("<head>\n")
    policy = f'<meta http-equiv="Content-Security-Policy" content="{escape(_SKETCH.format(origin))}">\n'
    main = f'{about.top}<main id="main">\n{html}\n</main>\n{about.bottom}'
    body = f'</head>\n<body class="lt-page"{at}>\n{main}</body>\n</html>\n'
    return f'{begin}<head>\n{policy}<base target="_blank">\n{rest}{body}'


def _told(decision: Decision) -> str:
    """Return a decision as a page has it: its HTML stands in the body, and nothing in it ends the element."""
    page = decision.page and msgspec.structs.replace(decision.page, html=msgspec.UNSET)
    slots = {key: msgspec.structs.replace(slot, html=msgspec.UNSET) for key, slot in decision.slots.items()}
    return _encode(msgspec.structs.replace(decision, page=page, slots=slots)).decode().replace("<", "\\u003c")


def plain(about: About, title: str, text: str, link: tuple[str, str] | None = None) -> bytes:
    """Return a document that says one thing, for where a site has no page of its own to say it."""
    more = f'<p><a href="{escape(link[1])}">{escape(link[0])}</a></p>' if link else ""
    said = (
        f'<div class="lt-block"><div class="lt-prose"><h1>{escape(title)}</h1><p>{escape(text)}</p>{more}</div></div>'
    )
    main = f'{about.top}<main id="main">\n{said}\n</main>\n{about.bottom}'
    body = f'</head>\n<body class="lt-page">\n{main}</body>\n</html>\n'
    return (head(about) + body).encode("utf-8", "replace")
