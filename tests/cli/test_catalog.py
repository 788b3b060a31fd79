"""`lenticular catalog`: every mistake of a folder at once, each with file, line and column; nothing changes then."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import lenticular.demo
from tests.process import ServerProcess, good, process, refused, server

AURORA = Path(lenticular.demo.__file__).parent / "aurora"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with server(tmp_path_factory.mktemp("catalog") / "data") as started:
        yield started


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the demo's catalog, to spoil."""
    return Path(shutil.copytree(AURORA, tmp_path / "aurora"))


def spoil(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert text.count(old) >= 1
    file.write_text(text.replace(old, new, 1))


def test_a_good_folder_is_checked_and_becomes_live(running: ServerProcess, folder: Path) -> None:
    said = good("catalog", "check", folder)
    assert said.startswith(
        "Site aurora: 6 segments, 9 pages, 2 slots, 9 collections, 22 content items, 4 content types."
    )
    said = good("catalog", "import", folder, data=running.data)
    revision = said.split()[-1].rstrip(".")
    [site] = running.api("GET", "/api/sites")
    assert (site["key"], site["revision"], site["timezone"]) == ("aurora", revision, "America/New_York")
    answer = running.http.post("/v1/decide", json={"site": "aurora", "page": "/"})
    assert answer.json()["page"]["blocks"]
    assert good("segment", "count", "students", data=running.data) == "0"
    assert good("segment", "sentence", "near-retirement", data=running.data)
    listed = good("segment", "list", data=running.data).splitlines()
    assert [line.split("  ")[0] for line in listed] == sorted(path.stem for path in (folder / "segments").iterdir())
    assert listed[2] == "invited  Is on the list of Invited."
    assert listed[0].endswith("  (untrusted)")
    [first, *_] = good("segment", "list", "--json", "--language", "es", data=running.data, run=process).splitlines()
    assert json.loads(first)["key"] == "advanced-customers"
    assert revision in good("catalog", "import", folder, data=running.data)
    spoil(folder / "pages" / "home.yaml", "Banking that knows you", "Banking that knows us")
    again = good("catalog", "import", folder, data=running.data)
    assert revision not in again
    title = running.http.post("/v1/decide", json={"site": "aurora", "page": "/"}).json()["page"]["blocks"][0]
    assert title["settings"]["title"]["en"] == "Banking that knows us"


def test_all_mistakes_are_told_with_their_places(running: ServerProcess, folder: Path) -> None:
    good("catalog", "import", AURORA, data=running.data)
    before = running.api("GET", "/api/sites/aurora/catalog")
    spoil(folder / "collections" / "offers.yaml", "free-checking, savings-pot", "free-chekcing, savings-pot")
    spoil(folder / "segments" / "near-retirement.yaml", "user.birth_date", "user.birth_dat")
    spoil(folder / "pages" / "home.yaml", "segment: students", "segment: studnets")
    spoil(folder / "slots" / "promo.yaml", "collection: promotions", "colection: promotions")
    (folder / "content" / "gold-card.yaml").write_text("type: [offer\n")
    for command in (["check"], ["import", "--data", str(running.data)]):
        said = "\n".join(refused("catalog", *command, folder))
        for place, what in (
            ("collections/offers.yaml:2:9", "free-checking"),
            ("segments/near-retirement.yaml:3:13", "user.birth_date"),
            ("pages/home.yaml:59:14", "students"),
            ("slots/promo.yaml:7:3", "collection"),
            ("content/gold-card.yaml:", ""),
        ):
            [line] = [line for line in said.splitlines() if place in line]
            hint = said.splitlines()[said.splitlines().index(line) + 1]
            assert what in f"{line} {hint}", said
        assert "nothing was changed" in said
    assert running.api("GET", "/api/sites/aurora/catalog") == before


def test_a_type_that_the_data_contradicts(running: ServerProcess, folder: Path) -> None:
    good("catalog", "import", AURORA, data=running.data)
    spoil(folder / "properties" / "user.total_balance.yaml", "type: number", "type: text")
    spoil(folder / "segments" / "advanced-customers.yaml", "user.total_balance >= 100_000 and ", "")
    said = refused("catalog", "import", folder, data=running.data)
    assert "user.total_balance" in said[0]
    assert "number" in said[0]


@pytest.mark.parametrize("content", [None, "", "key: aurora\n", "key: aurora\ntimezone: Mars/Base\nwriteKey: w\n"])
def test_folders_that_are_no_catalog(tmp_path: Path, content: str | None) -> None:
    folder = tmp_path / "catalog"
    if content is not None:
        folder.mkdir()
        if content:
            (folder / "site.yaml").write_text(content)
    said = refused("catalog", "import", folder, data=tmp_path / "data")
    assert str(folder) in said[0] or "site.yaml" in said[0]
    assert not (tmp_path / "data").exists()


def test_a_catalog_moves_no_site_to_another_zone(running: ServerProcess, folder: Path) -> None:
    good("catalog", "import", AURORA, data=running.data)
    spoil(folder / "site.yaml", "America/New_York", "Europe/Madrid")
    said = refused("catalog", "import", folder, data=running.data)
    assert "America/New_York" in said[0]
