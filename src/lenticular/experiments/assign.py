"""Who belongs to a share of the visitors: decided by a hash, so that it is the same every time, and no list is kept.

A text that names the draw (`holdout SEED`, an experiment's layer) and the visitor's bucketing id are hashed together:
draws with other names are independent of each other. R. Kohavi, D. Tang, Y. Xu, "Trustworthy Online Controlled
Experiments" (2020), chapter 4, says why the hash must mix well; BLAKE2b does.
"""

from __future__ import annotations

from lenticular.ids import hash64

_ALL = 2.0**64


def place_of(draw: str, bucketing_id: str) -> float:
    """Return where a visitor lies in a draw: evenly spread from 0 to just below 1."""
    return hash64(f"{draw}\0{bucketing_id}") / _ALL


def belongs(draw: str, bucketing_id: str, share: float) -> bool:
    """Return whether a visitor belongs to a share, 0 … 1, of a draw. Who belongs to a share belongs to a larger one."""
    return share > 0 and place_of(draw, bucketing_id) < share
