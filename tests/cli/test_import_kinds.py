"""`lenticular import people|organizations|members`, mappings, trials, reports, and imports that were stopped."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from lenticular.cli import sending
from tests.cli.shop import ROWS, write
from tests.process import COMMAND, PATIENCE, ServerProcess, good, refused, server

SITE = {
    "site.yaml": "key: lists\ntimezone: Europe/Madrid\nwriteKey: k\n",
    "segments/invited.yaml": "name: Invited\nstatic: true\n",
    "segments/everyone.yaml": 'name: Everyone\nrule: "True"\n',
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("kinds")
    with server(folder / "data") as started:
        for name, text in SITE.items():
            path = folder / "site" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        good("catalog", "import", folder / "site", data=started.data)
        yield started


def report(what: str, *arguments: str | Path, data: Path) -> Any:
    return json.loads(good("import", what, *arguments, "--json", data=data))


def count(running: ServerProcess, site: str, rule: str) -> int:
    found: int = running.api("POST", f"/api/sites/{site}/count", {"rule": rule})["people"]
    return found


def test_people(running: ServerProcess, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(
        "userId,anonymousId,plan,seats,tags,updatedAt\n"
        'u1,a1,gold,5,"[""x"",""y""]",2024-05-01T10:00:00Z\n'
        "u2,,tin,7,[],2024-05-01T10:00:00Z\n"
        ",a3,,,,\n"
        ",,gold,1,[],2024-05-01T10:00:00Z\n"
    )
    found = report("people", file, "--site", "people", data=running.data)
    assert (found["accepted"], found["refused"], found["reasons"]) == (3, 1, {"The row names nobody.": 1})
    assert report("people", file, "--site", "people", data=running.data)["duplicate"] == 3
    assert running.api("GET", "/api/sites/people/properties")["user"] == {
        "plan": "text",
        "seats": "number",
        "tags": "list",
    }
    for rule, people in (
        ('user.plan == "gold"', 1),
        ("user.seats >= 5", 2),
        ('user.tags.has("y")', 1),
        ("True", 3),
    ):
        assert count(running, "people", rule) == people, rule
    # An older file does not undo what is newer.
    old = tmp_path / "old.csv"
    old.write_text("userId,plan,updatedAt\nu1,tin,2024-04-01T10:00:00Z\n")
    assert report("people", old, "--site", "people", data=running.data)["accepted"] == 1
    assert count(running, "people", 'user.plan == "gold"') == 1
    now = tmp_path / "now.jsonl"
    now.write_text('{"userId": "u1", "plan": "iron"}\n')
    assert report("people", now, "--site", "people", data=running.data)["accepted"] == 1
    assert count(running, "people", 'user.plan == "iron"') == 1


def test_organizations_and_their_members(running: ServerProcess, tmp_path: Path) -> None:
    described, joined = tmp_path / "organizations.csv", tmp_path / "joined.csv"
    described.write_text("groupId,tier,seats\nacme,gold,5\nbolt,tin,9\n,gold,1\n")
    joined.write_text("org,who\nacme,u1\nacme,u2\nbolt,u2\n")
    found = report("organizations", described, "--site", "orgs", data=running.data)
    assert (found["accepted"], found["reasons"]) == (2, {"The row names no organization.": 1})
    assert count(running, "orgs", "True") == 0
    options = ["--group-id", "org", "--user-id", "who", "--site", "orgs"]
    assert report("organizations", joined, *options, data=running.data)["accepted"] == 3
    assert count(running, "orgs", 'organization(tier == "gold" and seats == 5)') == 2
    assert count(running, "orgs", 'organization(tier == "tin")') == 1
    assert running.api("GET", "/api/sites/orgs/properties")["organization"]["seats"] == "number"


def test_static_members(running: ServerProcess, tmp_path: Path) -> None:
    people, file, rejects = tmp_path / "p.csv", tmp_path / "m.csv", tmp_path / "rejects.csv"
    people.write_text("userId,plan\nm1,gold\nm2,tin\n")
    file.write_text("id,name\nm1,Ana\nm9,Joe\nm2,Eva\nm1,Ana\n,Nobody\n")
    options: list[str | Path] = ["invited", file, "--user-id", "id", "--site", "lists"]
    report("people", people, "--site", "lists", data=running.data)
    dry = report("members", *options, "--dry-run", data=running.data)
    found = report("members", *options, "--rejects", rejects, data=running.data)
    assert dry == found
    assert (found["accepted"], found["unknown"], found["duplicate"], found["refused"]) == (2, 1, 1, 1)
    with rejects.open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert [(row["line"], row["id"], row["name"]) for row in rows] == [("6", "", "Nobody"), ("3", "m9", "Joe")]
    assert rows[1]["reason"].startswith("Nobody is known")
    again = report("members", *options, "--create", data=running.data)
    assert (again["accepted"], again["unknown"], again["duplicate"]) == (1, 0, 3)
    assert count(running, "lists", 'segment("invited")') == 3
    good("segment", "remove", "invited", "m1", "--site", "lists", data=running.data)
    assert report("members", *options, data=running.data)["accepted"] == 1, "taken off, and put on again"
    for key, says in (("evryone", "segment"), ("everyone", "no static list")):
        said = refused("import", "members", key, file, "--user-id", "id", "--site", "lists", data=running.data)
        assert says in said[0]


MAPPING = """\
userId: Customer
event: event
timestamp: When
traits: [Plan]
types: {Zip: text}
rename: {Plan: plan, Zip: zip_code}
constants: {event: Visited, source: shop}
ignore: [Note]
format: "%d/%m/%Y %H:%M"
zone: Europe/Madrid
"""


def test_a_mapping_says_what_columns_mean(running: ServerProcess, tmp_path: Path) -> None:
    file, mapping = tmp_path / "visits.csv", tmp_path / "m.yaml"
    file.write_text("Customer,When,Plan,Zip,Note\nu1,31/01/2024 00:30,gold,10115,x\nu2,2024-01-31,gold,10115,x\n")
    mapping.write_text(MAPPING)
    found = report("events", file, "--mapping", mapping, "--site", "mapped", data=running.data)
    assert (found["accepted"], found["refused"]) == (1, 1)
    assert "is not a time of the form '%d/%m/%Y %H:%M'" in found["examples"][0]["reason"]
    assert running.api("GET", "/api/sites/mapped/properties")["event"] == {"zip_code": "text", "source": "text"}
    at = {"rule": 'count("Visited", zip_code == "10115" and source == "shop") == 1', "at": "2024-01-30T23:30:00Z"}
    assert running.api("POST", "/api/sites/mapped/count", at)["people"] == 1
    assert running.api("POST", "/api/sites/mapped/count", {**at, "at": "2024-01-30T23:29:00Z"})["people"] == 0
    assert count(running, "mapped", 'user.plan == "gold"') == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("userid: x\n", 'm.yaml:1:1: There is no setting "userid" here.'),
        ("types:\n  zip: txt\n", 'm.yaml:2:8: "txt" is not a known "zip".'),
        ("zone: Mars/Base\n", "m.yaml:1:7: There is no time zone 'Mars/Base'."),
        ("rename: {a: x, b: x}\n", "m.yaml:1:13: Several columns become 'x'."),
        ('format: "%Q"\n', "m.yaml:1:9: This is no form of a time"),
        ("constants: {a: [1]}\n", "m.yaml:1:16: This is no constant."),
        ("ignore: [\n", "m.yaml:2:1: This is not YAML"),
        (None, "m.yaml: It can't be read"),
    ],
)
def test_what_is_wrong_with_a_mapping_is_said_with_its_place(
    running: ServerProcess, tmp_path: Path, text: str | None, says: str
) -> None:
    mapping = tmp_path / "m.yaml"
    if text is not None:
        mapping.write_text(text)
    said = refused("import", "events", write(tmp_path, "rows.csv"), "--mapping", mapping, data=running.data)
    assert said[0].removeprefix(f"{tmp_path}/").startswith(says), said


@pytest.mark.parametrize("what", ["events", "people"])
def test_a_mapping_that_was_written_means_what_was_guessed(running: ServerProcess, tmp_path: Path, what: str) -> None:
    file, mapping = write(tmp_path, "rows.csv"), tmp_path / "m.yaml"
    options = ["--trait", "plan", "--trait", "score"] if what == "events" else []
    good("import", what, file, *options, "--write-mapping", mapping, data=running.data)
    text = mapping.read_text()
    assert "userId: userId\n" in text and "price: number" in text
    plain = report(what, file, *options, "--site", f"plain-{what}", data=running.data)
    mapped = report(what, file, "--mapping", mapping, "--site", f"mapped-{what}", data=running.data)
    assert plain == mapped and plain["accepted"] == len(ROWS)
    one, other = (running.api("GET", f"/api/sites/{name}-{what}/properties") for name in ("plain", "mapped"))
    assert one == other


def test_a_trial_says_what_the_import_will_and_changes_nothing(running: ServerProcess, tmp_path: Path) -> None:
    file, rejects, told = tmp_path / "t.csv", tmp_path / "r.csv", tmp_path / "report.json"
    lines = [f"u{at % 900},Paid,2024-05-01T10:00:00Z,m{at % 15_000},5\n" for at in range(25_000)]
    lines[20_000] = "u1,Paid,yesterday,m,5\n"
    lines[20_001] = 'u1,"Pa"id,yesterday,m,5\n'
    file.write_text("userId,event,timestamp,messageId,amount\n" + "".join(lines))
    options: list[str | Path] = [file, "--site", "trial", "--rejects", rejects, "--report", told]
    for _ in range(2):
        dry = report("events", *options, "--dry-run", data=running.data)
        assert (dry["accepted"], dry["duplicate"], dry["refused"]) == (15_000, 9_998, 2)
        assert json.loads(told.read_text()) == dry
        assert "trial" not in [site["key"] for site in running.api("GET", "/api/sites")]
    assert report("events", *options, data=running.data) == dry
    assert report("events", *options, "--dry-run", data=running.data)["duplicate"] == 24_998
    with rejects.open(newline="") as opened:
        found = list(csv.DictReader(opened))
    assert [row["line"] for row in found] == ["20002", "20003"]
    assert found[0]["timestamp"] == "yesterday" and found[1]["userId"] == lines[20_001].strip()


def test_a_trial_without_a_data_folder_makes_none(tmp_path: Path) -> None:
    file = write(tmp_path, "rows.csv")
    assert report("events", file, "--dry-run", data=tmp_path / "data")["accepted"] == len(ROWS)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGINT])
def test_an_import_that_was_stopped_goes_on_where_it_was(
    running: ServerProcess, tmp_path: Path, by: signal.Signals
) -> None:
    site, file, people = f"many-{by.value}", tmp_path / "many.csv", 60_000
    file.write_text("userId,plan\n" + "".join(f"u{at},gold\n" for at in range(people)) + "\n" + ",x\n")
    running.api("PUT", f"/api/sites/{site}", {"timezone": "UTC"})
    code, said, accepted = _stopped(running, site, file, by)
    assert code != 0 and 0 < accepted <= people
    if by == signal.SIGINT:
        assert "Give the same command again: it goes on there." in said and "Traceback" not in said
    done = report("people", file, "--site", site, data=running.data)
    assert done["accepted"] + done["duplicate"] == people and done["refused"] == 1
    assert done["accepted"] >= accepted
    assert count(running, site, "True") == people
    assert running.api("GET", f"/api/sites/{site}/imports") == []


def _stopped(running: ServerProcess, site: str, file: Path, by: signal.Signals) -> tuple[int, str, int]:
    """Begin an import of people and stop it once a part is in; return its code, what it said, and how far it came."""
    command = [COMMAND, "--data", str(running.data), "import", "people", str(file), "--site", site]
    with subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests may have told their shell to ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as importing:
        deadline = time.monotonic() + PATIENCE
        while not (notes := running.api("GET", f"/api/sites/{site}/imports")) or not notes[0]["position"]["line"]:
            assert time.monotonic() < deadline and importing.poll() is None
            time.sleep(0.01)
        importing.send_signal(by)
        _, said = importing.communicate(timeout=PATIENCE)
    [note] = running.api("GET", f"/api/sites/{site}/imports")
    return importing.returncode, said, int(note["report"]["accepted"])


def test_without_a_server_a_large_file_is_read_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "_LARGE", 0)
    data, rejects, guests = tmp_path / "data", tmp_path / "r.csv", tmp_path / "guests.csv"
    for name, text in SITE.items():
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    good("catalog", "import", tmp_path / "site", data=data)
    found = report("events", write(tmp_path, "rows.csv"), "--trait", "plan", data=data)
    assert (found["accepted"], found["refused"]) == (len(ROWS), 0)
    guests.write_text("userId,name\nu1,Ana\nnobody,Joe\n,Eva\n")
    found = report("members", "invited", guests, "--rejects", rejects, data=data)
    assert (found["accepted"], found["unknown"], found["refused"]) == (1, 1, 1)
    with rejects.open(newline="") as opened:
        assert [row["name"] for row in csv.DictReader(opened)] == ["Eva", "Joe"]
    said = refused("import", "members", "invited", guests, "--rejects", tmp_path / "no" / "r.csv", data=data)
    assert "The refused rows can't be written" in said[0]


def test_a_part_that_is_none_is_refused(running: ServerProcess) -> None:
    running.api("PUT", "/api/sites/parts", {"timezone": "UTC"})
    asked = {"what": "events", "name": "a.csv", "size": 5, "head": "x", "columns": {}}
    note = running.api("POST", "/api/sites/parts/imports", asked)
    for name, body, says in (
        (note["id"], b"no messagepack", "can't be read"),
        (note["id"], b"\x80", "can't be read"),
        ("0" * 16, _part([]), "There is no import"),
        ("..%2Fcatalog", _part([]), ""),
        (note["id"], _part([{"properties": {"n_x": "text"}}]), "not as events are"),
        (note["id"], _part([{"properties": {"x_x": "text"}}]), "not as events are"),
        (note["id"], _part([{"user_id": "\0"}]), "NUL"),
    ):
        answer: httpx.Response = running.http.post(f"/api/sites/parts/imports/{name}", content=body)
        assert answer.status_code in (404, 422), answer.text
        assert says in answer.text
    assert running.http.delete(f"/api/sites/parts/imports/{note['id']}").json() == []


def _part(events: list[dict[str, Any]]) -> bytes:
    import msgspec

    whole = [{"type": "track", "message_id": "m", "time": 1, "received": 1, "name": "x", **event} for event in events]
    return msgspec.msgpack.encode({"events": whole, "lines": list(range(len(whole))), "what": "events"})
