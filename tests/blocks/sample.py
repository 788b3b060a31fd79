"""A page with every kind of block, as a bank might have it."""

from __future__ import annotations

from typing import Any

from lenticular.app.block_kinds import block_kinds
from lenticular.blocks.render import BlockRenderer
from lenticular.blocks.scene import Scene, Shown
from lenticular.catalog.content_type import ContentField, ContentType
from lenticular.decide.decision import Item

OFFER = ContentType(
    key="offer",
    fields=(
        ContentField("title", "text", localized=True),
        ContentField("text", "richText", localized=True),
        ContentField("image", "image"),
        ContentField("link", "link"),
        ContentField("since", "date"),
        ContentField("price", "number"),
    ),
)
STORY = ContentType("story", fields=(ContentField("body", "richText", localized=True),))
TYPES = {"offer": OFFER, "story": STORY}


def picture(name: str, alt: str = "", **more: Any) -> dict[str, Any]:
    src = f"/media/{name}.png"
    return {"src": src, "alt": alt, "width": 1200, "height": 800, "srcset": {"600": src, "1200": src}, **more}


def item(key: str, title: str, text: str, **fields: Any) -> Item:
    own = {"title": {"en": title}, "text": {"en": text}, "image": picture(key, f"{title}, a picture"), **fields}
    return Item(key, "offer", {"link": {"url": f"/{key}", "label": {"en": "Have a look"}}, **own})


CARDS = (
    item("student", "Student account", "<p>No fees until you are <strong>26</strong>.</p>", price=0),
    item("abroad", "Study abroad card", "<p>Pay anywhere, at the bank's own rate.</p>", price=1234.5),
    item("pot", "Savings pot", "<p>Round up what you pay, and see it grow.</p>", since="2026-02-01"),
)
LONG = Item(
    "long",
    "story",
    {"title": "L", "summary": "In short", "body": {"en": "<p>At <em>length</em><script>1</script></p>"}},
)
AD = item("gold", "The Gold Card", "<p>2 % back on everything, from the first day.</p>")


def block(name: str, kind: str, parent: str | None = None, items: tuple[Item, ...] = (), **settings: Any) -> Shown:
    return Shown(name, kind, settings, items, "offers" if items else None, parent)


def page() -> list[Shown]:
    """Return the blocks, containers before what they contain."""
    form = {
        "name": {"label": "Your name", "position": "a", "required": True, "autocomplete": "name"},
        "email": {"label": "E-mail", "type": "email", "position": "b", "required": True, "autocomplete": "email"},
        "branch": {
            "label": "Branch",
            "type": "choice",
            "position": "c",
            "choices": {"brookline": {"label": "Brookline"}, "salem": {"label": "Salem", "position": "b"}},
        },
        "note": {"label": "What is it about?", "type": "longText", "position": "d", "help": "A sentence is enough."},
        "news": {"label": "Send me the newsletter", "type": "yesNo", "position": "e"},
    }
    prose = (
        "<h2>Why people change banks</h2><p>Mostly for <strong>service</strong>, says "
        '<a href="/study">our study</a>.</p><ul><li>Somebody answers</li><li>Fees are told</li></ul>'
        "<blockquote>They called me back within the hour.</blockquote>"
    )
    return [
        block("bar", "banner", text="Our branch in Salem is closed on Friday.", action={"label": "More", "url": "/b"}),
        block(
            "hero",
            "hero",
            title={"en": "Your first account, on us", "es": "Tu primera cuenta, de nuestra parte"},
            text={"en": "No fees until you are 26. Open it in five minutes, from your phone."},
            picture=picture("hero", "Two people with a phone", focus={"x": 0.8, "y": 0.3}),
            action={"label": {"en": "Open an account"}, "url": "/open"},
            second={"label": {"en": "How it works"}, "url": "/how"},
        ),
        block("offers", "card-list", items=CARDS, title="For you", action={"label": "All offers", "url": "/offers"}),
        block("two", "section", columns="7-5", background="soft", title="Good to know"),
        block("text", "rich-text", "two", text=prose),
        block("photo", "image", "two", picture=picture("branch", "A branch"), caption="Brookline", ratio="4-3"),
        block("ad", "offer", items=(AD,), label="Advertisement"),
        block("row", "carousel", items=CARDS * 2, title="From the magazine"),
        block("strong", "section", columns="4-4-4", background="strong", title="In figures", space="small"),
        block("f1", "heading", "strong", text="47,310 people", level=3),
        block("f2", "heading", "strong", text="12 branches", level=3),
        block("f3", "rich-text", "strong", text='<p>One promise, <a href="/promise">in writing</a>.</p>'),
        block("behind", "section", columns="6-6", picture=picture("hero"), title="Come by"),
        block("contact", "form", "behind", title="Ask us", event="Contact Requested", fields=form, thanks="/thanks"),
        block("pasted", "html", "behind", html='<div class="x"><p>Open <b>9 to 5</b>.</p></div>'),
        block("gap", "spacer", line=True),
        block("find", "search", label="Search the bank"),
        block("do", "call-to-action", title="Questions?", text="Call us, day and night.",
              action={"label": "Call", "url": "tel:+15550100"}, second={"label": "Write", "url": "mailto:a@b.example"}),
        block(
            "over", "hero", title="Abroad?", text="Take us along.", layout="behind", picture=picture("abroad"),
            action={"label": "See the card", "url": "/abroad"},
        ),
        block("warn", "banner", text="We never ask for your password.", tone="warning"),
    ]  # fmt: skip


def renderer() -> BlockRenderer:
    return BlockRenderer(block_kinds(), TYPES, "bank")


def html(*languages: str) -> str:
    """Return the page's HTML in some languages."""
    chosen = languages or ("en",)
    rendered = renderer().render(page(), Scene("page", "/", chosen, chosen[0]))
    assert rendered.failures == ()
    return rendered.html
