"""Rules in Spanish.

Properties have names of their users' own, whose gender nobody knows: so no article stands before them, and no word
of ours agrees with them (`se desconoce plan`, not `plan es desconocido`). Plurals and signs in numbers are those of
CLDR's `es`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lenticular.criteria.operators import OPERATORS
from lenticular.criteria.tree import Ago, Ahead, Date, Datetime, Right, Today
from lenticular.criteria.words.language import Joint, Words, duration_parts
from lenticular.criteria.words.spanish_tables import SPANISH
from lenticular.criteria.words.subject import Subject
from lenticular.criteria.words.tables import Forms

_NUMBER = {
    "==": "es {right}",
    "<": "es menor que {right}",
    "<=": "es como máximo {right}",
    ">": "es mayor que {right}",
    ">=": "es al menos {right}",
}
_MOMENT = {
    "==": "es {the}",
    "<": "es anterior {to}",
    "<=": "es {the} o anterior",
    ">": "es posterior {to}",
    ">=": "es {the} o posterior",
}
_ORDER: dict[type, dict[str, str]] = {
    Date: _MOMENT,
    Datetime: _MOMENT,
    Today: _MOMENT,
    Ago: {
        "==": "fue hace {span}",
        "<": "fue hace más de {span}",
        "<=": "fue hace {span} o más",
        ">": "fue hace menos de {span}",
        ">=": "fue hace {span} o menos",
    },
    Ahead: {
        "==": "es dentro de {span}",
        "<": "es dentro de menos de {span}",
        "<=": "es dentro de {span} o menos",
        ">": "es dentro de más de {span}",
        ">=": "es dentro de {span} o más",
    },
}
OPERATOR_PHRASES = {
    "contains": ("contiene {right}", "no contiene {right}"),
    "starts_with": ("empieza por {right}", "no empieza por {right}"),
    "ends_with": ("termina en {right}", "no termina en {right}"),
    "matches": ("coincide con el patrón {right}", "no coincide con el patrón {right}"),
    "in": ("es {right}", "no es {right}"),
    "has": ("incluye {right}", "no incluye {right}"),
    "has_any": ("incluye {right}", "no incluye {right}"),
    "has_all": ("incluye a la vez {right}", "no incluye a la vez {right}"),
    "is not None": ("se conoce", "se desconoce"),
}
"""What follows the label when an operator holds and when it does not; those of order stand by right side."""
_PLURALS = {"incluye": "incluyen", "se conoce": "se conocen", "se desconoce": "se desconocen"}
_FEMININE = ("h", "w")
_JOINTS = {"and": "y", "or": "o", "nor": "ni"}
_E = re.compile(r"[«(]*h?[ií](?![aeoáéó])", re.IGNORECASE)
_U = re.compile(r"[«(]*(?:h?[oó]|8|11(?!\d))", re.IGNORECASE)


class Spanish(Words):
    """Spanish."""

    tables = SPANISH
    language = "es"
    unknown, never, empty_list, empty_text = "no se conoce", "nunca", "una lista vacía", "un texto vacío"
    yes, no = "sí", "no"
    measured_plural = False
    separators = (".", ",")
    quotes = ("«", "»")

    BIRTH = re.compile(r"(?:fecha de )?nacimiento|cumpleaños|birth ?date|date of birth|birthday", re.IGNORECASE)
    AMBIGUOUS = re.compile(r"[,;()«»]| (?:y|e|o|u|ni) |^(?:no|el|a la vez)\b|[.!?]$", re.IGNORECASE)

    def condition(self, subject: Subject, operator: str, right: Right, denied: bool) -> str:
        """Return a condition in words."""
        row = OPERATORS[operator]
        if row.negates:
            operator, denied = row.negates, not denied
        if operator in _NUMBER:
            verb, rest = self.ordered(operator, right, subject.function)
            return f"{subject.text} {'no ' if denied else ''}{verb} {rest}"
        if isinstance(right, tuple) and len(right) == 1 and operator == "has_all":
            operator = "has"
        said = OPERATOR_PHRASES[operator][denied]
        if subject.plural:
            said = re.sub("|".join(_PLURALS), lambda found: _PLURALS[found[0]], said)
        if row.right == "none":
            return f"{said} {subject.text}"
        joint: Joint = "and" if operator == "has_all" else "nor" if denied else "or"
        function = operator if operator == "matches" else subject.function
        return f"{subject.text} {said.format(right=self.right(right, joint, function))}"

    def ordered(self, operator: str, value: Right, function: str) -> tuple[str, str]:
        """Return the verb and the rest of `es menor que 5`."""
        template = _ORDER.get(type(value), _NUMBER)[operator]
        said = self.right(value, "or", function)
        span = self.span(value.duration) if isinstance(value, Ago | Ahead) else ""
        fixed = isinstance(value, Date | Datetime)
        the, to = (f"el {said}", f"al {said}") if fixed else (said, f"a {said}")
        verb, _, rest = template.format(right=said, the=the, to=to, span=span).partition(" ")
        return verb, rest

    def end(self, value: Right, function: str) -> str:
        """Return an end of `entre … y …`."""
        said = self.right(value, "or", function)
        return f"el {said}" if isinstance(value, Date | Datetime) else said

    def joined(self, parts: Sequence[str], joint: Joint) -> str:
        """Return parts joined by a word: `y` is `e` before an i, `o` is `u` before an o."""
        said = ""
        for part in parts:
            said = f"{said} {_word(joint, part)} {part}" if said else part
        return said

    def listed(self, parts: Sequence[str], joint: Joint) -> str:
        """Return `a, b o c`; `ni` stands before each: `a ni b ni c`."""
        if len(parts) < 2 or joint == "nor":
            return self.joined(parts, joint)
        return self.joined([", ".join(parts[:-1]), parts[-1]], joint)

    def counted(self, number: float, forms: Forms) -> str:
        """Return a number of things in the right plural: `una vez`, `3 veces`, `1.000.000 de veces`."""
        millions = number != 0 and number % 1_000_000 == 0
        return super().counted(number, (forms[0], f"de {forms[1]}") if millions else forms)

    def date(self, year: int, month: int, day: int) -> str:
        """Return `31 de enero de 2026`."""
        return f"{day} de {self.tables.months[month - 1]} de {year}"

    def at(self, day: str, clock: str) -> str:
        """Return `31 de enero de 2026 a las 12:00`."""
        return f"{day} a {'la' if clock.startswith('01') else 'las'} {clock}"

    def last(self, duration: str) -> str:
        """Return `en los últimos 7 días`, `en la última hora`."""
        amount, unit = duration_parts(duration)
        feminine = unit in _FEMININE
        if amount == 1:
            return f"en {'la última' if feminine else 'el último'} {self.tables.units[unit][0]}"
        return f"en {'las últimas' if feminine else 'los últimos'} {self.span(duration)}"

    def edge(self, word: str, value: Date | Datetime) -> str:
        """Return `desde el 31 de enero de 2026`."""
        return f"{'desde el' if word == 'since' else 'antes del'} {self.moment(value)}"

    def function(self, name: str, subject: Subject) -> str:
        """Return `hora de since`, `hora de la última vez de «Signed In»`."""
        if name == "age" and self.BIRTH.fullmatch(subject.text):
            return "edad"
        of = f"del {subject.text[3:]}" if subject.text.startswith("el ") else f"de {subject.text}"
        if subject.measured and name == "size":
            return self.phrase("values_in", of=of)
        return self.tables.functions[name].format(label=subject.text, of=of)


def _word(joint: Joint, following: str) -> str:
    if joint == "and" and _E.match(following):
        return "e"
    return "u" if joint == "or" and _U.match(following) else _JOINTS[joint]
