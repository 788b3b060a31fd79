"""Places by IP address, from a file of the MaxMind DB format (maxmind.github.io/MaxMind-DB)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import maxminddb

from lenticular.errors import LenticularError, Problem
from lenticular.intake.context import place_values
from lenticular.profiles.event import Values


class PlaceFile:
    """A city or country file. Addresses are looked up, never kept.

    Raises LenticularError for a file that can't be read.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._reader = maxminddb.open_database(path)
        except (OSError, maxminddb.InvalidDatabaseError) as error:
            hint = "Name a file of the MaxMind DB format, such as GeoLite2-City.mmdb, or unset it."
            said = "There is no such file" if isinstance(error, FileNotFoundError) else f"It can't be read: {error}"
            raise LenticularError(Problem("settings", f"{said}: {path}.", "LENTICULAR_PLACE_FILE", hint)) from None

    def place_of(self, address: str) -> Values:
        """Return the typed values of an address's place; none for what is no address or is in no country."""
        try:
            found = self._reader.get(address)
        except (ValueError, maxminddb.InvalidDatabaseError):
            return {}
        if not isinstance(found, dict):
            return {}
        divisions = found.get("subdivisions")
        region = divisions[0] if isinstance(divisions, list) and divisions else None
        country = found.get("country")
        code = country.get("iso_code") if isinstance(country, dict) else None
        return place_values(code, _name(region), _name(found.get("city")))

    def close(self) -> None:
        """Let go of the file."""
        self._reader.close()


def _name(of: Any) -> Any:
    names = of.get("names") if isinstance(of, dict) else None
    return names.get("en") if isinstance(names, dict) else None
