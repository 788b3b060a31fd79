"""Each bound value arrives exactly as it was given."""

from __future__ import annotations

import math
import random
import struct
from typing import Any

import pytest

from lenticular.errors import LenticularError
from lenticular.stores.clickhouse.events import ClickHouseEvents
from lenticular.stores.clickhouse.values import parameters_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

TEXTS = [
    "",
    " a ",
    "it's",
    "''",
    "\\",
    "\\'",
    "\\N",
    "\\x41",
    "a\tb",
    "a\nb",
    "a\r\nb",
    "\x00",
    "a\x00b",
    "\x1f\x7f",
    "é漢😀",
    "\u2028",
    "`",
    '"',
    "NULL",
    "%s %(a)s",
    "{x:String}",
    "$$",
    "--",
    "/* */",
    "; DROP TABLE events",
    "[1]",
    "a" * 5000 + "'",
]


async def test_texts(events: ClickHouseEvents) -> None:
    sql = "SELECT {text:String}, {list:Array(String)}, has({list:Array(String)}, {text:String})"
    for text in TEXTS:
        assert await events.query(sql, {"text": text, "list": ["z", text]}) == [(text, ["z", text], 1)]
    assert await events.query("SELECT {list:Array(String)}", {"list": TEXTS}) == [(TEXTS,)]
    assert await events.query("SELECT {list:Array(String)}", {"list": []}) == [([],)]


async def test_numbers(events: ClickHouseEvents) -> None:
    integers = [0, -1, 2**63 - 1, -(2**63)]
    sql = "SELECT {a:Array(Int64)}, {b:Int64}, {c:UInt64}, {d:Bool}, {e:UInt8}"
    given = {"a": integers, "b": -(2**63), "c": 2**64 - 1, "d": True, "e": False}
    assert await events.query(sql, given) == [(integers, -(2**63), 2**64 - 1, True, 0)]


async def test_floats_to_the_last_bit(events: ClickHouseEvents) -> None:
    numbers = [0.0, -0.0, 1e300, 5e-324, 1.7976931348623157e308, 0.1, 123456789.123456789, 1e16, 1e22, 1e-7]
    dice = random.Random(7)
    drawn = (struct.unpack("<d", dice.randbytes(8))[0] for _ in range(2000))
    numbers += [number for number in drawn if math.isfinite(number)]
    [(listed,)] = await events.query("SELECT {list:Array(Float64)}", {"list": numbers})
    assert list(map(float.hex, listed)) == list(map(float.hex, numbers))
    for number in numbers[:40]:
        [(single,)] = await events.query("SELECT {x:Float64}", {"x": number})
        assert single.hex() == number.hex()


async def test_a_query_without_parameters_is_no_format_string(events: ClickHouseEvents) -> None:
    assert await events.query("SELECT '%d %s', 7 % 4", {"unused": 1}) == [("%d %s", 3)]


@pytest.mark.parametrize("value", [None, math.nan, math.inf, 2**64, -(2**63) - 1, "\ud800", {"a": 1}, [[1]], [None]])
async def test_what_can_not_be_bound_is_refused_by_name(value: Any) -> None:
    with pytest.raises(LenticularError, match="parameter x"):
        parameters_of("SELECT {x:String}", {"x": value})
