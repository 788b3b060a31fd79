"""The rows of the log are made again by folding the journal over other profiles than the live ones (ADR 0020)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from lenticular.criteria.calendar import Calendar
from lenticular.criteria.tables import EVENTS, MERGES, ORGANIZATIONS, PROFILES, SESSIONS
from lenticular.profiles.fold import Fold, FoldResult
from lenticular.profiles.merge import NoTallies
from lenticular.profiles.rows import EventRow, MergeRow, SessionRow, line, organization_row, profile_row, session_row
from lenticular.stores.sqlite.journal import SqliteJournal
from lenticular.stores.sqlite.profiles import SqliteProfiles

PAGE = 1_000
_event_row = msgspec.json.Decoder(EventRow).decode
_session_row = msgspec.json.Decoder(SessionRow).decode


class Refold:
    """Folds a journal into a store of its own, whose outbox then has the rows.

    `exact`: that store stands at the position after which the journal goes on, so the rows come out as they were. If
    numbers are missing in between, its profiles are others than the live ones, and a row gets the id of the live
    profile that has the same identities by now.
    """

    def __init__(
        self, journal: SqliteJournal, own: SqliteProfiles, live: SqliteProfiles, zone: Calendar, exact: bool
    ) -> None:
        self._journal, self._own, self._live, self._zone = journal, own, live, zone
        self._exact = exact
        self.events = 0

    def page(self, upto: int) -> bool:
        """Fold the next events, none beyond a number; return whether there were any. Raises StoreError."""
        pairs = [pair for pair in self._journal.read(self._own.folded(), PAGE) if pair[0] <= upto]
        if not pairs:
            return False
        fold = Fold(self._own, self._zone, self._own.properties(), NoTallies())
        for seq, event in pairs:
            fold.apply(seq, event)
        result = fold.result(pairs[-1][0])
        rows = result.rows if self._exact else self._renamed(fold, result)
        self.events += len(rows.get(EVENTS, ()))
        self._own.commit(msgspec.structs.replace(result, rows=rows))
        return True

    def _renamed(self, fold: Fold, result: FoldResult) -> dict[str, list[bytes]]:
        """Return the events and sessions under the ids of the live profiles; the rest is known of those."""
        events = [_event_row(row) for row in result.rows.get(EVENTS, ())]
        sessions = [_session_row(row) for row in result.rows.get(SESSIONS, ())]
        both: list[EventRow | SessionRow] = [*events, *sessions]
        owners = self._owners(fold, result, {row.profile_id for row in both})
        for row in both:
            row.profile_id = owners[row.profile_id]
        return {
            EVENTS: [line(row) for row in events if row.profile_id],
            SESSIONS: [line(row) for row in sessions if row.profile_id],
        }

    def _owners(self, fold: Fold, result: FoldResult, ids: set[int]) -> dict[int, int]:
        """Return the live profile of each of these; 0 where none has any of its identities."""
        joined = {**self._own.survivors(ids), **result.merged}
        found = {}
        for each in ids:
            profile = fold.get(joined.get(each, each))
            names = reversed(profile.names) if profile is not None else ()  # users before anonymous ids
            found[each] = next((owner for kind, value in names if (owner := self._live.find(kind, value))), 0)
        return found


def known_rows(live: SqliteProfiles) -> Iterable[tuple[str, bytes]]:
    """Yield (table, row) of all that the live profiles know: themselves, latest sessions, merges, organizations."""
    version = live.folded()
    for profile in live.everyone():
        yield PROFILES, line(profile_row(profile))
        if profile.session is not None:
            yield SESSIONS, line(session_row(profile.id, profile.session, version))
    for loser, survivor in live.merged().items():
        yield MERGES, line(MergeRow(loser, survivor, version))
    for organization in live.organizations():
        yield ORGANIZATIONS, line(organization_row(organization))
