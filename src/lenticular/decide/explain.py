"""Why a page or slot shows what it shows: every experience in order, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence

from lenticular.criteria.calendar import Calendar
from lenticular.decide.explanation import ExperienceExplained, ExperienceState, PlaceExplained
from lenticular.decide.notes import Notes
from lenticular.decide.place import Option, Place
from lenticular.decide.wording import when


def explain_place(
    place: Place, winner: Option | None, held_out: bool, now: int, calendar: Calendar, notes: Sequence[Notes]
) -> PlaceExplained:
    """Return the explanation of one page or slot; `held_out`: the winner is not shown to this visitor."""
    reached = True
    experiences = []
    for option in place.options:
        experiences.append(_explain(option, winner, reached, now, calendar, held_out))
        reached = reached and option is not winner
    failed = winner is not None and not held_out and bool(winner.arrangement.problem)
    if place.default.problem and (winner is None or failed):
        message = f"The default is shown as far as it can be: {place.default.problem}"
    elif winner is not None and held_out:
        message = f"The default is shown: {winner.name} matches, and this visitor is held out."
    elif winner is not None and not failed:
        message = f"{winner.name} is shown."
    else:
        cause = "an experience failed" if failed else "no experience matches"
        message = f"The default is shown: {cause if place.options else 'there are no experiences'}."
    return PlaceExplained(
        experiences=experiences,
        default=winner is None or failed or held_out,
        message=message,
        collections=[note.explained() for note in notes],
    )


def _explain(
    option: Option, winner: Option | None, reached: bool, now: int, calendar: Calendar, held_out: bool
) -> ExperienceExplained:
    state: ExperienceState = "no_match"
    words, by, until = "Does not match.", None, None
    if option is winner and held_out:
        state, words = "held_out", "Matches, and is held back: this visitor is among those who always see the default."
    elif option is winner and option.arrangement.problem:
        state, words = "failed", f"Matches, but can't be shown: {option.arrangement.problem}"
    elif option is winner:
        state, words = "won", "The first that matches." if option.segment else "For anyone."
    elif option.shadow is not None:
        state, by = "never_shown", option.shadow
        words = f"Never shown: everyone it is for sees {option.shadow} first."
    elif not reached and winner is not None:
        state, by = "not_reached", winner.key
        words = f"Not reached: {winner.key} {'matched' if held_out else 'won'} before."
    elif option.start is not None and now < option.start:
        state, until = "outside_schedule", option.start
        words = f"Outside its schedule until {when(option.start, calendar)}."
    elif option.end is not None and option.end <= now:
        state = "outside_schedule"
        words = f"Outside its schedule: it ended on {when(option.end, calendar)}."
    return ExperienceExplained(option.key, option.name, option.segment, state, words, by, until)
