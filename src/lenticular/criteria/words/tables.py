"""What a language's tables hold."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

Forms = tuple[str, str]
"""One, and more than one."""


class Tables(msgspec.Struct, frozen=True, kw_only=True):
    """The words of one language, under the same keys in all of them; what stands in braces is filled by name.

    `moments`: measures that are said in another way of days and instants. `how_many`: `times`, and the periods of
    `periods()`. `named`: windows. `labels`: of properties, by `scope.name`. `visit`: of sessions, and of what an event
    knows of where it happened, by name.
    """

    phrases: Mapping[str, str]
    functions: Mapping[str, str]
    measures: Mapping[str, str]
    moments: Mapping[str, str]
    amounts: Mapping[str, str]
    how_many: Mapping[str, Forms]
    units: Mapping[str, Forms]
    named: Mapping[str, str]
    months: tuple[str, ...]
    days: Mapping[str, str]
    labels: Mapping[str, str]
    visit: Mapping[str, str]
