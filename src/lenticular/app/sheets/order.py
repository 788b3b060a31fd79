"""The order in which rows are taken in, as `import_order.in_order` gives it: person after person, each by time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lenticular.app.import_order import People
from lenticular.profiles.sheet import NONE

Numbers = npt.NDArray[np.int64]


def order_of(times: Numbers, anonymous: npt.NDArray[np.int32], users: npt.NDArray[np.int32]) -> Numbers:
    """Return the rows in their order; ids are codes, NONE for none, and each row has one of them."""
    people = _people(anonymous, users)
    by_time = np.argsort(times, kind="stable")
    _, first, places = np.unique(people[by_time], return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    found: Numbers = by_time[np.argsort(rank[places], kind="stable")]
    return found


def _people(anonymous: npt.NDArray[np.int32], users: npt.NDArray[np.int32]) -> npt.NDArray[Any]:
    """Return a number of each row's person: ids that one row names are one."""
    for ids, others in ((users, anonymous), (anonymous, users)):
        if (others == NONE).all():
            return ids
    pairs, rows = np.unique(np.stack([anonymous, users]), axis=1, return_inverse=True)
    people = People()
    numbers = [people.join(_named(*pair)) for pair in pairs.T.tolist()]
    found: Numbers = np.array([people.root(number) for number in numbers])[rows.reshape(-1)]
    return found


def _named(anonymous: int, user: int) -> Sequence[tuple[str, str]]:
    found = [("anonymous", str(anonymous))] if anonymous != NONE else []
    return [*found, ("user", str(user))] if user != NONE else found
