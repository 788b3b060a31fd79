"""`lenticular segment`: the same answer with a server on the folder and without, and every mistake in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.shop import COLUMNS, people, write
from tests.process import ServerProcess, good, lenticular, process, refused, server

RULE = 'count("Bought", price > 10, within="10d") >= 2'
AT = "2024-05-17T12:00:00Z"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one site and no server on it."""
    folder = tmp_path_factory.mktemp("segment")
    good("import", "events", write(folder, "rows.csv"), *COLUMNS, data=folder / "data")
    return folder / "data"


@pytest.fixture(scope="module")
def running(data: Path) -> Iterator[ServerProcess]:
    with server(data) as started:
        yield started


def answers(data: Path) -> list[str]:
    return [
        good("segment", "count", RULE, "--at", AT, "--json", data=data, run=process),
        good("segment", "members", RULE, "--at", AT, data=data, run=process),
    ]


def test_a_running_server_gives_the_same_answers(data: Path, request: pytest.FixtureRequest) -> None:
    alone = answers(data)
    running: ServerProcess = request.getfixturevalue("running")
    assert answers(running.data) == alone
    counted = json.loads(alone[0])
    assert (counted["people"], counted["known"], counted["anonymous"]) == (2, 2, 0)
    assert alone[1].splitlines() == ["u1", "u3"]


def test_now_and_then(running: ServerProcess) -> None:
    assert good("segment", "count", 'count("Bought", price > 10) >= 1', data=running.data) == str(
        len(people("Bought", 10))
    )
    assert good("segment", "count", "True", "--at", "2024-04-30T00:00:00Z", data=running.data) == "0"
    assert good("segment", "count", "True", "--at", "2024-05-02T10:00:00Z", data=running.data) == "2"
    assert good("segment", "count", "True", "--at", "2024-05-02T09:59:59.999Z", data=running.data) == "1"
    # A day without a time begins in UTC.
    assert good("segment", "count", "True", "--at", "2024-05-02", data=running.data) == "1"


def test_options_stand_before_or_behind(running: ServerProcess) -> None:
    data = str(running.data)
    for arguments in (
        ["--data", data, "--site", "default", "segment", "count", "True"],
        ["segment", "count", "True", "--data", data, "--site", "default"],
        ["segment", "count", "--site", "default", "True", "--data", data],
    ):
        assert lenticular(*arguments).stdout == "5\n"
    assert process("segment", "count", "True", environment={"LENTICULAR_DATA": str(running.data)}).stdout == "5\n"


def test_members(running: ServerProcess) -> None:
    rule = 'count("Bought", price > 10) >= 1'
    assert sorted(good("segment", "members", rule, data=running.data).splitlines()) == people("Bought", 10)
    assert len(good("segment", "members", "True", "--limit", "2", data=running.data).splitlines()) == 2
    found = [json.loads(line) for line in good("segment", "members", "True", "--json", data=running.data).splitlines()]
    assert sorted(each["userId"] for each in found) == [f"u{at}" for at in range(5)]
    assert all(isinstance(each["profile"], str) for each in found)
    assert good("segment", "members", "not True", data=running.data) == ""


def test_explain(running: ServerProcess) -> None:
    found = json.loads(good("segment", "explain", RULE, "--user-id", "u1", "--at", AT, "--json", data=running.data))
    assert found["member"] is True
    assert found["changesAt"] is not None
    said = good("segment", "explain", RULE, "--user-id", "u1", "--at", AT, data=running.data).splitlines()
    assert said[0].startswith("In: ")
    assert "✓" in said[1]
    assert said[-1].startswith("  Changes by itself on ")
    said = good("segment", "explain", 'user.plan == "gold"', "--user-id", "u1", data=running.data).splitlines()
    assert said[0].startswith("Not in: ")
    assert "tin" in said[1]
    ran = lenticular("segment", "explain", "True", data=running.data)
    assert (ran.returncode, "--user-id" in ran.stderr) == (2, True)


def test_more_about_members(running: ServerProcess) -> None:
    said = good("segment", "members", "True", "--field", "user.plan", "--field", "user.score", data=running.data)
    assert sorted(said.splitlines())[:3] == ["u0\ttin\t0.0", "u1\ttin\t1.0", "u2\tgold\t2.0"]
    drawn = good("segment", "members", "True", "--sample", "3", data=running.data).splitlines()
    assert len(set(drawn)) == 3
    assert good("segment", "members", "True", "--sample", "3", data=running.data).splitlines() == drawn
    first = good("segment", "members", "True", "--at", AT, "--json", "--limit", "1", data=running.data)
    told = json.loads(first)
    assert (told["at"], told["known"]) == (1_715_947_200_000, True)
    assert "traits" in told["asOfNow"]
    counted = json.loads(good("segment", "count", "True", "--at", AT, "--json", data=running.data))
    assert (counted["asOfNow"], counted["sampled"]) == (told["asOfNow"], None)
    assert refused("segment", "members", "True", "--field", "user.plam", data=running.data) == [
        "fields/0: There is no 'user.plam' to show.",
        "    Did you mean user.plan?",
    ]


