"""How much of a tally's state is kept where: beside the profile, in a row of its own, or in the log alone."""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True):
    """Numbers of entries (DESIGN §4.4).

    A state with more than `row` of them moves to a row of its own and comes home again with fewer than `home`: apart,
    so that one at the edge does not move with every event. With more than `log` it is given up, and the log answers.
    """

    home: int = 256
    row: int = 512
    log: int = 2_000
