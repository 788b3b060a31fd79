"""What the admin API says of blocks."""

from __future__ import annotations

from litestar import Controller, get

from lenticular.app.block_kinds import block_kinds
from lenticular.blocks.schema import KindsShown, shown


class BlocksController(Controller):
    """The kinds of blocks of the installation."""

    path = "/api"
    tags = ("Blocks",)

    @get("/blocks", summary="The kinds of blocks, and the forms of their settings")
    async def kinds(self) -> KindsShown:
        """Return Lenticular's own kinds and those of installed packages; `problems` are those that can't be used."""
        return shown(block_kinds())
