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
    menu: str
    languages: str
    ask: str
    ask_text: str
    accept: str
    refuse: str
    choices: str
    accepted: str
    refused: str


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
        menu="Main menu",
        languages="Languages",
        ask="May this site remember your visits?",
        ask_text="If you agree, it shows what fits you and counts what is read. If not, everything works all the same.",
        accept="Accept",
        refuse="Only what is needed",
        choices="Privacy choices",
        accepted="You have agreed that this site remembers your visits.",
        refused="Nothing is kept of your visits.",
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
        menu="Menú principal",
        languages="Idiomas",
        ask="¿Puede este sitio recordar sus visitas?",
        ask_text="Si acepta, muestra lo que le conviene y cuenta lo que se lee. Si no, todo funciona igual.",
        accept="Aceptar",
        refuse="Solo lo necesario",
        choices="Opciones de privacidad",
        accepted="Ha aceptado que este sitio recuerde sus visitas.",
        refused="No se guarda nada de sus visitas.",
    ),
}


def words_in(language: str) -> Words:
    """Return the words in a language, in English if they are not there."""
    return next((_WORDS[one] for one in language_chain(language) if one in _WORDS), _WORDS["en"])
