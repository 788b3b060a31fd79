"""Who is who in a slice of the journal: profiles, the identities that lead to them, merges and their undoing."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from lenticular.criteria.calendar import DAY
from lenticular.profiles.away import Rows
from lenticular.profiles.event import Event
from lenticular.profiles.identity import owner
from lenticular.profiles.kept import KEPT_DAYS, Kept, keep
from lenticular.profiles.look_ups import LookUps
from lenticular.profiles.merge import Tallies, merge
from lenticular.profiles.part import part
from lenticular.profiles.profile import Profile, Session
from lenticular.profiles.rows import MergeRow, ProfileRow, SessionRow, no_session_row, profile_row, session_row
from lenticular.profiles.session import is_later, renumber

_EVER = -(1 << 62)

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Profile).decode


class People:
    """Profiles as of what was folded, kept until committed; `look` gives those of before.

    `identities` are those that lead elsewhere than before, `merges` and `kept` what became of profiles that went, by
    their ids. `ignored` says which events could not do all they asked for, and why: (sequence number, reason).
    """

    def __init__(self, look: LookUps, tallies: Tallies, rows: Rows) -> None:
        self._look, self._tallies, self._rows = look, tallies, rows
        self._profiles: dict[int, Profile] = {}
        self._looked_up: dict[tuple[str, str], int | None] = {}
        self._gone: dict[int, ProfileRow] = {}
        self._next = 0
        self._changed: set[int] = set()
        self._row_changed: set[int] = set()
        self._sessions: dict[tuple[int, int], tuple[Session | None, int]] = {}
        self.identities: dict[tuple[str, str], int] = {}
        self.merges: dict[int, MergeRow] = {}
        self.kept: dict[int, Kept | None] = {}
        self.ignored: list[tuple[int, str]] = []

    def find(self, kind: str, value: str) -> int | None:
        """Return the id of the profile that owns an identity."""
        found = self.identities.get((kind, value))
        if found is not None:
            return found
        if (kind, value) not in self._looked_up:
            self._looked_up[kind, value] = self._look.find(kind, value)
        return self._looked_up[kind, value]

    def get(self, profile_id: int) -> Profile | None:
        """Return a copy of a profile."""
        mine = self._profiles.get(profile_id)
        if mine is not None:
            return _decode(_encode(mine))
        return None if profile_id in self._gone else self._look.get(profile_id)

    def kept_of(self, profile_id: int) -> Kept | None:
        """Return what is kept of the merge in which a profile went."""
        return self.kept[profile_id] if profile_id in self.kept else self._look.kept(profile_id)

    def next_id(self) -> int:
        """Return the id that the next new profile gets."""
        return self._next or self._look.next_id()

    def mine(self, profile_id: int) -> Profile:
        """Return a profile to be changed."""
        profile = self.loaded(profile_id)
        if profile is None:
            raise LookupError(f"An identity leads to profile {profile_id}, which does not exist.")
        return profile

    def loaded(self, profile_id: int) -> Profile | None:
        """Return a profile to be changed, None for one that is not there."""
        profile = self._profiles.get(profile_id)
        if profile is None:
            profile = self._look.get(profile_id)
            if profile is not None:
                self._rows.prune(profile)
                if not profile.bucketing_id and profile.names:  # written before lots were drawn
                    profile.bucketing_id = profile.names[0][1]
                self._profiles[profile_id] = profile
        return profile

    def touch(self, profile_id: int, row: bool = False) -> None:
        """Note that a profile has changed, and with `row` what reports know of it."""
        self._changed.add(profile_id)
        if row:
            self._row_changed.add(profile_id)

    def visited(self, profile_id: int, session: Session, seq: int) -> None:
        """Note that a visit has changed."""
        self._sessions[profile_id, session.id] = (session, seq)

    @property
    def changed(self) -> list[Profile]:
        """The profiles that have changed, in the order of their ids."""
        return [self._profiles[profile_id] for profile_id in sorted(self._changed)]

    @property
    def gone(self) -> list[int]:
        """The ids of those that were merged away."""
        return list(self._gone)

    @property
    def rows(self) -> list[ProfileRow]:
        """What reports are to know of the profiles that have changed."""
        changed = sorted(self._changed & self._row_changed)
        return [*self._gone.values(), *(profile_row(self._profiles[profile_id]) for profile_id in changed)]

    @property
    def session_rows(self) -> list[SessionRow]:
        """The visits that have changed."""
        return [
            no_session_row(profile_id, session_id, seq) if session is None else session_row(profile_id, session, seq)
            for (profile_id, session_id), (session, seq) in self._sessions.items()
        ]

    def owner(self, seq: int, event: Event) -> Profile:
        """Return whose an event is, after what it says about who is who."""
        found = owner(event, self.find, lambda profile_id: self.mine(profile_id).user_id, self._apart)
        if found.ignored:
            self.ignored.append((seq, found.ignored))
        if found.profile_id is None:
            new = self.next_id()
            self._next = new + 1
            mine = event.anonymous_id and self.find("anonymous", event.anonymous_id) is None
            first = event.anonymous_id if mine else event.user_id
            profile = self._profiles[new] = Profile(
                id=new, first_seen=event.time, generation=self._tallies.generation, bucketing_id=first
            )
            self._row_changed.add(new)
        else:
            profile = self.mine(found.profile_id)
        if found.absorb is not None:
            self._absorb(seq, event, profile, self.mine(found.absorb))
        for kind, value in found.bind:
            self._bind(profile, kind, value)
        return profile

    def _apart(self, anonymous: int, user: int) -> bool:
        apart = self.mine(anonymous).apart
        return bool(apart) and not {user, *self.mine(user).merged}.isdisjoint(apart)

    def _bind(self, profile: Profile, kind: str, value: str) -> None:
        if kind == "user":
            if profile.user_id:
                profile.other_user_ids.append(profile.user_id)
            profile.user_id = value
        else:
            before = self.find(kind, value)
            if before is not None:
                left = self.mine(before)
                left.anonymous_ids.remove(value)
                left.version += 1
                self.touch(before, row=True)
            profile.anonymous_ids.append(value)
        self.identities[kind, value] = profile.id
        self._row_changed.add(profile.id)

    def _absorb(self, seq: int, event: Event, survivor: Profile, loser: Profile) -> None:
        for kind, value in loser.names:
            self.identities[kind, value] = survivor.id
        self._lead([loser.id, *loser.merged], survivor.id, seq)
        day = event.received // DAY
        self.kept[loser.id] = keep(survivor, loser, seq, day)
        behind = _behind(survivor, loser, day)
        self._rows.unite(survivor, loser)
        merge(survivor, loser, self._tallies)
        survivor.behind = behind
        self._rows.place(survivor, list(survivor.tallies))
        if survivor.session is not None:
            self.visited(survivor.id, survivor.session, seq)
        self._gone[loser.id] = profile_row(loser, gone=True)
        del self._profiles[loser.id]
        self._changed.discard(loser.id)
        self._row_changed.discard(loser.id)
        self._row_changed.add(survivor.id)

    def aside(self, profile: Profile, own: Session) -> None:
        """Note a visit that is not someone's latest: it may be, once a merge is undone that brought the latest."""
        for went, (start, day) in profile.behind.items():
            kept = self.kept_of(went) if own.start >= start else None
            if kept is None:
                continue
            mine, _ = kept.profiles()
            if mine.session is None or is_later(own, mine.session):
                number = mine.session.number + 1 if mine.session else 1
                mine.session = msgspec.structs.replace(own, properties=dict(own.properties))
                renumber(mine.session, number)
                self.kept[went] = kept.replaced(mine)
                profile.behind[went] = (own.start, day)

    def part(self, seq: int, event: Event) -> Profile | None:
        """Undo the merge that brought an identity to where it is; None, and a reason in `ignored`, if that can't be."""
        named = ("user", event.user_id) if event.user_id else ("anonymous", event.anonymous_id)
        found = self._latest_merge(named, event.received // DAY)
        if isinstance(found, str):
            self.ignored.append((seq, found))
            return None
        loser_id, kept = found
        profile = self.mine(kept.survivor)
        before, back = kept.profiles()
        dropped = part(profile, before, back)
        self._return(profile, back)
        for each in (profile, back):
            self._rows.give_up(each)
            self.touch(each.id, row=True)
            if each.session is not None:
                self.visited(each.id, each.session, seq)
        if dropped is not None:
            self._sessions[profile.id, dropped] = (None, seq)
        self._gone.pop(loser_id, None)
        self._profiles[loser_id] = back
        self._lead([loser_id, *back.merged], loser_id, seq)
        self.kept[loser_id] = None
        return back

    def _latest_merge(self, named: tuple[str, str], day: int) -> tuple[int, Kept] | str:
        """Return the latest merge of the profile that an identity leads to, if it brought it, or why not."""
        profile_id = self.find(*named)
        if profile_id is None:
            return f"Nobody is known as {named[1]!r}."
        merged = self.mine(profile_id).merged
        if not merged:
            return f"Nobody was joined to the profile of {named[1]!r}."
        for each in reversed(merged):
            kept = self.kept_of(each)
            if kept is None or kept.survivor != profile_id:
                continue
            if day - kept.day > KEPT_DAYS:
                break
            theirs = kept.profiles()[1]
            if named in theirs.names:
                return each, kept
            latest = " and ".join(f"the {kind} id {value!r}" for kind, value in theirs.names[:3])
            return f"Not {named[1]!r} but {latest} came last to this profile. Undo that first, or nothing."
        return f"Merges are kept for {KEPT_DAYS} days; what was joined to the profile of {named[1]!r} is older."

    def _return(self, profile: Profile, back: Profile) -> None:
        """Give a profile that comes back the identities that it had, but for those that others have claimed since."""
        for kind, value in back.names:
            if self.find(kind, value) == profile.id:
                self.identities[kind, value] = back.id
            elif kind == "anonymous":
                back.anonymous_ids.remove(value)
        named = {value for kind, value in back.names if kind == "user"}
        profile.other_user_ids = [value for value in profile.other_user_ids if value not in named]
        profile.anonymous_ids = [value for value in profile.anonymous_ids if value not in back.anonymous_ids]

    def _lead(self, profile_ids: Iterable[int], to: int, seq: int) -> None:
        for each in profile_ids:
            self.merges[each] = MergeRow(each, to, seq)


def _behind(survivor: Profile, loser: Profile, day: int) -> dict[int, tuple[int, int]]:
    """Return `Profile.behind` of two that are about to become one."""
    behind = {went: known for went, known in survivor.behind.items() if day - known[1] <= KEPT_DAYS}
    mine, theirs = survivor.session, loser.session
    if theirs is not None and (mine is None or is_later(theirs, mine)):
        behind[loser.id] = (mine.start if mine else _EVER, day)
    return behind
