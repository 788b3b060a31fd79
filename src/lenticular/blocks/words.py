"""The few words that blocks say by themselves."""

from __future__ import annotations

from types import SimpleNamespace

_WORDS = {
    "en": {
        "search": "Search",
        "send": "Send",
        "required": "required",
        "choose": "Choose …",
        "advertisement": "Advertisement",
        "more": "More",
    },
    "es": {
        "search": "Buscar",
        "send": "Enviar",
        "required": "obligatorio",
        "choose": "Elija …",
        "advertisement": "Publicidad",
        "more": "Más",
    },
    "fr": {
        "search": "Rechercher",
        "send": "Envoyer",
        "required": "obligatoire",
        "choose": "Choisissez …",
        "advertisement": "Publicité",
        "more": "Plus",
    },
    "de": {
        "search": "Suchen",
        "send": "Senden",
        "required": "Pflichtfeld",
        "choose": "Bitte wählen …",
        "advertisement": "Anzeige",
        "more": "Mehr",
    },
}
_READY = {language: SimpleNamespace(**words) for language, words in _WORDS.items()}


def words_of(languages: tuple[str, ...]) -> SimpleNamespace:
    """Return the words in the first language that has them, English at last."""
    return next((_READY[one] for one in languages if one in _READY), _READY["en"])
