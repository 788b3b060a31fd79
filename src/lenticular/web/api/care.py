"""What the admin API offers to whoever looks after the installation."""

from __future__ import annotations

from pathlib import Path

import msgspec
from litestar import Controller, get, post
from litestar.datastructures import State
from litestar.params import JSONBody

from lenticular.app.backup import Backup, backup
from lenticular.app.backup_folder import backup_at, last_backup
from lenticular.app.doctor import examine, repair
from lenticular.app.finding import Finding
from lenticular.app.open import Installation
from lenticular.app.replay import Replayed, replay_all


class BackupRequest(msgspec.Struct, frozen=True):
    """Where to: a folder of backups, or a new file that ends in `.tar`, by its whole path on the server.

    `keep`: how many backups stay in that folder, 0 for all.
    """

    to: str
    keep: int = 0


class ReplayRequest(msgspec.Struct, frozen=True):
    """From which backup: one (a folder or a `.tar`), or a folder of backups, by its whole path on the server.

    null takes the newest known.
    """

    backup: str | None = None


class CareController(Controller):
    """The installation as a whole."""

    path = "/api"
    tags = ("Care",)

    @post("/backup", summary="Take a backup", status_code=200)
    async def backup(self, state: State, data: JSONBody[BackupRequest]) -> Backup:
        """Save every site at one position of its journal; events and decisions go on meanwhile."""
        return await backup(_installation(state), Path(data.to), data.keep)

    @get("/doctor", summary="What is wrong, and what to do")
    async def doctor(self, state: State) -> list[Finding]:
        """Look at everything and change nothing; what is as it should be is said too."""
        return await examine(_installation(state))

    @post("/doctor", summary="Mend what can be mended", status_code=200)
    async def repair(self, state: State) -> list[Finding]:
        """Do what is safe about what is wrong; `done` says what. Doing it again changes nothing more."""
        return await repair(_installation(state))

    @post("/replay", summary="Make the log again", status_code=200)
    async def replay(self, state: State, data: JSONBody[ReplayRequest]) -> list[Replayed]:
        """Give the events store what it lacks, from a backup and the journal; nothing counts twice."""
        installation = _installation(state)
        backup = backup_at(Path(data.backup)) if data.backup else last_backup(installation.folder.path)
        return await replay_all(installation, backup)


def _installation(state: State) -> Installation:
    found: Installation = state["installation"]
    return found
