"""Why a site can't be opened, or asked for."""

from __future__ import annotations

from pathlib import Path

from lenticular.errors import LenticularError, Problem, StoreError


def unknown_site(key: str, home: Path) -> StoreError:
    """Return the refusal of a folder whose site the catalog's database does not know."""
    message = f"The database of the catalog knows no site {key!r}, and there is data of it."
    hint = "Look whether LENTICULAR_DATABASE names the right database, or restore it from a backup."
    return StoreError(Problem("site.empty", message, str(home / key), hint))


def unfolded_site(place: Path) -> StoreError:
    """Return the refusal of a site that can't be written to and is behind its journal."""
    message = "More events than memory should hold are not in the profiles yet, and nothing can be written."
    return StoreError(Problem("data_read_only", message, str(place), "Let the folder be written to."))


def closed_site(key: str, error: LenticularError) -> StoreError:
    """Return the refusal of a site that is there and can't be served."""
    return StoreError(
        Problem("site.closed", f"The site {key!r} could not be opened.", hint="lenticular doctor says what to do."),
        *error.problems,
    )
