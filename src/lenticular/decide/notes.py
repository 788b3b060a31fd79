"""What happened while items were picked for one block: noted as it happens, put into words only when asked."""

from __future__ import annotations

from lenticular.decide.cap import Cap, Kept, Moment
from lenticular.decide.explanation import CollectionExplained, LeftOut, ListExplained, ListState, Why
from lenticular.decide.group import Group
from lenticular.decide.wording import cap_words, left_out_words, list_words


class Notes:
    """The lists that were looked at and the items that were left out, in order."""

    def __init__(self, block: str, collection: str, moment: Moment) -> None:
        self._block = block
        self._collection = collection
        self._moment = moment
        self._lists: list[tuple[str | None, ListState]] = []
        self._left: list[tuple[str, Why, int | None, Cap | None, Kept | None, Group | None]] = []
        self.merge = False
        self.capped = False

    def list(self, segment: str | None, state: ListState) -> None:
        """Note what became of a list."""
        self._lists.append((segment, state))

    def leave(self, item: str, why: Why, until: int | None = None) -> None:
        """Note that an item is left out."""
        self._left.append((item, why, until, None, None, None))

    def cap(self, item: str, cap: Cap, kept: Kept, group: Group | None = None) -> None:
        """Note that a cap keeps an item back, its own or that of a group."""
        self.capped = True
        self._left.append((item, "capped", kept.until, cap, kept, group))

    def aside(self) -> Notes:
        """Return other notes, which nobody reads."""
        return Notes(self._block, self._collection, self._moment)

    def explained(self) -> CollectionExplained:
        """Return the notes in words."""
        calendar = self._moment.calendar
        return CollectionExplained(
            block=self._block,
            collection=self._collection,
            combine="merge" if self.merge else "first",
            lists=[ListExplained(segment, state, list_words(segment, state)) for segment, state in self._lists],
            left_out=[
                LeftOut(
                    item,
                    why,
                    cap_words(cap, kept, calendar, group) if cap and kept else left_out_words(why, until, calendar),
                    until,
                    group.key if group is not None else None,
                )
                for item, why, until, cap, kept, group in self._left
            ],
        )
