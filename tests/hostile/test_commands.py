"""Every command, with arguments and files that are not what they should be: exit 1 or 2, a sentence, no stack trace."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from lenticular.cli.main import main
from tests.process import server

LONG = "x" * 10_000
TEXTS = [
    *("", " ", "..", "../../../etc/passwd", "/dev/null", "a b?c#d", "%00", "%2e%2e", "\udcff\udcfe", "é😀", LONG),
    *(
        "user.",
        "True and",
        "(" * 5_000,
        "'; DROP TABLE events; --",
        "-1",
        "9" * 400,
        "1.5e400",
        "NaN!",
        "nu ll",
        "\x1b[31m",
    ),
    *(
        "2999-01-01T00:00Z",
        "1899-12-31T00:00:00Z",
        "{}",
        "https://shop.example/",
        "*",
        "~",
        "\\",
        "shop/../x",
        "x=y=z",
        "=text",
    ),
]
ENDLESS = ("serve", "demo")


def commands(group: click.Group = main, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Walk click's tree: every command that does something, and the words that lead to it."""
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from commands(command, (*words, name))
        else:
            yield (*words, name), command


COMMANDS = list(commands())
NEEDS_NO_DATA = (("catalog", "check"), ("block", "list"), ("block", "new"))


def run(*words: str, data: Path) -> Result:
    wanted: dict[str, str | None] = {name: None for name in os.environ if name.startswith("LENTICULAR_")}
    return CliRunner().invoke(main, ["--data", str(data), *words], env=wanted)


def in_order(result: Result, words: Any) -> int:
    """Return the exit code of a command that ended in order; if it refused, it said why."""
    told = f"{str(words)[:300]}: {result.exit_code} {result.output[-2000:]}"
    assert result.exception is None or isinstance(result.exception, SystemExit), (told, result.exc_info)
    assert "Traceback" not in result.output, told
    assert result.exit_code in (0, 1, 2), told
    assert result.exit_code == 0 or result.output.strip(), told
    return result.exit_code


