"""A process to be killed: appends to a journal and prints the last number of each append once it is acknowledged."""

from __future__ import annotations

import sys
from pathlib import Path

from lenticular.profiles.event import Event
from lenticular.stores.sqlite.journal import SqliteJournal

NOON = 1_769_860_800_000


def main() -> None:
    journal = SqliteJournal(Path(sys.argv[1]))
    while True:
        first = journal.last() + 1
        size = 1 + first % 40
        events = [
            Event(type="track", message_id=f"m{first + at}", time=NOON, received=NOON + first * 60_000, name="E")
            for at in range(size)
        ]
        print(journal.append(events)[-1], flush=True)


main()
