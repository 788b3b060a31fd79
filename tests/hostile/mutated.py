"""Bytes and JSON that are almost right: the mutations of the fuzzers."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

_PIECES = [
    *(
        b"",
        b"\0",
        b"\xff",
        b"\xed\xa0\x80",
        b"\xef\xbb\xbf",
        b"\\u0000",
        b"\\ud800",
        b"\\",
        b'"',
        b"'",
        b"{",
        b"}",
        b"[",
    ),
    *(b"]", b"(", b")", b",", b":", b"=", b"==", b" not ", b" and ", b" in ", b"None", b"null", b"true", b"1e999"),
    *(b"-0", b"9" * 30, b"0x1", b"1_0", b".", b"..", b"*", b"&a", b"!!python/object:os.system", b"<<: *a", b"---\n"),
    *(
        b"\n",
        b"\r\n",
        b"\t",
        b"#",
        b"/",
        b"%00",
        b"%",
        b";",
        b"\xe2\x80\xa8",
        b"\xf0\x9f\x98\x80",
        b"[" * 300,
        b"(" * 90,
    ),
    *(b"{" * 300, b"not " * 90, b"x" * 5_000, b"count(", b"user.", b"lambda: ", b"f'{x}'", b"await ", b":=", b"@"),
]
_edits = st.lists(
    st.tuples(st.integers(0, 10**6), st.integers(0, 12), st.one_of(st.sampled_from(_PIECES), st.binary(max_size=4))),
    min_size=1,
    max_size=6,
)


def mutated(originals: list[bytes]) -> st.SearchStrategy[bytes]:
    """Return originals of which parts are cut out, replaced, doubled."""
    return st.builds(_apply, st.sampled_from(originals), _edits)


def _apply(original: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    out = original
    for at, cut, piece in edits:
        at %= len(out) + 1
        out = out[:at] + piece + out[at + cut :]
    return out


_texts = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["\0", "x" * 300, "2026-01-31", "2026-01-31T12:00:00Z", "1900-01-01", "2999-01-01", "NaN", "5", ""]
    ),
)
almost_json: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), _texts),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_texts, inner, max_size=4)),
    max_leaves=12,
)


_PLAIN: list[Any] = [
    None,
    True,
    5,
    -1,
    1e300,
    "",
    "x",
    "user",
    "a.b",
    "7d",
    "class",
    "in",
    "\0",
    [],
    {},
    [""],
    {"name": ""},
]


def replaced(originals: list[Any]) -> st.SearchStrategy[bytes]:
    """Return originals as JSON, with anything at some of their places."""
    return st.builds(
        _replace,
        st.sampled_from(originals),
        st.lists(st.tuples(st.integers(0, 99), st.one_of(st.sampled_from(_PLAIN), almost_json)), max_size=3),
    )


def _replace(original: Any, changes: list[tuple[int, Any]]) -> bytes:
    value = json.loads(json.dumps(original))
    for at, new in changes:
        places = list(_places(value))
        holder, key = places[at % len(places)]
        holder[key] = json.loads(json.dumps(new))
    return json.dumps(value).encode("utf-8", "surrogatepass")


def _places(value: Any) -> Any:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield value, key
        yield from _places(inner)


def fuzz(examples: int, derandomize: bool = True) -> settings:
    """Return the settings of a fuzzer: the same examples each time in `make test`, others in each soak."""
    return settings(
        max_examples=examples,
        derandomize=derandomize,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
