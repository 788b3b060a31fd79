"""What a check has found so far."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from lenticular.catalog.catalog import Catalog
from lenticular.catalog.places import Path, Places
from lenticular.catalog.proofs import NOTHING_PROVEN, Proofs
from lenticular.errors import Problem, did_you_mean


class Findings:
    """Collects problems, each at its place.

    `unreadable` are keys, by kind, whose definitions could not be read: they are reported already, so what
    refers to them is not reported again. `proofs` say what follows from rules, `language` is that of warnings.
    """

    def __init__(
        self,
        catalog: Catalog,
        places: Places,
        unreadable: Mapping[str, Collection[str]] | None = None,
        proofs: Proofs = NOTHING_PROVEN,
        language: str = "en",
    ) -> None:
        self.proofs = proofs
        self.language = language
        self.catalog = catalog
        self.places = places
        self.problems: list[Problem] = []
        self._unreadable = unreadable or {}

    def add(self, code: str, message: str, path: Path, hint: str = "", name: bool = False) -> None:
        """Note a problem with one part; `name` says that it is the part's name that is wrong."""
        self.problems.append(Problem(f"catalog.{code}", message, self.places.of(path, name), hint))

    def since(self, begin: int) -> set[tuple[str, str]]:
        """Return the code and message of each problem after the first `begin`."""
        return {(problem.code, problem.message) for problem in self.problems[begin:]}

    @contextmanager
    def besides(self, said: Collection[tuple[str, str]]) -> Iterator[None]:
        """Drop what is found inside the `with` if it was said before.

        So what is wrong with a default is not said again for each experience that it flows into.
        """
        begin = len(self.problems)
        yield
        self.problems[begin:] = [one for one in self.problems[begin:] if (one.code, one.message) not in said]

    def known(self, kind: str) -> set[str]:
        """Return the keys that may be referred to."""
        return {*getattr(self.catalog, kind), *self._unreadable.get(kind, ())}

    def name_of(self, segment: str) -> str:
        """Return what a segment is called."""
        found = self.catalog.segments.get(segment)
        return (found.name if found else "") or segment

    def refer(self, kind: str, key: str, path: Path) -> None:
        """Note a problem if nothing of a kind has a key."""
        if key in getattr(self.catalog, kind) or key in self._unreadable.get(kind, ()):
            return
        known = self.known(kind)
        what = NOUNS[kind]
        hint = did_you_mean(key, known) or (
            f"Known: {', '.join(sorted(known)[:8])}." if known else f"There is no {what} yet."
        )
        self.add(f"unknown-{what.replace(' ', '-')}", f'There is no {what} "{key}".', path, hint)


NOUNS = {
    "properties": "property",
    "segments": "segment",
    "content": "content item",
    "collections": "collection",
    "pages": "page",
    "slots": "slot",
    "types": "content type",
    "personas": "persona",
    "goals": "goal",
    "site": "site",
}
