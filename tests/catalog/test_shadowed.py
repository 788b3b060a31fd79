from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from lenticular.catalog.collection import Collection, Variation
from lenticular.catalog.experience import Experience, Schedule
from lenticular.catalog.proofs import Proofs
from lenticular.catalog.query import Query, Sort
from lenticular.catalog.segment import Segment
from lenticular.catalog.shadowed import Hidden, hidden_variations, shadowed
from lenticular.criteria.calendar import calendar_of
from lenticular.criteria.types import Schema

UTC = calendar_of("UTC")
DAYS = st.none() | st.integers(1, 4).map(lambda day: f"2026-11-0{day}")
EXPERIENCES = st.lists(
    st.tuples(st.sampled_from([None, "a", "b"]), st.builds(Schedule, start=DAYS, end=DAYS) | st.none()), max_size=6
).map(lambda rows: [Experience(str(at), segment=row[0], schedule=row[1]) for at, row in enumerate(rows)])


def test_below_one_for_anyone_and_below_one_for_the_same_segment() -> None:
    rows = [Experience("a", segment="s"), Experience("b", segment="s"), Experience("c"), Experience("d", segment="t")]
    assert shadowed(rows, UTC) == {1: Hidden((0,)), 3: Hidden((2,))}


def test_a_schedule_hides_only_what_is_on_no_longer() -> None:
    friday = Schedule(start="2026-11-27", end="2026-11-30")
    saturday = Schedule(start="2026-11-28", end="2026-11-29")
    sale = Experience("sale", schedule=friday)
    assert shadowed([sale, Experience("always", segment="s")], UTC) == {}
    assert shadowed([sale, Experience("one-day", segment="s", schedule=saturday)], UTC) == {1: Hidden((0,))}


def test_an_unreadable_schedule_hides_nothing() -> None:
    rows = [Experience("a", schedule=Schedule(start="soon")), Experience("b")]
    assert shadowed(rows, UTC) == {}


def test_a_variation_below_one_that_has_all_it_has() -> None:
    rules = {"all": Segment("all", "True"), "young": Segment("young", "user.age < 26")}
    proofs = Proofs(rules, Schema(types={("user", "age"): "number"}))
    news, old = Query(types=("news",), sort=(Sort("newest"),)), Query(types=("news",), sort=(Sort("name"),))
    other = Query(types=("news",), where="price > 5")
    for above, below, hidden in (
        (Variation("all", ("a", "b")), Variation("young", ("b",)), True),
        (Variation("all", ("a", "b"), news), Variation("young", ("b",)), True),
        (Variation("all", ("a",), news), Variation("young", ("a",), old), True),
        (Variation("all", ("a",), news), Variation("young", (), old), True),
        (Variation("all", ("a",)), Variation("young", ("a",), news), False),
        (Variation("all", ("a",), news), Variation("young", ("a",), other), False),
        (Variation("all", ("a",), news), Variation("young", ("b",), news), False),
        (Variation("all", (), news), Variation("young", ()), False),
    ):
        found = hidden_variations(Collection("c", variations=(above, below)), proofs)
        assert found == ({1: Hidden((0,))} if hidden else {}), (above, below)


@settings(deadline=None)
@given(EXPERIENCES)
def test_what_is_shadowed_never_comes_first(experiences: list[Experience]) -> None:
    hidden = {experiences[at].key for at in shadowed(experiences, UTC)}
    for day in ("2026-10-31", "2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04"):
        for matching in ("", "a", "b", "ab"):
            first = next(
                (
                    one.key
                    for one in experiences
                    if (one.segment is None or one.segment in matching) and _on(one.schedule, day)
                ),
                None,
            )
            assert first not in hidden


def _on(schedule: Schedule | None, day: str) -> bool:
    if schedule is None:
        return True
    return (schedule.start or "") <= day and (schedule.end is None or day < schedule.end)
