"""Something that is to be told, and the tries to tell it."""

from __future__ import annotations

from typing import Literal

import msgspec

State = Literal["waiting", "delivered", "given-up"]
KEPT = 100
"""So many tries, and deliveries that have ended, are kept of each webhook."""
ANSWER = 1024
"""So many bytes of an answer are kept."""


class Delivery(msgspec.Struct, frozen=True):
    """`id` is the same at every try: receivers know by it what they have had. `body` is sent as it is kept.

    `number` is its place in the order; `due` when (ms) it is tried next.
    """

    id: str
    webhook: str
    event: str
    subject: str
    body: str
    created: int
    due: int
    number: int = 0
    state: State = "waiting"
    attempts: int = 0


class Attempt(msgspec.Struct, frozen=True):
    """One try: what was answered (`status` None: nothing, `error` says why), within how many ms.

    `answer` is the first KB of it. A test is a delivery that is not kept.
    """

    at: int
    webhook: str
    delivery: str
    event: str
    attempt: int
    status: int | None
    ms: int
    error: str = ""
    answer: str = ""
    id: int = 0

    @property
    def good(self) -> bool:
        """Whether the receiver has it."""
        return self.status is not None and 200 <= self.status < 300
