"""`lenticular block`: the kinds there are, and a new one that works at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from lenticular.cli.main import main


def lenticular(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, words)
    return result.exit_code, result.output


def test_a_new_block_is_installed_listed_and_passes_its_own_test(tmp_path: Path) -> None:
    code, said = lenticular("block", "new", "star-rating", "--in", str(tmp_path))
    folder = tmp_path / "lenticular-block-star-rating"
    assert code == 0 and f"pip install -e {folder}" in said
    source = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-build-isolation", "--no-deps", "--no-index", "--target"]
    subprocess.run([*pip, str(tmp_path / "installed"), str(folder)], env=source, check=True, timeout=120)
    beside = {**source, "PYTHONPATH": os.pathsep.join([str(tmp_path / "installed"), *sys.path])}
    listed = subprocess.run(
        [sys.executable, "-c", "from lenticular.cli.main import main; main()", "block", "list"],
        env=beside, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert "star-rating     Star rating" in listed.stdout and "(lenticular-block-star-rating)" in listed.stdout
    own = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    tested = subprocess.run(own, cwd=folder, env=beside, capture_output=True, text=True, timeout=60, check=False)
    assert tested.returncode == 0 and "2 passed" in tested.stdout


@pytest.mark.parametrize("name", ["Stars", "a_b", "-a", "a" * 41, "../x", "hero"])
def test_a_name_that_cannot_be_used(name: str, tmp_path: Path) -> None:
    code, said = lenticular("block", "new", "--in", str(tmp_path), "--", name)
    assert code == 1 and name in said and list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_already_stays(tmp_path: Path) -> None:
    (tmp_path / "lenticular-block-stars").mkdir()
    code, said = lenticular("block", "new", "stars", "--in", str(tmp_path))
    assert code == 1 and "such a folder already" in said
    assert list((tmp_path / "lenticular-block-stars").iterdir()) == []


def test_the_kinds_are_listed() -> None:
    code, said = lenticular("block", "list")
    assert code == 0 and said.startswith("section         A part of the page")
    assert len(said.splitlines()) == 16


def test_files_are_checked_with_line_and_column(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "site.yaml").write_text("key: s\ntimezone: UTC\nwriteKey: w\n")
    page = "path: /\nblocks:\n  h:\n    kind: hero\n    position: a\n    settings:\n      titel: Hi\n"
    (tmp_path / "pages" / "home.yaml").write_text(page)
    code, said = lenticular("catalog", "check", str(tmp_path))
    assert code == 0 and "pages/home.yaml:7:7: " in said and "Did you mean title?" in said
