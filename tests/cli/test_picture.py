"""`lenticular picture`, and the pictures of a catalog that is a folder: they go along wherever it goes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.process import ServerProcess, good, refused, server
from tests.stores.codecs import made

PAGE = """path: /
blocks:
  photo:
    kind: image
    position: a
    settings:
      picture:
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with server(tmp_path_factory.mktemp("pictured") / "data") as started:
        yield started


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "Strand.JPG"
    path.write_bytes(made.photo(80, 60))
    return path


def a_site(folder: Path, key: str) -> Path:
    folder.mkdir()
    (folder / "site.yaml").write_text(f"key: {key}\ntimezone: Europe/Madrid\nwriteKey: key-of-{key}-6f1c2b9a4d\n")
    return folder


def test_a_picture_is_added_listed_and_removed(running: ServerProcess, photo: Path, tmp_path: Path) -> None:
    good("catalog", "import", a_site(tmp_path / "one", "one"), data=running.data)
    site = ("--site", "one")
    said = good("picture", "add", photo, "--alt", "A beach", "--focus", "0.5,0.25", *site, data=running.data)
    assert said.splitlines()[0].endswith("/Strand.jpg") and said.splitlines()[1:] == [
        "alt: A beach", "width: 60", "height: 80", "focus:", "  x: 0.5", "  y: 0.25",
    ]  # fmt: skip
    assert "/Strand.jpg  jpeg, 60×80" in good("picture", "list", "strand", *site, data=running.data)
    assert good("picture", "remove", "Strand", *site, data=running.data) == "Strand is removed"
    assert good("picture", "list", *site, data=running.data) == "There are no pictures."
    assert "no picture" in refused("picture", "remove", "Strand", *site, data=running.data)[0]
    [first, hint] = refused("picture", "add", tmp_path / "one" / "site.yaml", *site, data=running.data)
    assert first.endswith("site.yaml: This is no picture.") and "JPEG" in hint
    assert "--focus" in refused("picture", "add", photo, "--focus", "left", *site, data=running.data)[0]
    assert "No such file" in refused("picture", "add", tmp_path / "none.jpg", *site, data=running.data)[0]


def test_a_folder_takes_its_pictures_along(running: ServerProcess, photo: Path, tmp_path: Path) -> None:
    """From one installation to another: by export and apply, without anything else."""
    folder = a_site(tmp_path / "two", "two")
    good("catalog", "import", folder, data=running.data)
    value = good("picture", "add", photo, "--site", "two", data=running.data)
    (folder / "pages").mkdir()
    (folder / "pages" / "home.yaml").write_text(PAGE + "".join(f"        {line}\n" for line in value.splitlines()))
    [warned] = [line for line in _check(folder) if "There is no picture" in line]
    assert warned.startswith("pages/home.yaml:8:14: ")
    good("catalog", "apply", folder, "--yes", data=running.data)
    assert "2 files changed" in good("catalog", "export", folder, "--site", "two", data=running.data)
    [kept] = (folder / "pictures").iterdir()
    assert kept.name.endswith("-Strand.jpg") and kept.read_bytes() == photo.read_bytes()
    assert "0 files changed" in good("catalog", "export", folder, "--site", "two", data=running.data)
    assert _check(folder) == []

    other = tmp_path / "elsewhere"
    said = good("catalog", "plan", folder, data=_empty(other))
    assert f"+ picture {kept.name}" in said
    good("catalog", "apply", folder, "--yes", data=other)
    assert "/Strand.jpg" in good("picture", "list", "--site", "two", data=other)
    assert good("catalog", "plan", folder, data=other) == "Nothing changes."
    assert (other / "pictures").is_dir()


def test_pictures_that_nothing_names_go_from_the_folder(running: ServerProcess, photo: Path, tmp_path: Path) -> None:
    folder = a_site(tmp_path / "three", "three")
    (folder / "pictures").mkdir()
    shutil.copy(photo, folder / "pictures" / "mine.jpg")
    shutil.copy(photo, folder / "pictures" / f"{'0' * 32}-old.jpg")
    good("catalog", "import", folder, data=running.data)
    assert "mine" in good("picture", "list", "--site", "three", data=running.data) or "old" in good(
        "picture", "list", "--site", "three", data=running.data
    )
    good("catalog", "export", folder, "--site", "three", data=running.data)
    assert [path.name for path in (folder / "pictures").iterdir()] == ["mine.jpg"]  # written by nobody but me


def test_a_file_that_is_no_picture_stops_before_anything_is_live(running: ServerProcess, tmp_path: Path) -> None:
    folder = a_site(tmp_path / "four", "four")
    good("catalog", "import", folder, data=running.data)
    (folder / "pictures").mkdir()
    (folder / "pictures" / "bad.jpg").write_text("no picture")
    (folder / "site.yaml").write_text((folder / "site.yaml").read_text() + "name: Four\n")
    said = refused("catalog", "apply", folder, "--yes", data=running.data)
    assert any("bad.jpg: This is no picture." in line for line in said)
    [site] = [one for one in running.api("GET", "/api/sites") if one["key"] == "four"]
    assert site["name"] != "Four"


def _empty(data: Path) -> Path:
    good("catalog", "import", a_site(data.with_name(f"{data.name}-first"), "first"), data=data)
    return data


def _check(folder: Path) -> list[str]:
    from tests.process import lenticular

    ran = lenticular("catalog", "check", folder)
    assert ran.returncode == 0, ran.stderr
    return [line for line in ran.stderr.splitlines() if line and not line.startswith(" ")]