def plain(command: click.Command, replaced: Mapping[str, str], files: Path) -> list[str]:
    """Return a command's words: what it must be given, and what is to be replaced or added."""
    words: list[str] = []
    for one in command.params:
        value = replaced.get(str(one.name))
        if isinstance(one, click.Option):
            if value is not None:
                words += [one.opts[0]] if one.is_flag else [one.opts[0], value]
        else:
            right = {"file": str(files / "events.csv"), "folder": str(files), "key": "guests", "rule": "True"}
            words.append(value if value is not None else right.get(str(one.name), "u1"))
    first = [word for word in words if not word.startswith("-")]
    return words if len(first) == len(words) else [*words]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a running server's data and a file of events."""
    folder = tmp_path_factory.mktemp("commands")
    (folder / "events.csv").write_text("userId,event,timestamp\nu1,Seen,2026-01-01T00:00:00Z\n")
    with server(folder / "data") as running:
        running.api("PUT", "/api/sites/shop", {"timezone": "UTC"})
        yield folder
        assert [one["key"] for one in running.api("GET", "/api/sites")] == ["shop"], "a command made a site"
        assert running.api("POST", "/api/sites/shop/settle")["pending"] == 0
        good = ["import", "events", str(folder / "events.csv")]
        assert in_order(run(*good, data=folder / "data"), good) == 0
        counted = running.api("POST", "/api/sites/shop/count", {"rule": 'count("Seen") >= 1'})
        assert counted["people"] == 1


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a command writes to a path that is one after all stays here."""
    monkeypatch.chdir(tmp_path)


def test_the_walk_finds_them() -> None:
    assert len(COMMANDS) >= 11
    assert {words[0] for words, _ in COMMANDS} >= {"serve", "demo", "import", "segment", "catalog", "doctor"}


PARTS = [pytest.param(4, id="some"), pytest.param(1, id="all", marks=pytest.mark.soak)]
"""Of how many texts one is tried."""


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(("words", "command"), COMMANDS, ids=[" ".join(words) for words, _ in COMMANDS])
def test_each_argument_and_option(place: Path, words: tuple[str, ...], command: click.Command, part: int) -> None:
    refused = tried = 0
    for at, one in enumerate(command.params):
        if one.name in ("data", "site", "help") or (isinstance(one, click.Option) and one.is_flag):
            continue
        for text in TEXTS[at % part :: part]:
            given = [*words, *plain(command, {str(one.name): text}, place)]
            # A server would go on for ever: the folder is in use.
            refused += in_order(run(*given, data=place / "data"), given) > 0
            tried += 1
    if words[0] in ENDLESS:
        assert refused == tried
    if tried and words != ("catalog", "never-shown"):  # whose only text is a language: another one is English
        assert refused >= 3


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(("words", "command"), COMMANDS, ids=[" ".join(words) for words, _ in COMMANDS])
def test_a_site_and_a_folder_that_are_none(
    place: Path, words: tuple[str, ...], command: click.Command, part: int
) -> None:
    right = plain(command, {}, place)
    if any(one.name == "site" for one in command.params):
        for text in TEXTS[len(words[-1]) % part :: part]:
            given = ["--site", text, *words, *right]
            code = in_order(run(*given, data=place / "data"), given)
            assert code > 0 or text == "", given
    no_folders = [
        place / "events.csv",
        place / "events.csv" / "x",
        Path("/dev/null"),
        Path("/proc/1/nothing"),
        Path(LONG),
    ]
    for folder in no_folders:
        given = [*words, *right]
        code = in_order(run(*given, data=folder), (folder, given))
        assert code > 0 or words in NEEDS_NO_DATA, given


@pytest.mark.parametrize("name", ["port", "events_threads", "events_memory", "sample_above", "data"])
@pytest.mark.parametrize("value", ["x", "5.5", "NaN", "a b", LONG, "\udcff"])
def test_settings_that_are_none(place: Path, name: str, value: str) -> None:
    """Each says which setting it is."""
    environment = {"LENTICULAR_DATA": str(place / "nowhere"), f"LENTICULAR_{name.upper()}": value}
    result = CliRunner().invoke(main, ["segment", "count", "True"], env=environment)
    assert in_order(result, (name, value)) == 1
    assert name == "data" or f"LENTICULAR_{name.upper()}" in result.output


@pytest.mark.parametrize("port", ["-1", "65536", "99999999999", "1"])
@pytest.mark.parametrize("command", ENDLESS)
def test_ports_that_are_none(tmp_path: Path, command: str, port: str) -> None:
    given = [command, "--port", port, "--host", "203.0.113.1" if port == "1" else "127.0.0.1"]
    assert in_order(run(*given, data=tmp_path / "data"), given) > 0


@pytest.mark.parametrize(
    "host", ["", " ", "nowhere.invalid", "999.1.1.1", "a..b", LONG, "é" * 300, "\udcff", "[::1", ":"]
)
def test_hosts_that_are_none(tmp_path: Path, host: str) -> None:
    given = ["serve", "--port", "0", "--host", host]
    if host.strip():
        assert in_order(run(*given, data=tmp_path / "data"), given) > 0


def test_a_data_folder_with_strange_things_in_it(tmp_path: Path) -> None:
    """Files where folders should be, databases that are none: said by `doctor` and by each command."""
    for at, (path, content) in enumerate(
        [("sites", b"x"), ("sites/shop/catalog.db", b"x" * 5_000), ("clickhouse", b"x"), ("sites/shop/catalog.db", b"")]
    ):
        data = tmp_path / str(at)
        (data / path).parent.mkdir(parents=True)
        (data / path).write_bytes(content)
        for words in (["doctor"], ["segment", "count", "True"]):
            assert in_order(run(*words, data=data), (path, words)) == 1


def test_a_database_of_another_program(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "sites" / "shop"
    folder.mkdir(parents=True)
    with sqlite3.connect(folder / "catalog.db") as other:
        other.execute("CREATE TABLE revisions (x)")
    other.close()
    for words in (["doctor"], ["segment", "count", "True"]):
        assert in_order(run(*words, data=tmp_path / "data"), words) == 1
