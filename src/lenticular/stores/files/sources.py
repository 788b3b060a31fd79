"""The sources of a site as files: `sources/NAME.yaml` in its folder, kept as they were written."""

from __future__ import annotations

from pathlib import Path

from lenticular.errors import LenticularError, Problem, StoreError
from lenticular.stores.files.notes import NAME, replace_file


class SourceFiles:
    """The texts of the sources, by name. Raises LenticularError for what can't be a name, StoreError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        """Return the names, sorted."""
        return sorted(path.stem for path in self._folder.glob("*.yaml") if NAME.fullmatch(path.stem))

    def text(self, name: str) -> str:
        """Return the text of a source. Raises LenticularError if there is none."""
        try:
            return self._path(name).read_text("utf-8")
        except FileNotFoundError:
            known = ", ".join(self.names())
            hint = f"Known: {known}." if known else "There is none yet: add one with `lenticular source add`."
            raise LenticularError(Problem("source.unknown", f"There is no source {name!r}.", hint=hint)) from None
        except (OSError, UnicodeDecodeError) as error:
            raise StoreError(
                Problem("data_error", f"The file can't be read: {error}.", str(self._path(name)))
            ) from None

    def put(self, name: str, text: str) -> None:
        """Write a source."""
        replace_file(self._path(name), text.encode())

    def remove(self, name: str) -> None:
        """Take a source away. Raises LenticularError if there is none."""
        self.text(name)
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            hint = "Letters, digits, - and _; at most 63."
            raise LenticularError(Problem("source.name", f"{name!r:.80} can't be the name of a source.", hint=hint))
        return self._folder / f"{name}.yaml"
