"""Requests made from the OpenAPI document: for each operation what is right, and at each place of it what is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from tests.hostile.values import VALUES

_PLACEHOLDER = "\x01here\x01"
KNOWN: dict[str, Any] = {
    **{"rule": "True", "key": "shop", "segment": "guests", "userIds": ["u"], "timezone": "UTC"},
    **{
        "kind": "segments",
        "definition": "guests",
        "number": 1,
        "publication": 999_999,
        "job": 999_999,
        "proposal": 999_999,
    },
}
"""What the shop knows, by name."""


ENDLESS = {"GET /api/sites/{key}/stream"}
"""What answers for as long as someone listens; tests/web/test_stream.py is about these."""


class Operation(msgspec.Struct):
    """One operation of the document."""

    method: str
    path: str
    described: dict[str, Any]
    schemas: dict[str, Any]

    @property
    def name(self) -> str:
        """How a test is called."""
        return f"{self.method.upper()} {self.path}"

    def url(self, **parameters: str) -> str:
        """Return the address, with a site and a segment that exist unless others are given (quoted already)."""
        path = self.path
        for name in [one["name"] for one in self.described.get("parameters", ()) if one["in"] == "path"]:
            path = path.replace(f"{{{name}}}", parameters.get(name, str(KNOWN.get(name, "x"))))
        return path

    def parameters(self, where: str) -> list[str]:
        """Return the names of the parameters in the path or in the query."""
        return [one["name"] for one in self.described.get("parameters", ()) if one["in"] == where]

    def body(self) -> Any:
        """Return a body that is right, None for an operation without one."""
        schema = self._body_schema()
        return None if schema is None else _example(schema, self.schemas)

    def wrong_bodies(self) -> Iterator[tuple[str, bytes]]:
        """Yield bodies with something else at each place, and what they are called."""
        schema = self._body_schema()
        if schema is None:
            return
        for place, body in _with_a_hole(self.body(), schema, self.schemas):
            text = json.dumps(body)
            for name, value in VALUES.items():
                yield f"{name} at {place}", text.replace(json.dumps(_PLACEHOLDER), value).encode()

    def _body_schema(self) -> Any:
        content = self.described.get("requestBody", {}).get("content", {})
        return content["application/json"]["schema"] if "application/json" in content else None


def operations(document: dict[str, Any]) -> list[Operation]:
    """Return all operations of an OpenAPI document."""
    schemas = document["components"]["schemas"]
    return [
        Operation(method, path, described, schemas)
        for path, item in document["paths"].items()
        for method, described in item.items()
    ]


def _resolved(schema: Any, schemas: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _resolved(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    several = schema.get("oneOf") or schema.get("anyOf")
    return _resolved(several[0], schemas) if several else schema


def _example(schema: Any, schemas: dict[str, Any], name: str = "") -> Any:
    schema = _resolved(schema, schemas)
    if name in KNOWN:
        return KNOWN[name]
    if "enum" in schema:
        return schema["enum"][0]
    if "properties" in schema:
        wanted = {*schema.get("required", ()), *(KNOWN.keys() & schema["properties"].keys())}
        return {each: _example(schema["properties"][each], schemas, each) for each in sorted(wanted)}
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    plain: dict[Any, Any] = {"string": "x", "integer": 1, "number": 1, "boolean": False, "array": [], "null": None}
    return plain.get(kind, {})


def _with_a_hole(value: Any, schema: Any, schemas: dict[str, Any], depth: int = 3) -> Iterator[tuple[str, Any]]:
    """Yield the value with the placeholder at every place that the schema has, and one that it does not have."""
    yield "/", _PLACEHOLDER
    schema = _resolved(schema, schemas)
    if not depth:
        return
    if isinstance(value, dict):
        for name, of in schema.get("properties", {}).items():
            inside = value.get(name, _example(of, schemas, name))
            for place, hole in _with_a_hole(inside, of, schemas, depth - 1):
                yield f"/{name}{place}", {**value, name: hole}
        yield "/unheard-of/", {**value, "unheard-of": _PLACEHOLDER}
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        of = schema["items"]
        for place, hole in _with_a_hole(_example(of, schemas), of, schemas, depth - 1):
            yield f"/0{place}", [hole]
