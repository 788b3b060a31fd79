"""One request in ClickHouse's HTTP dialect, read into a statement."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from urllib.parse import parse_qsl

import msgspec

from lenticular.stores.clickhouse.allowed import IGNORED, SETTINGS
from lenticular.stores.clickhouse.refused import Refused

_INSERT_WITH_DATA = re.compile(
    rb"\s*INSERT\s+INTO\s+(?:TABLE\s+)?(?:`[^`]*`|[^\s(`]+)+\s*(?:\([^()]*\)\s*)?"
    rb"(?:SELECT\s[\w\s,]+?\sFROM\s+input\('[^']*'\)\s*)?FORMAT\s+\w+",
    re.IGNORECASE,
)
_OUTPUT = re.compile(rb"\bFORMAT\s+(\w+)\s*(?:SETTINGS\b[^']*)?;?\s*$", re.IGNORECASE)
_BOUNDARY = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)
_FIELD_NAME = re.compile(rb'name="([^"]*)"')
_HEAD_LIMIT = 65536
_TAIL_LIMIT = 4096


class Statement(msgspec.Struct, frozen=True):
    """What to run. `text` is SQL; when it `has_data` it is an INSERT with rows of any format after it.

    `parameters` are texts in ClickHouse's escaped form, `settings` come from the allow-list, `output` is the format
    that the client asked for (its own FORMAT clause, the `default_format`, or TabSeparated).
    """

    text: bytes
    has_data: bool
    output: str
    parameters: dict[str, str]
    settings: dict[str, str]
    database: str
    query_id: str
    read_only: bool


def read_statement(method: str, query_string: bytes, headers: Mapping[str, str], body: bytes) -> Statement:
    """Read a request (https://clickhouse.com/docs/interfaces/http). Raises Refused with what is wrong."""
    fields = _pairs(query_string)
    if headers.get("content-encoding", "identity") != "identity":
        raise Refused(501, 48, "A compressed body is not understood here. Turn the client's compression off.")
    content_type = headers.get("content-type", "")
    if content_type.startswith("multipart/form-data"):
        fields.update(_form(content_type, body))
        body = b""
    query = fields.pop("query", "").encode()
    text = query + b"\n" + body if query and body else query + body
    if not text.strip():
        raise Refused(400, 62, "The query is empty. Send it in the body or as ?query=.")
    parameters = {key[6:]: value for key, value in fields.items() if key.startswith("param_")}
    has_data = _INSERT_WITH_DATA.match(text[:_HEAD_LIMIT]) is not None
    found = None if has_data else _OUTPUT.search(text[-_TAIL_LIMIT:])
    default = fields.pop("default_format", headers.get("x-clickhouse-format", "TabSeparated"))
    return Statement(
        text=text,
        has_data=has_data,
        output=found[1].decode("ascii", "replace") if found else default,
        parameters=parameters,
        settings=_settings(fields),
        database=fields.get("database", headers.get("x-clickhouse-database", "")),
        query_id=_query_id(fields.get("query_id", "")),
        read_only=method == "GET",
    )


def _query_id(text: str) -> str:
    if len(text) > 200 or not text.isprintable():
        raise Refused(400, 36, "A query_id has at most 200 printable characters.")
    return text or str(uuid.uuid4())


def _pairs(query_string: bytes) -> dict[str, str]:
    try:
        return dict(
            parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=10000)
        )
    except ValueError as error:
        raise Refused(400, 36, f"The query string can't be read: {error}.") from error


def _form(content_type: str, body: bytes) -> dict[str, str]:
    """Read the text fields of a multipart/form-data body (RFC 7578)."""
    found = _BOUNDARY.search(content_type)
    if not found:
        raise Refused(400, 36, "A multipart body needs a boundary in its content type.")
    fields = {}
    for part in (b"\r\n" + body).split(b"\r\n--" + found[1].encode())[1:-1]:
        head, _, value = part.partition(b"\r\n\r\n")
        name = _FIELD_NAME.search(head)
        if not name:
            raise Refused(400, 36, "A part of the multipart body has no name.")
        fields[name[1].decode("utf-8", "replace")] = _decode(value)
    return fields


def _decode(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise Refused(400, 36, f"The query is not UTF-8 at byte {error.start}.") from error


def _settings(fields: Mapping[str, str]) -> dict[str, str]:
    settings = {}
    for name, value in fields.items():
        if name.startswith("param_") or name in IGNORED:
            continue
        if name not in SETTINGS:
            raise Refused(
                404,
                115,
                f"The setting '{name}' is not on the list of settings that a request may bring. Leave it out.",
            )
        settings[name] = value
    return settings
