"""Every setting of a server. Nothing is read at import: `load` is given the environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from lenticular.errors import LenticularError, Problem

PREFIX = "LENTICULAR_"
OFF = "off"


class Settings(msgspec.Struct, frozen=True):
    """Set by an environment variable, `LENTICULAR_` and the name in capitals, or by an option of a command.

    `data`: the data folder. `host`, `port`: where the server answers. `events_threads`: how many threads one query of
    the events store may use (0: all cores). `events_memory`: how many bytes all its queries together (0: half of the
    machine's memory). `proxies`: whose `X-Forwarded-For` is believed, addresses or networks joined with commas.
    `place_headers`: the request headers that say a visitor's country, region and city; `place_file`: a file that says
    it by address. Both are `off` unless set. `sample_above`: above so many profiles a count looks at a sample of them.
    `database`: the SQLAlchemy URL of the catalog's database; `sqlite` stands for `catalog.db` in the data folder.
    `catalog`: where it is edited, on `screens` or in `files`; then screens only show.
    """

    data: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = 8400
    events_threads: int = 0
    events_memory: int = 0
    proxies: str = "127.0.0.1"
    place_headers: str = OFF
    place_file: str = OFF
    sample_above: int = 2_000_000
    database: str = "sqlite"
    catalog: Literal["screens", "files"] = "screens"


def load(environment: Mapping[str, str]) -> Settings:
    """Return the settings of an environment. Raises LenticularError for one that can't be read."""
    given = {
        field.name: environment[PREFIX + field.name.upper()]
        for field in msgspec.structs.fields(Settings)
        if environment.get(PREFIX + field.name.upper())
    }
    try:
        return msgspec.convert(given, Settings, strict=False, dec_hook=lambda kind, value: kind(value))
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$.")
        name = PREFIX + path.rstrip("`").upper()
        raise LenticularError(
            Problem("settings", f"{message}.", name, "Set it to another value, or unset it.")
        ) from None
