"""Answers of hosted pages: status, headers, body, and none where the browser has it already."""

from __future__ import annotations

import secrets
from types import SimpleNamespace

import msgspec

from lenticular.app.engine import Engine
from lenticular.app.preview_token import Preview
from lenticular.blocks.items import item_view
from lenticular.blocks.locale import language_chain
from lenticular.catalog.page import Page, plain_path
from lenticular.decide.decision import Decision
from lenticular.errors import LenticularError
from lenticular.ids import short_hash
from lenticular.web.asgi import Headers, Scope, Send, header
from lenticular.web.pages.address import NOT_FOUND, Spot, alternates, canonical
from lenticular.web.pages.document import FORM, POLICY, About, about_page, document, plain, tag_script
from lenticular.web.pages.frame import UNASKED, Frame, Here, asks, frame
from lenticular.web.pages.languages import same_language
from lenticular.web.pages.panel import panel
from lenticular.web.pages.seen import pixel
from lenticular.web.pages.visitor import Caller, cookie_for
from lenticular.web.pages.words import words_in
from lenticular.web.theme import theme_for

_HTML = b"text/html; charset=utf-8"
_PLAIN_POLICY = POLICY.format(style="").encode()
_SAFE: Headers = [
    (b"content-security-policy", _PLAIN_POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
]
_NEVER: Headers = [(b"cache-control", b"no-store"), (b"x-robots-tag", b"noindex")]


class Asked(msgspec.Struct, frozen=True):
    """A request for a page: the engine that answers it, and scheme and host by which its site wants to be known."""

    scope: Scope
    send: Send
    engine: Engine
    origin: str


async def answer_page(
    asked: Asked, status: int, spot: Spot, decision: Decision, caller: Caller, preview: Preview | None = None
) -> None:
    """Answer with the page of a decision that is rendered."""
    about = _about(asked, spot, status, caller.said or (UNASKED if preview else ""), _named_item(asked, spot, decision))
    html = _in_language(asked, spot, decision.page.html if decision.page and decision.page.html else "")
    headers: Headers = [(b"content-language", about.language.encode())]
    if spot.negotiated:
        headers.append((b"vary", b"Accept-Language"))
    if preview is not None:
        nonce = secrets.token_urlsafe(16)
        # Without the tag nothing is sent; the address with the token goes to nobody but this server.
        about = msgspec.structs.replace(about, script="", noindex=True)
        body = document(about, spot.path, decision, html, panel(preview, asked.engine, decision, nonce))
        policy = POLICY.format(style=f" 'nonce-{nonce}'").encode()
        safe: Headers = [(b"content-security-policy", policy), *_SAFE[1:2], (b"referrer-policy", b"same-origin")]
        await send_body(asked, status, body, [*headers, *safe, *_NEVER], _HTML)
        return
    etag = _etag(asked, spot, decision, about)
    same = not caller.new and not asks(asked.engine.catalog.site)
    shared = decision.cache == "shared" and status == 200 and same and not _has_items(decision)
    headers += [
        *_SAFE,
        (b"etag", etag),
        (b"cache-control", b"public, max-age=60" if shared else b"private, no-cache"),
    ]
    if caller.new and asked.scope["method"] == "GET":
        headers.append((b"set-cookie", cookie_for(caller, asked.scope.get("scheme") == "https")))
    if status == 200 and _has(asked.scope, etag):
        await _send(asked, 304, b"", headers)
        return
    # Who has no id has nothing to count.
    after = pixel(asked.engine.catalog.site.key, decision) if caller.anonymous_id else ""
    await send_body(asked, status, document(about, spot.path, decision, html, after=after), headers, _HTML)


async def answer_plain(
    asked: Asked, status: int, language: str, error: LenticularError | None = None, preview: bool = False
) -> None:
    """Answer with a page of ours, that says what became of the one that was asked for."""
    words = words_in(language)
    site = asked.engine.catalog.site
    texts = {404: (words.missing, words.missing_text), 410: (words.gone, words.gone_text)}
    title, text = texts.get(status, (words.broken, words.broken_text))
    link: tuple[str, str] | None = (words.home, "/") if status in texts else None
    headers: Headers = [*_SAFE, (b"cache-control", b"no-cache")]
    if error is not None:
        first, *more = error.problems
        title, text, link = first.message, " ".join([first.hint, *(one.message for one in more)]).strip(), None
        language = "en"
    if error is not None or preview or status >= 500:
        headers = [*_SAFE, *_NEVER]
    around = frame(site, Here("", language, said=UNASKED)) if error is None else Frame()
    about = About(language, title, noindex=True, theme=theme_for(site), top=around.top, bottom=around.bottom)
    await send_body(asked, status, plain(about, title, text, link), headers, _HTML)


async def redirect(asked: Asked, path: str) -> None:
    """Send a browser to the one address of a page, for good; the query goes along."""
    query = asked.scope["query_string"]
    where = path.encode() + (b"?" + query if query else b"")
    await _send(asked, 308, b"", [*_SAFE, (b"location", where), (b"cache-control", b"no-cache")])


async def send_body(asked: Asked, status: int, body: bytes, headers: Headers, kind: bytes) -> None:
    """Answer with a body; asked for the head, without it."""
    await _send(asked, status, body, [(b"content-type", kind), *headers])


async def _send(asked: Asked, status: int, body: bytes, headers: Headers) -> None:
    length: Headers = [] if status in (204, 304) else [(b"content-length", b"%d" % len(body))]
    await asked.send({"type": "http.response.start", "status": status, "headers": [*headers, *length]})
    await asked.send({"type": "http.response.body", "body": b"" if asked.scope["method"] == "HEAD" else body})


def _named_item(asked: Asked, spot: Spot, decision: Decision) -> SimpleNamespace | None:
    """Return the item that the page's path names, if it names one."""
    catalog = asked.engine.catalog
    for block in decision.page.blocks if decision.page else ():
        collection = catalog.collections.get(block.collection or "")
        if collection is not None and collection.parameter is not None and block.items:
            [item, *_] = block.items
            return item_view(item, catalog.types, language_chain(spot.language, catalog.site.locales))
    return None


def _about(asked: Asked, spot: Spot, status: int, said: str, item: SimpleNamespace | None) -> About:
    catalog = asked.engine.catalog
    site, place = catalog.site, asked.engine.snapshot.page(spot.path)
    page = _page_at(asked.engine, place.path if place else spot.path)
    about = about_page(page, site, spot.language, asked.origin, item)
    found = status == 200 and spot.path != NOT_FOUND
    others = alternates(spot.path, site.locales) if found else ()
    around = frame(site, Here(spot.path, spot.language, spot.prefix, said, others[:-1]))
    return msgspec.structs.replace(
        about,
        canonical=f"{asked.origin}{canonical(spot, site.locales)}" if found else "",
        alternates=tuple((language, f"{asked.origin}{path}") for language, path in others),
        noindex=about.noindex or not found,
        theme=theme_for(site),
        script=tag_script(site, about.language),
        top=_in_language(asked, spot, around.top),
        bottom=_in_language(asked, spot, around.bottom),
    )


def _in_language(asked: Asked, spot: Spot, html: str) -> str:
    return same_language(html, spot.prefix, asked.engine.snapshot, asked.engine.catalog.site.locales)


def _page_at(engine: Engine, path: str) -> Page:
    found = engine.pages.get(path)
    return found or Page(path, plain_path(path))


def _etag(asked: Asked, spot: Spot, decision: Decision, about: About) -> bytes:
    """Return the version of a page: of all that is seen of it, and of the decision if there is something to count.

    The tag counts what was seen by the decision that the page carries: a page that a browser has kept must not bring
    back the one of another view.
    """
    face = (FORM, asked.engine.snapshot.revision, decision.cache_key, spot.path, repr(about))
    counted = decision.id if _has_items(decision) else ""
    return f'W/"{short_hash(chr(0).join((*face, counted)))}"'.encode()


def _has_items(decision: Decision) -> bool:
    blocks = decision.page.blocks if decision.page is not None else ()
    return any(block.items for block in blocks) or any(slot.items for slot in decision.slots.values())


def _has(scope: Scope, etag: bytes) -> bool:
    """Return whether the browser has this version (RFC 9110, 13.1.2: compared weakly)."""
    known = header(scope, b"if-none-match")
    return bool(known) and (known.strip() == b"*" or etag in {one.strip() for one in known.split(b",")})
