"""The files of pictures: there as a whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from lenticular.errors import StoreError
from lenticular.ports import Files
from lenticular.stores.files.pictures import PictureFiles

NAME, OTHER = "ab" * 16, "cd" * 16


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return PictureFiles(tmp_path / "pictures")


def begun(files: Files, **content: bytes) -> Path:
    work = files.begin()
    for name, data in content.items():
        (work / name).write_bytes(data)
    return work


def read(files: Files, name: str, file: str) -> bytes | None:
    found = files.find(name, file)
    return found.read_bytes() if found else None


def test_what_is_kept_is_found_until_it_is_removed(files: Files) -> None:
    assert list(files.names()) == [] and files.find(NAME, "original") is None
    work = begun(files, original=b"1", fallback=b"2")
    assert files.find(NAME, "original") is None
    files.keep(work, NAME)
    assert (read(files, NAME, "original"), read(files, NAME, "fallback"), work.exists()) == (b"1", b"2", False)
    files.keep(begun(files, original=b"3"), OTHER)
    assert list(files.names()) == [NAME, OTHER]
    files.remove(NAME)
    files.remove(NAME)
    assert list(files.names()) == [OTHER] and files.find(NAME, "original") is None


def test_more_files_join_those_that_are_there(files: Files) -> None:
    files.keep(begun(files, original=b"1", fallback=b"2"), NAME)
    work = begun(files, fallback=b"3", variant=b"4")
    files.add(work, NAME)
    files.forget(work)
    assert [read(files, NAME, each) for each in ("original", "fallback", "variant")] == [b"1", b"3", b"4"]
    files.keep(begun(files, original=b"1"), NAME)  # the same picture once more
    assert read(files, NAME, "variant") == b"4"


def test_what_was_worked_on_is_no_picture(files: Files, tmp_path: Path) -> None:
    work = begun(files, original=b"1")
    assert list(files.names()) == []
    PictureFiles(tmp_path / "pictures").sweep()
    assert not work.exists()
    files.forget(work)


def test_pictures_are_set_aside(files: Files, tmp_path: Path) -> None:
    files.keep(begun(files, original=b"1"), NAME)
    files.set_aside([NAME], "aside")
    assert list(files.names()) == [] and (tmp_path / "aside" / NAME / "original").read_bytes() == b"1"


def test_a_folder_that_can_not_be_says_so(tmp_path: Path) -> None:
    (tmp_path / "pictures").write_text("a file")
    with pytest.raises(StoreError, match="Pictures can't be kept: "):
        PictureFiles(tmp_path / "pictures").begin()
