"""What a preview adds to a page: a panel that says why each part is shown. No script runs in it."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import escape
from msgspec import UNSET

from lenticular.app.engine import Engine
from lenticular.app.preview_token import Preview
from lenticular.criteria.sentence import sentence
from lenticular.decide.decision import Decision, PageDecision, SlotDecision
from lenticular.decide.explanation import Explanation, PlaceExplained
from lenticular.decide.wording import when

_STYLE = """#lenticular-why{position:fixed;inset:auto 0 0 auto;z-index:2147483000;max-width:min(34rem,100vw);
max-height:80vh;overflow:auto;margin:0;padding:.6rem .9rem;box-sizing:border-box;border:2px solid #6f4600;
background:#fffbf2;
color:#1d1300;font:400 14px/1.5 system-ui,sans-serif;text-align:start}
#lenticular-why summary{cursor:pointer;font-weight:650}
#lenticular-why :is(h2,p,ul){margin:.5em 0 0;font-size:inherit}#lenticular-why ul{padding-inline-start:1.2em}
#lenticular-why code{font-size:.95em}"""


def panel(preview: Preview, engine: Engine, decision: Decision, nonce: str) -> str:
    """Return the panel of a decision that was explained.

    Of a real person it names experiences, reasons and segments: what their rules ask would tell of their traits.
    """
    lines = [
        f'<style nonce="{escape(nonce)}">{_STYLE}</style>',
        '<details id="lenticular-why" lang="en" dir="ltr"><summary>Preview: why this is shown</summary>',
        f"<p>{escape(_shown(preview, engine))}</p>",
    ]
    explained = decision.explain
    if isinstance(explained, Explanation):
        if decision.page is not None and explained.page is not None:
            name = f"Page {decision.page.path}"
            lines += _place(name, decision.page, explained.page, engine, preview)
        for block in decision.page.blocks if decision.page else ():
            if block.reason is not None:
                where = f"block {block.id}, collection {block.collection}"
                items = ", ".join(item.key for item in block.items) or "nothing"
                lines.append(f"<p>{escape(where)}: <code>{escape(block.reason)}</code>, {escape(items)}</p>")
        for key, slot in decision.slots.items():
            lines += _place(f"Slot {key}", slot, explained.slots[key], engine, preview)
    return "\n".join([*lines, "</details>\n"])


def _shown(preview: Preview, engine: Engine) -> str:
    """Return in a sentence what the link shows."""
    who = "As this visit is"
    if preview.profile is not None:
        who = f"As the person with the profile {preview.profile}"
        who += "" if preview.caps else ", without frequency caps"
    if preview.persona is not None:
        persona = engine.catalog.personas[preview.persona]
        who = f"As {persona.name or persona.key}"
    if preview.segments is not None:
        names = [engine.catalog.segments[key].name or key for key in preview.segments]
        who += f", in {' and '.join(names) if names else 'no segment'}"
    calendar = engine.snapshot.calendar
    at = f", at {when(preview.at, calendar)}" if preview.at is not None else ""
    drafts = ", with all drafts" if preview.drafts else ""
    return f"{who}{at}{drafts}. Nothing here is counted. The link ends {when(preview.expires, calendar)}."


def _place(
    name: str, part: PageDecision | SlotDecision, place: PlaceExplained, engine: Engine, preview: Preview
) -> Iterator[str]:
    yield f"<h2>{escape(name)}: <code>{escape(part.reason)}</code></h2><p>{escape(place.message)}</p>"
    if part.held_out is not UNSET:
        yield "<p>In truth the default: this person is held out.</p>"
    if part.segment is not None and part.segment in engine.segments.trees:
        said = engine.catalog.segments[part.segment].name or part.segment
        if preview.profile is None:
            said += f": {sentence(engine.segments.trees[part.segment], engine.segments.schema)}"
        yield f"<p>{escape(said)}</p>"
    told = [f"<li>{escape(one.message)}</li>" for one in place.experiences]
    for collection in place.collections:
        told += [f"<li>{escape(collection.block)}: {escape(one.message)}</li>" for one in collection.lists]
        told += [
            f"<li>{escape(collection.block)}, {escape(one.item)}: {escape(one.message)}</li>"
            for one in collection.left_out
        ]
    if told:
        yield f"<ul>{''.join(told)}</ul>"
