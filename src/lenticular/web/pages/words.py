"""What pages say by themselves, in the visitor's language where it is known here."""

from __future__ import annotations

import msgspec

from lenticular.blocks.locale import language_chain


class Words(msgspec.Struct, frozen=True):
    """The few texts of a page that are nobody's content."""

    skip: str
    missing: str
    missing_text: str
    gone: str
    gone_text: str
    broken: str
    broken_text: str
    home: str


_WORDS = {
    "en": Words(
        skip="Skip to the content",
        missing="This page is not here",
        missing_text="The address may be mistyped, or the page has moved.",
        gone="This page is no longer here",
        gone_text="It was taken down for good.",
        broken="This page can't be shown now",
        broken_text="Please try again in a moment.",
        home="Go to the home page",
    ),
    "es": Words(
        skip="Ir al contenido",
        missing="Esta página no existe",
        missing_text="Puede que la dirección esté mal escrita o que la página se haya movido.",
        gone="Esta página ya no está",
        gone_text="Se ha retirado definitivamente.",
        broken="Ahora no se puede mostrar esta página",
        broken_text="Inténtelo de nuevo dentro de un momento.",
        home="Ir a la página de inicio",
    ),
}


def words_in(language: str) -> Words:
    """Return the words in a language, in English if they are not there."""
    return next((_WORDS[one] for one in language_chain(language) if one in _WORDS), _WORDS["en"])