def test_an_explanation_with_its_events_and_in_spanish(running: ServerProcess) -> None:
    asked = ("segment", "explain", RULE, "--user-id", "u1", "--at", AT)
    lines = good(*asked, data=running.data).splitlines()
    assert lines[2].strip().startswith("“Bought” 17 May 2024, 12:00;")
    assert json.loads(good(*asked, "--json", data=running.data))["why"]["counted"]["total"] == 2
    spanish = good(*asked, "--language", "es", data=running.data).splitlines()
    assert spanish[0].startswith("Dentro: ") and spanish[0] != lines[0]
    out = good("segment", "explain", 'user.plan == "gold"', "--user-id", "u1", data=running.data)
    assert "plan is gold" in out.splitlines()[2]


def test_a_sentence(running: ServerProcess) -> None:
    said = good("segment", "sentence", 'user.score >= 3 and user.plan == "tin"', data=running.data)
    assert said == "Score is at least 3 and plan is tin."
    said = good("segment", "sentence", "user.score >= 1234.5", "--language", "es-MX", data=running.data)
    assert said == "Score es al menos 1.234,5."
    found = json.loads(good("segment", "sentence", "user.score>=3", "--json", data=running.data))
    assert found == {"sentence": "Score is at least 3.", "text": "user.score >= 3"}


@pytest.mark.parametrize(
    ("rule", "first", "hint"),
    [
        ("user.plam == 'gold'", "line 1, column 1: There is no property user.plam.", "Did you mean user.plan?"),
        ("user.plan == ", "line 1", ""),
        ("user.plan ==\n  gold", "line 2, column 3", ""),
        ("user.plan > 5", "line 1, column 1", ""),
        ("count('Bought', within='7 days') > 1", "line 1, column 17", ""),
        ("user.plan == 'gold' and segment('gold')", "line 1, column 25: There is no segment", ""),
        ("gold", "There is no segment 'gold'.", ""),
        ("import os", "line 1", ""),
        ("cuont('Bought') > 1", "line 1, column 1", "count"),
    ],
)
def test_a_rule_with_a_mistake(running: ServerProcess, rule: str, first: str, hint: str) -> None:
    said = refused("segment", "count", rule, data=running.data)
    assert said[0].startswith(first), said
    assert hint in " ".join(said), said


def test_what_is_not_there(running: ServerProcess) -> None:
    said = refused("segment", "count", "True", "--site", "defualt", data=running.data)
    assert said[:2] == ["There is no site 'defualt'.", "    Known: default."]
    assert refused("segment", "count", "True", "--at", "soon", data=running.data)[0].startswith("at: 'soon'")
    assert refused("segment", "explain", "True", "--user-id", "x", data=running.data)[0].startswith("Nobody is known")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    said = refused("segment", "count", "True", data=tmp_path / "nowhere")
    assert said[0] == f"{tmp_path / 'nowhere'}: The data folder does not exist."
    assert "LENTICULAR_DATA" in said[1]
    assert not (tmp_path / "nowhere").exists()


def test_the_doctor(running: ServerProcess, tmp_path: Path) -> None:
    said = good("doctor", data=running.data)
    assert f"a server is running on it: {running.url}, process {running.process.pid}" in said
    assert "site default: 0 segments, zone Europe/Madrid" in said
    ran = lenticular("doctor", data=tmp_path / "nowhere")
    assert (ran.returncode, "does not exist" in ran.stdout) == (1, True)
    (tmp_path / "file").write_text("")
    ran = lenticular("doctor", data=tmp_path / "file")
    assert (ran.returncode, "is not a folder" in ran.stdout) == (1, True)


def test_a_folder_that_another_process_holds_in_silence(tmp_path: Path) -> None:
    from lenticular.app.folder import Folder

    held = Folder(tmp_path / "data", create=True)
    try:
        ran = lenticular("doctor", data=tmp_path / "data")
        assert (ran.returncode, "another process holds it" in ran.stdout) == (1, True)
        said = refused("segment", "count", "True", data=tmp_path / "data")
        assert said[0] == f"{tmp_path / 'data'}: Another process is using this data folder."
    finally:
        held.release()
