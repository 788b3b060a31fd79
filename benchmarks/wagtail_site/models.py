"""The page: six banners and a list of offers, which may have variants by segment."""

from __future__ import annotations

from wagtail.blocks import CharBlock, ListBlock, StructBlock, TextBlock
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail_personalisation.models import PersonalisablePageMixin

BANNER = StructBlock([("title", CharBlock()), ("text", TextBlock())])
OFFERS = StructBlock([("title", CharBlock()), ("items", ListBlock(CharBlock()))])


class HomePage(PersonalisablePageMixin, Page):
    """A page of blocks."""

    body = StreamField([("banner", BANNER), ("offers", OFFERS)])
    template = "wagtail_site/home.html"
