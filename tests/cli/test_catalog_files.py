"""`lenticular catalog export`, `plan`, `apply`: files and screens work on one catalog."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from lenticular.catalog.catalog import Catalog
from lenticular.cli.main import main
from lenticular.stores.files.catalog import read_catalog
from tests.cli.test_catalog import AURORA, spoil
from tests.process import ServerProcess, good, lenticular, refused, server


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with server(tmp_path_factory.mktemp("catalog") / "data") as started:
        for at in range(6):
            started.post("/v1/identify", {"anonymousId": f"a{at}", "traits": {"n": at}}, key="none")
        yield started


@pytest.fixture
def folder(running: ServerProcess, tmp_path: Path) -> Path:
    """What is live, exported: the demo bank."""
    good("catalog", "import", AURORA, data=running.data)
    good("catalog", "export", tmp_path / "bank", data=running.data)
    return tmp_path / "bank"


def live_of(folder: Path) -> Catalog:
    """What is live once a folder was imported: all of it but the secret key, which no export has."""
    found = read_catalog(folder)[0]
    assert found is not None and found.site.secret_key
    return msgspec.structs.replace(found, site=msgspec.structs.replace(found.site, secret_key=""))


def test_export_and_import_change_nothing(running: ServerProcess, folder: Path) -> None:
    assert read_catalog(folder)[0] == live_of(AURORA)
    before = {path: path.read_bytes() for path in folder.rglob("*.yaml")}
    revision = running.api("GET", "/api/sites")[0]["revision"]
    assert revision in good("catalog", "import", folder, data=running.data)
    assert "0 files changed" in good("catalog", "export", folder, data=running.data)
    assert {path: path.read_bytes() for path in folder.rglob("*.yaml")} == before
    assert good("catalog", "plan", folder, data=running.data) == "Nothing changes."
    assert good("catalog", "apply", folder, "--yes", data=running.data) == "Nothing changes."


def test_a_plan_tells_what_apply_does(running: ServerProcess, folder: Path) -> None:
    key = running.api("GET", "/api/sites/aurora/catalog")["site"]["writeKey"]
    for at in range(6):
        running.post("/v1/identify", {"userId": f"u{at}", "traits": {"birth_date": f"{1960 + at}-01-01"}}, key=key)
    running.api("POST", "/api/sites/aurora/settle")
    spoil(folder / "segments" / "near-retirement.yaml", "58 <=", "63 <=")
    (folder / "goals").mkdir()
    (folder / "goals" / "opened.yaml").write_text("event: Account Opened\n")
    before = running.api("GET", "/api/sites/aurora/catalog")
    said = good("catalog", "plan", folder, data=running.data)
    assert said.splitlines()[0] == "+ opened (goal) was added."
    assert "~ Near retirement: age was *between 58 and 67*, now *between 63 and 67*." in said
    assert "Near retirement: 6 people, then " in said
    assert "Used by collection Offers, page Home, page Retirement, slot " in said
    assert said.splitlines()[-1] == "2 definitions change."
    assert "63 y 67" in good("catalog", "plan", folder, "--language", "es", data=running.data)
    assert running.api("GET", "/api/sites/aurora/catalog") == before
    asked = CliRunner().invoke(main, ["--data", str(running.data), "catalog", "apply", str(folder)], input="n\n")
    assert asked.exit_code == 1 and running.api("GET", "/api/sites/aurora/catalog") == before
    said = good("catalog", "apply", folder, "--yes", "--note", "From files", data=running.data)
    revision = said.split()[-1].rstrip(".")
    assert running.api("GET", "/api/sites")[0]["revision"] == revision
    [published] = running.api("GET", "/api/sites/aurora/publications?limit=1")["publications"]
    assert (published["kind"], published["note"], published["revision"]) == ("import", "From files", revision)


def test_a_mistake_is_told_with_its_place_and_nothing_is_planned(running: ServerProcess, folder: Path) -> None:
    spoil(folder / "segments" / "students.yaml", "user.birth_date", "user.brith_date")
    for command in ("plan", "apply"):
        said = "\n".join(refused("catalog", command, folder, data=running.data))
        assert "segments/students.yaml:" in said and "Did you mean user.birth_date?" in said


def test_a_new_site_comes_from_files(tmp_path: Path) -> None:
    data = tmp_path / "data"
    said = good("catalog", "apply", AURORA, "--yes", data=data)
    assert said.startswith("The site aurora is new.") and "Live now as revision" in said
    good("catalog", "export", tmp_path / "out", data=data)
    assert read_catalog(tmp_path / "out")[0] == live_of(AURORA)
    keys = good("site", "keys", "list", data=data).splitlines()
    assert [line.split()[1] for line in keys] == ["secret", "public"]
    assert "aurora-demo-secret-key" not in "".join(keys) and "aurora-demo-write-key" in keys[1]
    spoil(tmp_path / "out" / "site.yaml", "name: ", "secretKey: another secret of ours\nname: ")
    assert good("catalog", "apply", tmp_path / "out", data=data) == "Nothing changes."
    assert [line.split()[1] for line in good("site", "keys", "list", data=data).splitlines()].count("secret") == 2
    assert "folder" in refused("catalog", "export", tmp_path, data=data)[0]


def test_someone_else_who_publishes_meanwhile_is_not_overwritten(running: ServerProcess, folder: Path) -> None:
    live = running.http.get("/api/sites/aurora/catalog")
    catalog = live.json()
    catalog["segments"]["students"]["name"] = "Pupils"
    running.api("PUT", "/api/sites/aurora/catalog", catalog)
    answer = running.http.put("/api/sites/aurora/catalog", json=live.json(), headers={"if-match": live.headers["etag"]})
    assert answer.status_code == 409 and answer.json()["problems"][0]["code"] == "catalog.changed"


def test_where_files_rule_they_are_applied_and_nothing_else(tmp_path: Path) -> None:
    environment = {"LENTICULAR_CATALOG": "files"}
    ran = lenticular("catalog", "apply", AURORA, "--yes", data=tmp_path / "data", environment=environment)
    assert ran.returncode == 0, ran.stderr
    assert lenticular("catalog", "plan", AURORA, data=tmp_path / "data", environment=environment).stdout.strip() == (
        "Nothing changes."
    )
    wrong = lenticular("doctor", data=tmp_path / "data", environment={"LENTICULAR_CATALOG": "paper"})
    assert wrong.returncode == 1 and "LENTICULAR_CATALOG" in wrong.stderr
