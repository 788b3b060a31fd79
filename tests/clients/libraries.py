"""The client libraries of servers: what starts each, and how it sends."""

from __future__ import annotations

import json
import sys
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.clients.client import HERE, Client, client, needs
from tests.clients.install import CLIENTS, NODE_BIN


class Library(msgspec.Struct, frozen=True):
    """A client library: what starts it, its options, how it sends.

    `batches` are its options for the largest batches that the server takes. `retried` are faults after which it sends
    again, `given_up` is one after which it does not; `tried` is how often it says then that it has tried, 0 if it
    never says so.
    """

    name: str
    version: str
    words: tuple[str | Path, ...]
    options: dict[str, Any]
    batches: dict[str, Any]
    path: str = ""
    basic: bool = True
    tried: int = 0
    zipped: bool = False
    retried: tuple[str, ...] = ("429", "503", "lost")
    given_up: str = "400"

    def start(self, url: str, key: str, **options: Any) -> AbstractAsyncContextManager[Client]:
        """Start it."""
        given = json.dumps({**self.options, **options})
        return client([*self.words, url, key, given], {"PYTHONPATH": self.path})


PYTHON: tuple[str | Path, ...] = (sys.executable, HERE / "tell_python.py")
NODE: tuple[str | Path, ...] = (NODE_BIN / "node", HERE / "tell_node.mjs", CLIENTS / "node")

SEGMENT_2_3 = Library(
    "segment-2.3",
    "2.3.6",
    (*PYTHON, "segment"),
    {"upload_size": 10, "upload_interval": 0.1},
    {"upload_size": 100},
    path=str(CLIENTS / "segment-2.3"),
    basic=False,
    given_up="408",
)
SEGMENT_2_4 = Library(
    "segment-2.4",
    "2.4.0",
    (*PYTHON, "segment"),
    {"upload_size": 10, "upload_interval": 0.1, "gzip": True},
    {"upload_size": 100},
    tried=4,  # after a Retry-After it begins anew
    zipped=True,
    retried=("429", "408", "500", "lost", "cut"),
)
RUDDER = Library(
    "rudder",
    "2.1.9",
    (*PYTHON, "rudder"),
    {"upload_size": 10, "upload_interval": 0.1},
    {"upload_size": 15},
    zipped=True,
    given_up="408",
)
SEGMENT_NODE = Library("node", "3.1.0", NODE, {"flushAt": 10}, {"flushAt": 15}, tried=3)

each_library = pytest.mark.parametrize(
    "library",
    [
        pytest.param(SEGMENT_2_3, marks=needs("segment-2.3"), id="segment-2.3"),
        pytest.param(SEGMENT_2_4, id="segment-2.4"),
        pytest.param(RUDDER, id="rudder"),
        pytest.param(SEGMENT_NODE, marks=needs("node"), id="node"),
    ],
)
