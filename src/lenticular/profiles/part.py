"""One profile becomes two again: what a merge brought is given back, what was written since stays (ADR 0017).

`now` is the profile as it is, `mine` as it was just before the merge, `theirs` the other one then, which comes back as
it was. A value that is as the merge left it, from theirs, becomes that of mine.
"""

from __future__ import annotations

from lenticular.profiles import consent, interests, membership, static_list
from lenticular.profiles.merge import NEWEST
from lenticular.profiles.profile import Profile, Shown
from lenticular.profiles.session import is_later, renumber, show_sign_in
from lenticular.profiles.traits import part as part_traits


def part(now: Profile, mine: Profile, theirs: Profile) -> int | None:
    """Undo a merge, in place, but for identities and tallies.

    Return the id of the visit that is not that of `now` any more, None for none.
    """
    taken = {theirs.id, *theirs.merged}
    now.version += 1
    now.behind.pop(theirs.id, None)
    now.merged = [each for each in now.merged if each not in taken]
    if now.first_seen >= min(mine.first_seen, theirs.first_seen):
        now.first_seen = mine.first_seen
    now.bucketing_id = mine.bucketing_id
    part_traits(now, mine, theirs)
    dropped = _part_session(now, mine, theirs)
    for item, shown in theirs.shown.items():
        _part_shown(now, item, mine.shown.get(item, Shown()), shown)
    for each in (membership, consent, static_list, interests):
        each.part(now, mine, theirs)
    # Above the row that said that it is gone, which is one above what it was.
    theirs.version += 2
    if now.id not in theirs.apart:
        theirs.apart.append(now.id)
    return dropped


def _part_session(now: Profile, mine: Profile, theirs: Profile) -> int | None:
    dropped = None
    if now.last_sign_in is not None and now.last_sign_in <= max(mine.last_sign_in or 0, theirs.last_sign_in or 0):
        now.last_sign_in = mine.last_sign_in
    if theirs.session is not None and now.session is not None:
        if mine.session is None or is_later(theirs.session, mine.session):
            dropped = theirs.session.id
        if now.session.id == dropped:
            now.session = mine.session
        else:
            renumber(now.session, now.session.number - theirs.session.number)
    show_sign_in(now)
    return dropped


def _part_shown(now: Profile, item: str, mine: Shown, theirs: Shown) -> None:
    shown = now.shown[item]
    since = list(shown.times)
    for time in (*mine.times, *theirs.times):
        if time in since:
            since.remove(time)
    count = shown.count - theirs.count
    now.shown[item] = Shown(count, sorted([*mine.times, *since])[-NEWEST:])
    if not count:
        del now.shown[item]
