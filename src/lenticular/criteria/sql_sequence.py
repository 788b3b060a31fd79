"""A sequence of events in SQL.

Without `without`, ClickHouse's `windowFunnel` in its modes `strict_increase` and `strict_once` answers the same as
the dynamic programme of `tally/sequence.py`; otherwise that programme is written as a fold over arrays.
"""

from __future__ import annotations

from collections.abc import Sequence

from lenticular.criteria.window import EVER, duration

_LONG = 1 << 62


def chain(source: str, where: str, within: str, marks: Sequence[str], without: str, span: str | None) -> str:
    """Return the query for the profiles with a chain of steps.

    `marks` says for each step whether an event can fill it, `within` whether it lies in the window, `without` (or
    nothing) whether it must not come after the last step; `span` is the longest time from first to last step.
    """
    longest = duration(span).milliseconds if span else _LONG
    if without and len(marks) == 1:
        return _one(source, where, f"{within} AND {marks[0]}", without)
    if without:
        return _fold(source, where, within, marks, without, longest)
    tests = f"{where} AND {within} AND ({' OR '.join(f'({mark})' for mark in marks)})"
    grouped = f"SELECT e.profile_id FROM {source} WHERE {tests} GROUP BY e.profile_id"
    if len(marks) == 1:
        return grouped
    funnel = f"windowFunnel({longest}, 'strict_increase', 'strict_once')"
    steps = ", ".join(f"({mark})" for mark in marks)
    return f"{grouped} HAVING {funnel}(toUInt64(e.time + {_LONG}), {steps}) >= {len(marks)}"


def _one(source: str, where: str, step: str, without: str) -> str:
    """With a single step the chain that ends last is its newest event."""
    return (
        f"SELECT e.profile_id FROM {source} WHERE {where} AND (({step}) OR ({without})) GROUP BY e.profile_id"
        f" HAVING countIf({step}) > 0"
        f" AND (countIf({without}) = 0 OR maxIf(e.time, {without}) <= maxIf(e.time, {step}))"
    )


def _fold(source: str, where: str, within: str, marks: Sequence[str], without: str, longest: int) -> str:
    """One row per profile and moment, with a bit for each step that an event of that moment can fill.

    The fold holds for each length the latest start of a chain, and when the last whole chain ended.
    """
    last = len(marks)
    bits = " + ".join(f"if({within} AND {mark}, {1 << at}, 0)" for at, mark in enumerate(marks))
    bits += f" + if({without}, {1 << last}, 0)"
    moments = (
        f"SELECT e.profile_id AS profile_id, e.time AS time, groupBitOr(toUInt32({bits})) AS mask"
        f" FROM {source} WHERE {where} GROUP BY profile_id, time HAVING mask > 0"
    )
    never = f"toInt64({EVER})"
    start = "if(step = 1, moment.1, chains.1[step - 1])"
    reached = f"if(bitTest(moment.2, step - 1), greatest(chains.1[step], {start}), chains.1[step])"
    begun = f"chains.1[{last - 1}]"
    whole = f"bitTest(moment.2, {last - 1}) AND {begun} > {never} AND moment.1 - {begun} <= {longest}"
    steps = f"[{', '.join(f'toInt64({step + 1})' for step in range(last))}]"
    step = f"(arrayMap(step -> {reached}, {steps}), if({whole}, moment.1, chains.2))"
    nothing = f"([{', '.join([never] * last)}], {never})"
    moments_in_order = "arraySort(groupArray((time, mask)))"
    done = f"arrayFold((chains, moment) -> {step}, {moments_in_order}, {nothing}).2"
    broken = f"maxIf(time, bitTest(mask, {last}))"
    return (
        f"SELECT profile_id FROM ({moments}) GROUP BY profile_id"
        f" HAVING {done} > {never} AND (countIf(bitTest(mask, {last})) = 0 OR {broken} <= {done})"
    )
