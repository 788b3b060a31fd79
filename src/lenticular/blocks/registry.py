"""All kinds of blocks of an installation: which there are, whether settings fit them, their templates compiled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from jinja2 import Template, TemplateSyntaxError
from msgspec import inspect

from lenticular.blocks.environment import environment
from lenticular.blocks.fields import Settings
from lenticular.blocks.kind import Kind
from lenticular.catalog.shape import Misfit, misfits
from lenticular.errors import LenticularError, Problem, did_you_mean

_FORM = re.compile(r"`str` matching regex .*")


class BlockError(LenticularError):
    """A block can't be shown, or a kind can't be used."""


class Source(msgspec.Struct, frozen=True):
    """A kind with the text of its template, and the package that it came from (empty: Lenticular itself)."""

    kind: type[Kind]
    template: str
    package: str = ""


class Kinds:
    """The kinds by name. `problems` are those that could not be used; the others can."""

    def __init__(self, sources: Iterable[Source], problems: Iterable[Problem] = ()) -> None:
        self.problems = list(problems)
        self._sources: dict[str, Source] = {}
        for source in sources:
            self._add(source)
        self._environment = environment({name: source.template for name, source in self._sources.items()})
        self._templates: dict[str, Template] = {}
        for name in list(self._sources):
            self._compile(name)

    def _add(self, source: Source) -> None:
        name, wrong = source.kind.name, _wrong(source)
        other = self._sources.get(name)
        if wrong:
            self.problems.append(wrong)
        elif other is not None:
            owners = " and ".join(one.package or "Lenticular" for one in (other, source))
            message = f'There are two kinds of block named "{name}", of {owners}; the first is used.'
            hint = "Remove one of the two packages, or give its kind another name."
            self.problems.append(Problem("block.double", message, source.package, hint))
        else:
            self._sources[name] = source

    def _compile(self, name: str) -> None:
        try:
            self._templates[name] = self._environment.get_template(name)
        except Exception as error:  # what a template's author can write wrong has many names
            source = self._sources.pop(name)
            line = f":{error.lineno}" if isinstance(error, TemplateSyntaxError) else ""
            message = f'The template of the block "{name}" can\'t be read: {error}.'
            place = f"{source.kind.template_file()}{line}"
            self.problems.append(Problem("block.template", message, place, "Mend the template, and restart."))

    def __iter__(self) -> Iterator[type[Kind]]:
        return (source.kind for source in self._sources.values())

    def __contains__(self, name: object) -> bool:
        return name in self._sources

    def package(self, name: str) -> str:
        """Return the package that a kind came from, empty for Lenticular's own."""
        return self._sources[name].package

    def kind(self, name: str) -> type[Kind]:
        """Return a kind. Raises BlockError, naming the nearest."""
        source = self._sources.get(name)
        if source is None:
            raise BlockError(Problem("block.unknown-kind", *self._unknown(name)))
        return source.kind

    def template(self, name: str) -> Template:
        """Return a kind's template. Raises BlockError."""
        self.kind(name)
        return self._templates[name]

    def read(self, name: str, settings: Mapping[str, Any]) -> Settings:
        """Return a block's settings. Raises BlockError for a kind that is not there and settings that don't fit."""
        struct = self.kind(name).settings
        try:
            return msgspec.convert(settings, struct)
        except msgspec.ValidationError:
            wrong = self.misfits(name, settings)
            raise BlockError(
                *(Problem("block.settings", one.message, "/".join(map(str, one.path)), one.hint) for one in wrong)
            ) from None

    def misfits(self, name: str, settings: Mapping[str, Any]) -> list[Misfit]:
        """Return every way in which settings don't fit a kind. Raises BlockError for one that is not there."""
        struct = self.kind(name).settings
        found = misfits(dict(settings), struct)
        if not found:
            try:
                msgspec.convert(settings, struct)
            except msgspec.ValidationError as error:
                found = [_misfit(error, struct)]
        return found

    def has(self, name: str, what: str) -> bool:
        """Return whether a kind that is there `contains` other blocks, or shows `items` of a collection."""
        kind = self.kind(name)
        return kind.contains if what == "contains" else kind.items != "none"

    def unknown(self, name: str) -> tuple[str, str] | None:
        """Return what is to be said of a kind that is not there, and what to do; None if it is there."""
        if name in self._sources:
            return None
        message, _, hint = self._unknown(name)
        return message, hint

    def _unknown(self, name: str) -> tuple[str, str, str]:
        hint = did_you_mean(name, self._sources) or f"Known: {', '.join(sorted(self._sources))}."
        return f'There is no kind of block "{name}".', "kind", hint


def _wrong(source: Source) -> Problem | None:
    kind = source.kind
    settings: type[Any] = kind.settings
    if not issubclass(settings, Settings):
        message = f'The settings of the block "{kind.name}" are no subclass of lenticular.blocks.fields.Settings.'
        return Problem("block.kind", message, source.package, "Derive them from it.")
    if not kind.name or not kind.name.replace("-", "").replace("_", "").isalnum() or not kind.name.isascii():
        message = f'"{kind.name}" can\'t be the name of a kind of block.'
        return Problem("block.kind", message, source.package, "Use letters, digits and hyphens.")
    return None


def _misfit(error: msgspec.ValidationError, struct: type[Settings]) -> Misfit:
    """Return what msgspec says of a value's range or form, with the path that it names: `$.picture.width`.

    Of a map it names no member (`$.fields[...]`), so the path ends with the map.
    """
    message, _, where = str(error).partition(" - at `")
    where = where.rpartition("in `")[2].rstrip("`").partition("[...]")[0]
    path = tuple(where.removeprefix("$").strip(".").split("."))
    message = _FORM.sub("text of the form that is asked for here", message)
    fields = {field.encode_name: field.type for field in _info(struct).fields}
    said = fields.get(path[0])
    schema = (said.extra_json_schema or {}) if isinstance(said, inspect.Metadata) else {}
    return Misfit(path, f"{message}.", schema.get("description", ""))


def _info(struct: type[Settings]) -> inspect.StructType:
    info = inspect.type_info(struct)
    if not isinstance(info, inspect.StructType):
        raise TypeError(f"{struct} is no Struct")
    return info
