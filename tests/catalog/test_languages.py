from __future__ import annotations

import msgspec

from lenticular.catalog.languages import languages_of
from tests.decide.world import catalog_of


def test_the_languages_of_a_site_are_those_it_lists_and_those_of_its_texts() -> None:
    settings = {
        "title": {"es-MX": "Hola"},
        "picture": {"src": "/a", "alt": "A"},
        "fields": {"a": {"label": {"pt": "O"}}},
    }
    overrides = {"h": {"settings": {"title": {"fr": "Salut", "de": "Hallo"}}}}
    blocks = {"h": {"kind": "hero", "settings": settings}}
    catalog = catalog_of(
        pages={"p": {"path": "/", "blocks": blocks, "experiences": [{"key": "e", "overrides": overrides}]}},
        slots={"s": {"block": {"kind": "banner", "settings": {"text": {"it": "Ciao"}}}}},
        content={"c": {"type": "offer", "fields": {"title": {"nl": "Dag"}, "number": {"se": 5}}}},
    )
    site = msgspec.structs.replace(catalog.site, locales=("en-GB",))
    spoken = languages_of(msgspec.structs.replace(catalog, site=site))
    assert spoken == {"en", "es", "pt", "fr", "de", "it", "nl"}
