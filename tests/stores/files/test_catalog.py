from __future__ import annotations

import errno
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import lenticular.demo
from lenticular.catalog.check import fatal
from lenticular.stores.files.catalog import MAX_BYTES, read_catalog

AURORA = Path(lenticular.demo.__file__).parent / "aurora"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(AURORA, tmp_path / "bank")
    return tmp_path / "bank"


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def problems(folder: Path) -> list[str]:
    return [str(problem) for problem in read_catalog(folder)[1]]


def test_the_demo_bank_has_no_problem(folder: Path) -> None:
    catalog, found = read_catalog(folder)
    assert found == []
    assert catalog is not None
    assert list(catalog.segments) == sorted(path.stem for path in (AURORA / "segments").iterdir())
    assert catalog.properties["user.account_types"].type == "list"
    again, _ = read_catalog(folder)
    assert again is not None
    assert again.revision == catalog.revision


def test_a_key_may_be_written_and_is_the_files_name_otherwise(folder: Path) -> None:
    (folder / "segments" / "file.yml").write_text("key: written\nrule: 'True'\n")
    (folder / "README.md").write_text("# hello")
    (folder / ".git").mkdir()
    catalog, found = read_catalog(folder)
    assert found == []
    assert catalog is not None
    assert "written" in catalog.segments
    assert "file" not in catalog.segments


def test_every_problem_is_said_at_once_each_with_its_place(folder: Path) -> None:
    change(folder / "pages/home.yaml", "segment: near-retirement", "segment: near-retirment")
    change(folder / "collections/offers.yaml", "[gold-card, car-loan]", "[gold-card, car-lone]")
    change(folder / "segments/students.yaml", "user.birth_date", "user.brith_date")
    change(folder / "segments/students.yaml", 'segment("advanced-customers")', 'segment("advanced")')
    change(folder / "content/gold-card-ad.yaml", "per: day", "per: daily")
    change(folder / "content/car-loan.yaml", "name:", "nmae:")
    change(folder / "site.yaml", "America/New_York", "America/New_Yrok")
    found = [re.sub(r"(?<=America/New_York or ).*(?=\?)", "...", one) for one in problems(folder)]
    assert found == [
        'content/car-loan.yaml:2:1: There is no setting "nmae" here. Did you mean name?',
        'content/gold-card-ad.yaml:14:8: "daily" is not a known "per". Did you mean day?',
        'site.yaml:4:11: There is no time zone "America/New_Yrok". Did you mean America/New_York or ...?',
        "segments/students.yaml:4:9: There is no property user.brith_date. Did you mean user.birth_date?",
        'segments/students.yaml:6:19: There is no segment "advanced". '
        "Did you mean advanced-customers?",
        'collections/offers.yaml:14:24: There is no content item "car-lone". Did you mean car-loan?',
        'pages/home.yaml:109:14: There is no segment "near-retirment". Did you mean near-retirement?',
    ]  # fmt: skip


@pytest.mark.parametrize("style", ["{}", "'{}'", '"{}"', ">-\n  {}", "|\n\n    {}", ">-\n  True and\n  {}"])
def test_a_place_within_a_rule_is_found_in_every_style(folder: Path, style: str) -> None:
    text = f"name: X\nrule: {style.format('user.oops == 5')}\n"
    (folder / "segments/x.yaml").write_text(text)
    before = text[: text.index("user.oops")]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    assert [one.split(": ")[0] for one in problems(folder)] == [f"segments/x.yaml:{line}:{column}"]


def test_a_broken_file_is_one_problem_and_the_others_are_still_read(folder: Path) -> None:
    (folder / "segments/students.yaml").write_text("name: Students\nrule: [")
    found = problems(folder)
    assert len(found) == 1
    assert found[0].startswith("segments/students.yaml:2:8: This is not YAML: ")


def test_one_key_in_two_files(folder: Path) -> None:
    (folder / "segments/zz.yaml").write_text("key: students\nrule: 'True'\n")
    assert problems(folder) == [
        'segments/zz.yaml: The key "students" is used twice in segments: segments/students.yaml has it too. '
        "Give one of them another key."
    ]


def test_what_does_not_belong_there(folder: Path) -> None:
    (folder / "segmnets").mkdir()
    (folder / "students.yaml").write_text("rule: 'True'")
    (folder / "segments/old.txt").write_text("x")
    (folder / "segments/deep").mkdir()
    assert [one.split(".")[0] + "." for one in problems(folder) if "segmnets" in one] == [
        'segmnets/: There is no such part of a catalog as "segmnets".'
    ]
    assert "Did you mean segments?" in "".join(problems(folder))
    places = {one.split(": ")[0] for one in problems(folder)}
    assert places == {"segmnets/", "students.yaml", "segments/old.txt", "segments/deep"}


def test_files_that_cannot_be_read(folder: Path) -> None:
    (folder / "content/latin.yaml").write_bytes("type: ad\nname: señor\n".encode("latin-1"))
    (folder / "content/large.yaml").write_text("type: ad\n" + "#" * MAX_BYTES)
    (folder / "content/list.yaml").write_text("- type: ad\n")
    (folder / "content/empty.yaml").write_text("")
    (folder / "content/gone.yaml").symlink_to(folder / "nowhere")
    assert [one.partition(" ")[0] for one in problems(folder)] == [
        "content/empty.yaml:1:1:", "content/gone.yaml:", "content/large.yaml:", "content/latin.yaml:2:1:",
        "content/list.yaml:1:1:",
    ]  # fmt: skip


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(folder: Path) -> None:
    before, _ = read_catalog(folder)
    for path in folder.rglob("*.yaml"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    after, found = read_catalog(folder)
    assert found == []
    assert before is not None
    assert after is not None
    assert after.revision == before.revision


def test_no_folder_an_empty_one_a_file_and_no_site(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "empty").mkdir()
    for path, says in [
        (tmp_path / "nowhere", "There is no such folder."),
        (tmp_path / "empty", "The folder is empty."),
        (folder / "site.yaml", "This is a file."),
    ]:
        catalog, found = read_catalog(path)
        assert catalog is None
        assert [one.message for one in found] == [says]
        assert found[0].hint
    (folder / "site.yaml").unlink()
    change(folder / "content/car-loan.yaml", "name:", "nmae:")
    catalog, found = read_catalog(folder)
    assert catalog is None
    assert [one.code for one in found] == ["catalog.no-site", "catalog.shape"]


@pytest.mark.parametrize("name", ["bank", "segments"])
def test_a_folder_without_permission(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = Path.iterdir

    def refuse(path: Path) -> Iterator[Path]:
        if path.name == name:
            raise PermissionError(errno.EACCES, "Permission denied")
        return listed(path)

    monkeypatch.setattr(Path, "iterdir", refuse)  # the tests may run as root, who may read everything
    assert "The folder can't be read: Permission denied." in problems(folder)[0]


def test_warnings_do_not_stand_against_publishing(folder: Path) -> None:
    change(
        folder / "pages/home.yaml",
        "      planner:\n        kind: call-to-action",
        "      planer:\n        hidden: true",
    )
    found = read_catalog(folder)[1]
    assert [one.code for one in found] == ["catalog.patch-target"]
    assert fatal(found) == []
