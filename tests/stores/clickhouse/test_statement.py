"""A request is read into a statement: what is data, what is SQL, in which format the answer goes out."""

from __future__ import annotations

import pytest

from lenticular.stores.clickhouse.refused import Refused
from lenticular.stores.clickhouse.statement import read_statement


@pytest.mark.parametrize(
    ("text", "has_data", "output"),
    [
        ("INSERT INTO t FORMAT JSONEachRow\n{}", True, "TabSeparated"),
        ("insert into `a`.`b` (`x`, y) format Native\n", True, "TabSeparated"),
        ("INSERT INTO t(a) FORMAT TSV 1", True, "TabSeparated"),
        (" INSERT INTO TABLE t\n FORMAT CSV\n1", True, "TabSeparated"),
        ('INSERT INTO t FORMAT JSONEachRow\n{"a": "FORMAT CSV"}', True, "TabSeparated"),
        ("INSERT INTO t VALUES ('FORMAT x')", False, "TabSeparated"),
        ("INSERT INTO t SELECT 1", False, "TabSeparated"),
        ("SELECT 1 FORMAT Native", False, "Native"),
        ("SELECT 1\n format JSONEachRow ;\n", False, "JSONEachRow"),
        ("SELECT 1 FORMAT CSV SETTINGS max_threads = 1", False, "CSV"),
        ("SELECT 'FORMAT CSV'", False, "TabSeparated"),
        ("SELECT 'INSERT INTO t FORMAT CSV' AS a", False, "TabSeparated"),
    ],
)
def test_what_is_data_and_what_is_asked_for(text: str, has_data: bool, output: str) -> None:
    statement = read_statement("POST", b"", {}, text.encode())
    assert (statement.has_data, statement.output) == (has_data, output)
    assert statement.text == text.encode()


def test_the_parts_of_a_request() -> None:
    query_string = b"query=SELECT+%7Ba%3AString%7D&param_a=%C3%A9%00+%26&database=d&max_threads=3&query_id=q"
    statement = read_statement("GET", query_string, {"x-clickhouse-format": "CSV"}, b"")
    assert statement.text == b"SELECT {a:String}"
    assert statement.parameters == {"a": "é\x00 &"}
    assert statement.settings == {"max_threads": "3"}
    assert (statement.database, statement.query_id, statement.output) == ("d", "q", "CSV")
    assert statement.read_only


def test_a_form_keeps_every_byte_of_its_values() -> None:
    value = "a\r\n--b\r\n\r\n'é\x00 "
    head = 'Content-Disposition: form-data; name="{}"\r\n\r\n'
    parts = [f"--XX\r\n{head.format(name)}{text}\r\n" for name, text in (("query", "SELECT 1"), ("param_a", value))]
    body = "".join([*parts, "--XX--\r\n"]).encode()
    statement = read_statement("POST", b"", {"content-type": 'multipart/form-data; boundary="XX"'}, body)
    assert statement.text == b"SELECT 1"
    assert statement.parameters == {"a": value}


@pytest.mark.parametrize(
    ("query_string", "headers", "body", "said"),
    [
        (b"", {}, b" \n", "empty"),
        (b"query=%FF", {}, b"", "can't be read"),
        (b"", {"content-encoding": "lz4"}, b"SELECT 1", "compressed"),
        (b"", {"content-type": "multipart/form-data"}, b"SELECT 1", "boundary"),
        (b"", {"content-type": "multipart/form-data; boundary=X"}, b"--X\r\n\r\n\r\n1\r\n--X--", "no name"),
        (b"query_id=a%0D%0Ab", {}, b"SELECT 1", "query_id"),
        (b"max_memory_usage_for_user=1", {}, b"SELECT 1", "max_memory_usage_for_user"),
    ],
)
def test_what_can_not_be_read_is_said(query_string: bytes, headers: dict[str, str], body: bytes, said: str) -> None:
    with pytest.raises(Refused) as caught:
        read_statement("POST", query_string, headers, body)
    assert said in caught.value.message
