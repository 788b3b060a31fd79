"""What is written is read back as it was, and always written in the same form."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

import lenticular.demo
from lenticular.catalog.catalog import KINDS, Catalog
from lenticular.errors import CatalogError
from lenticular.stores.files.catalog import read_catalog
from lenticular.stores.files.emit import emit
from lenticular.stores.files.write import write_catalog
from lenticular.stores.files.yaml import read_yaml
from tests.catalog.drawn import VALUES, catalogs
from tests.decide.world import catalog_of

AURORA = Path(lenticular.demo.__file__).parent / "aurora"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@settings(deadline=None, max_examples=150)
@given(catalogs())
def test_what_is_written_is_read(catalog: Catalog) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_catalog(folder, catalog)
        read, problems = read_catalog(folder)
        unread = [one for one in problems if one.code.startswith(("yaml.", "catalog.shape", "catalog.file"))]
        assert not unread and read == catalog
        assert read is not None and read.revision == catalog.revision
        before = contents(folder)
        assert write_catalog(folder, read) == [] and contents(folder) == before


@settings(deadline=None, max_examples=300)
@given(VALUES)
def test_any_value_is_read_as_it_was(value: Any) -> None:
    document = read_yaml(emit({"value": value, "list": [value, [value]], "more": {"inner": value}}), "x.yaml")
    assert not document.problems
    assert repr(document.data) == repr({"value": value, "list": [value, [value]], "more": {"inner": value}})


def test_files_look_as_a_person_would_write_them() -> None:
    text = emit(
        {
            "name": "Students",
            "rule": "user.age < 26\nand user.x == 1",
            "description": "They say: yes",
            "tags": ["a", "5"],
            "fields": [{"key": "title", "type": "text"}, {"key": "n", "of": []}],
            "settings": {"title": "", "size": 5, "on": True, "none": None, "deep": {"a": {}}},
        }
    )
    assert (
        text
        == """\
name: Students
rule: |-
  user.age < 26
  and user.x == 1
description: "They say: yes"
tags:
  - a
  - "5"
fields:
  - key: title
    type: text
  - key: n
    of: []
settings:
  title: ""
  size: 5
  on: true
  none: null
  deep:
    a: {}
"""
    )


def test_a_folder_follows_the_catalog(tmp_path: Path) -> None:
    bank, _ = read_catalog(AURORA)
    assert bank is not None
    folder = tmp_path / "new" / "bank"
    assert len(write_catalog(folder, bank)) == sum(len(getattr(bank, kind)) for kind in KINDS) + 1
    (folder / "README.md").write_text("# ours")
    (folder / "segments" / "notes.txt").write_text("ours")
    catalog = catalog_of(segments={"a": {"rule": "True"}, "A": {"rule": "True"}})
    changed = write_catalog(folder, catalog)
    assert "segments/students.yaml" in changed and "site.yaml" in changed
    assert (folder / "README.md").exists() and (folder / "segments" / "notes.txt").exists()
    assert len({path.name.casefold() for path in (folder / "segments").glob("*.yaml")}) == 2
    (folder / "segments" / "notes.txt").unlink()
    assert read_catalog(folder)[0] == catalog


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_text("sun")
    with pytest.raises(CatalogError) as error:
        write_catalog(tmp_path, catalog_of())
    assert error.value.problems[0].code == "catalog.folder"
    assert list(tmp_path.iterdir()) == [tmp_path / "holiday.jpg"]
    with pytest.raises(CatalogError):
        write_catalog(tmp_path / "holiday.jpg", catalog_of())


def test_a_file_of_fifty_megabytes_is_refused_at_once(tmp_path: Path) -> None:
    write_catalog(tmp_path, catalog_of())
    (tmp_path / "segments").mkdir()
    with (tmp_path / "segments" / "huge.yaml").open("wb") as file:
        file.truncate(50_000_000)
    (tmp_path / "segments" / "alias.yaml").write_text("rule: &a 'True'\nname: *a\n")
    _, problems = read_catalog(tmp_path)
    assert [(one.code, one.place) for one in problems] == [
        ("yaml.anchor", "segments/alias.yaml:1:7"),
        ("catalog.file", "segments/huge.yaml"),
    ]
