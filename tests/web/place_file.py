"""Writes a tiny file of the MaxMind DB format, version 2.0 (maxmind.github.io/MaxMind-DB), for IPv4 networks."""

from __future__ import annotations

from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

_MARKER = b"\xab\xcd\xefMaxMind.com"
_RECORD = 24
_TEXT, _UINT16, _UINT32, _MAP, _UINT64, _ARRAY = 2, 5, 6, 7, 9, 11


def write_place_file(path: Path, places: dict[str, dict[str, Any]]) -> Path:
    """Write a file that says what lies in each network (`203.0.113.0/24`); return its path."""
    nodes: list[list[Any]] = [[None, None]]
    for network, place in places.items():
        _insert(nodes, IPv4Network(network), place)
    data, starts = b"", {}
    for place in places.values():
        starts[id(place)] = len(data)
        data += _encoded(place)
    tree = b""
    for node in nodes:
        for side in node:
            value = (
                len(nodes) if side is None else side if isinstance(side, int) else len(nodes) + 16 + starts[id(side)]
            )
            tree += value.to_bytes(_RECORD // 8)
    about = {
        "node_count": (len(nodes), _UINT32),
        "record_size": (_RECORD, _UINT16),
        "ip_version": (4, _UINT16),
        "database_type": "Test-City",
        "languages": ["en"],
        "binary_format_major_version": (2, _UINT16),
        "binary_format_minor_version": (0, _UINT16),
        "build_epoch": (1_700_000_000, _UINT64),
        "description": {"en": "A test"},
    }
    path.write_bytes(tree + bytes(16) + data + _MARKER + _encoded(about))
    return path


def _insert(nodes: list[list[Any]], network: IPv4Network, place: dict[str, Any]) -> None:
    at, address = 0, int(network.network_address)
    for depth in range(network.prefixlen):
        side = (address >> (31 - depth)) & 1
        if depth == network.prefixlen - 1:
            nodes[at][side] = place
        else:
            if nodes[at][side] is None:
                nodes.append([None, None])
                nodes[at][side] = len(nodes) - 1
            at = nodes[at][side]


def _encoded(value: Any) -> bytes:
    if isinstance(value, str):
        raw = value.encode()
        return _control(_TEXT, len(raw)) + raw
    if isinstance(value, tuple):
        raw = int(value[0]).to_bytes((value[0].bit_length() + 7) // 8)
        return _control(value[1], len(raw)) + raw
    if isinstance(value, list):
        return _control(_ARRAY, len(value)) + b"".join(map(_encoded, value))
    return _control(_MAP, len(value)) + b"".join(_encoded(name) + _encoded(one) for name, one in value.items())


def _control(kind: int, size: int) -> bytes:
    assert size < 29
    return bytes([kind << 5 | size]) if kind < 8 else bytes([size, kind - 7])
