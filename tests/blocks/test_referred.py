"""A template reaches the item that an item refers to; where it is not shown nothing breaks."""

from __future__ import annotations

from lenticular.blocks.decided import DecisionRenderer
from lenticular.blocks.kind import Kind
from lenticular.blocks.registry import Kinds, Source
from lenticular.decide.decide import decide
from lenticular.decide.decision import Outcome
from lenticular.decide.request import Request, Visitor
from lenticular.decide.snapshot import compile_snapshot
from tests.decide.test_referred import NOW, catalog

TEMPLATE = """{% for one in items %}<p>{{ one.title }} by {{ one.fields.author.title }}
{% for each in one.fields.more %}, {{ each.title }}{% endfor %}</p>{% endfor %}"""


class Stories(Kind):
    name = "list"
    items = "many"


def rendered() -> Outcome:
    made = catalog()
    snapshot = compile_snapshot(made)
    outcome = decide(snapshot, Request("/"), frozenset(), Visitor(), NOW, "d")
    return DecisionRenderer(made, snapshot, Kinds([Source(Stories, TEMPLATE)])).render(outcome, "es")


def test_it_is_shown_in_the_visitors_language_and_what_is_missing_is_empty() -> None:
    outcome = rendered()
    assert outcome.decision.page is not None and isinstance(outcome.decision.page.html, str)
    html = " ".join(outcome.decision.page.html.split())
    assert "<p>A by Eva , B</p>" in html and "<p>B by </p>" in html
    assert outcome.failures == ()
