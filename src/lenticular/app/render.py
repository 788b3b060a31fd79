"""The HTML of a page, a slot or a content item as it stands in an editor, as somebody would see it. Nothing is kept."""

from __future__ import annotations

from typing import Any

import msgspec

from lenticular.app.decide import DecideRequest, Where
from lenticular.app.edited import Edited, edited_engine
from lenticular.app.engine import Engine
from lenticular.app.moments import ms_of
from lenticular.app.preview import decide_as, refuse_unknown
from lenticular.app.preview_link import NewPreview, person_id
from lenticular.app.preview_token import Preview
from lenticular.app.site import LiveSite
from lenticular.blocks.scene import Shown
from lenticular.catalog.page import plain_path
from lenticular.decide.changed import showing
from lenticular.decide.decision import Decision, Outcome
from lenticular.decide.place import Place
from lenticular.errors import LenticularError, Problem, did_you_mean
from lenticular.intake.sender import Sender

_SAID = frozenset({"block.settings", "block.unknown-kind"})
"""What the checks of a definition say with a better place."""


class RenderAsked(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What to show: a `page` by its path, a `slot` by its key, or a content `item` by its key in a block of a `kind`.

    `definitions` are as they stand in the editor, over what is live, or with `drafts` over all drafts. It is shown as a
    preview link would (see NewPreview); `experience` shows one whatever the rules say, `""` the default. `blocks`: the
    HTML of each block by itself too.
    """

    page: str | None = None
    slot: str | None = None
    item: str | None = None
    kind: str = "offer"
    definitions: tuple[Edited, ...] = ()
    drafts: bool = False
    experience: str | None = None
    segments: tuple[str, ...] | None = None
    persona: str | None = None
    profile: str = ""
    user_id: str = ""
    anonymous_id: str = ""
    caps: bool = True
    at: str | int | None = None
    locale: str = ""
    url: str | None = None
    blocks: bool = False


class Rendition(msgspec.Struct, frozen=True):
    """What is shown: its `html`; if asked for, that of each block; the `decision` of a page or slot; the problems."""

    engine: Engine
    html: str
    blocks: dict[str, str] | None
    decision: Decision | None
    problems: tuple[Problem, ...]


async def render_edited(site: LiveSite, asked: RenderAsked) -> Rendition:
    """Return what is asked for. Raises LenticularError for what is not there, StoreError, EventsUnavailableError."""
    if [asked.page, asked.slot, asked.item].count(None) != 2:
        hint = 'Send "page": "/", or "slot", or "item".'
        raise LenticularError(Problem("render.what", "One page, slot or item is shown at once.", hint=hint))
    edited = await edited_engine(site, asked.definitions, asked.drafts)
    if asked.item is not None:
        return _item(edited.engine, asked, edited.problems)
    engine = _shown(edited.engine, asked)
    path = None if asked.page is None else _example(engine, asked.page)
    preview = await _preview(site, asked)
    refuse_unknown(preview, engine)
    slots = () if asked.slot is None else (asked.slot,)
    where = None if asked.url is None else Where(url=asked.url)
    request = DecideRequest(site.key, path, slots, explain=True, context=where)
    decided = await decide_as(site, engine, preview, request, Sender(language=asked.locale))
    rendering = engine.rendering()
    blocks: dict[str, str] | None = {} if asked.blocks else None
    outcome = rendering.render(decided.outcome, asked.locale, blocks)
    decision = outcome.decision
    if decision.page is None and asked.page is not None:  # its path names an item that is not there
        raise LenticularError(*(decision.problems or ()))
    html = decision.page.html if decision.page is not None else decision.slots[asked.slot or ""].html
    problems = (*edited.problems, *_broken(outcome))
    return Rendition(engine, html if isinstance(html, str) else "", blocks, decision, problems)


async def _preview(site: LiveSite, asked: RenderAsked) -> Preview:
    named = {name: getattr(asked, name) for name in ("persona", "profile", "user_id", "anonymous_id")}
    profile = await person_id(site, NewPreview(**named))
    return Preview(site.key, 0, "", asked.segments, asked.persona, asked.drafts, ms_of(asked.at), profile, asked.caps)


def _shown(engine: Engine, asked: RenderAsked) -> Engine:
    """Return an engine that shows what is asked for, one of its experiences to everybody if asked. Raises
    LenticularError.
    """
    snapshot = engine.snapshot
    what, name = ("page", asked.page) if asked.page is not None else ("slot", asked.slot or "")
    name = name or ""
    place = snapshot.page(name) if what == "page" else snapshot.slots.get(name)
    known: Any = snapshot.pages if what == "page" else snapshot.slots
    if place is None:
        raise _unknown(what, name, known)
    if asked.experience is None:
        return engine
    always = showing(place, asked.experience)
    if always is None:
        raise _unknown("experience", asked.experience, [one.key for one in place.options])
    if what == "slot":
        changed = msgspec.structs.replace(snapshot, slots={**snapshot.slots, name: always})
    else:
        patterns = tuple((form, always if one is place else one) for form, one in snapshot.patterns)
        pages: dict[str, Place] = {**snapshot.pages, place.path: always}
        changed = msgspec.structs.replace(snapshot, pages=pages, patterns=patterns)
    return msgspec.structs.replace(engine, snapshot=changed)


def _example(engine: Engine, path: str) -> str:
    """Return an address of a page: of one whose path names an item that of the first there is."""
    place = engine.snapshot.page(path)
    for key in sorted(place.named) if place is not None and plain_path(path) == place.path else ():
        collection = engine.snapshot.collections[key]
        first = next((one.item.key for each in collection.lists for one in each.everything()), "")
        path = path.replace(f":{collection.parameter}", first or f":{collection.parameter}")
    return path


def _unknown(what: str, name: str, known: Any) -> LenticularError:
    hint = did_you_mean(name, known) or (f"Known: {', '.join(sorted(known)[:8])}." if known else "There is none yet.")
    return LenticularError(Problem(f"render.unknown-{what}", f'There is no {what} "{name}".', what, hint))


def _item(engine: Engine, asked: RenderAsked, problems: tuple[Problem, ...]) -> Rendition:
    """Return a content item in a block, whether it is due or not."""
    key = asked.item or ""
    ready = engine.snapshot.items.get(key)
    if ready is None:
        raise _unknown("item", key, engine.snapshot.items)
    shown = Shown(key, asked.kind, {}, (ready.item,), "")
    rendered = engine.rendering().item(shown, asked.locale)
    failed = tuple(problem for one in rendered.failures for problem in one.problems)
    blocks = {key: rendered.html} if asked.blocks else None
    return Rendition(engine, rendered.html, blocks, None, (*problems, *failed))


def _broken(outcome: Outcome) -> list[Problem]:
    """Return what could not be shown, beside what the checks of definitions say."""
    found = outcome.decision.problems
    return [one for one in found if one.code not in _SAID] if isinstance(found, list) else []
