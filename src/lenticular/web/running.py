"""What a running server leaves in its data folder, for those who want to ask it."""

from __future__ import annotations

from pathlib import Path

import msgspec

SERVER_FILE = "server.json"


class Running(msgspec.Struct, frozen=True):
    """Where the server of a data folder answers, and the token that opens its admin API."""

    url: str
    token: str
    pid: int


def write_server_file(folder: Path, running: Running) -> None:
    """Say where the server answers, readable by its own user only: the token is in it."""
    path = folder / SERVER_FILE
    path.touch(mode=0o600)
    path.write_bytes(msgspec.json.encode(running))


def running_server(data: Path) -> Running | None:
    """Return where the server of a data folder answers, None if none says so."""
    try:
        return msgspec.json.decode((data / SERVER_FILE).read_bytes(), type=Running)
    except (OSError, msgspec.DecodeError):
        return None
