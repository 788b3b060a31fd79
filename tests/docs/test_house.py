"""The rules of the house that no other tool keeps."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.docs.page import ROOT, pages

MOST_LINES = 400
LONGEST_FUNCTION = 40
MOST_IGNORES = 5
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_MACHINE = re.compile(r"(?<![\w.\-}/])(?:/(?:home|root|work|opt|Users)/\w|[A-Z]:\\Users)")
_ADDRESS = re.compile(r"https?:|--index-url|--find-links|\bfile:| @ ")


def tracked() -> list[Path]:
    """Return the files of the repository: those in git and those about to be, or in an export all that there are."""
    done = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return [path for name in done.stdout.splitlines() if (path := ROOT / name).is_file()]


def python(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


@pytest.mark.parametrize("page", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(page.read_text()):
        target = unquote(link.partition("#")[0])
        if not target or re.match(r"[a-z]+:", target):
            continue
        found = (page.parent / target).resolve()
        assert found.exists(), f"{link} leads nowhere"


def test_no_file_names_a_machine() -> None:
    found = []
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content[:8000]:
            found += [
                f"{path.relative_to(ROOT)}: {one}" for one in _MACHINE.findall(content.decode("utf-8", "replace"))
            ]
    assert not found


def test_nothing_lies_about() -> None:
    """What tests and commands leave in the folder of the project must not get into it."""
    known = {"src", "tests", "docs", "benchmarks", ".ci", ".gitignore", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"}
    known |= {"Makefile", "README.md", "pyproject.toml", "requirements.lock", "tag"}
    assert {path.relative_to(ROOT).parts[0] for path in tracked()} <= known


def test_the_lock_has_hashes_and_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    packages = re.findall(r"^[a-z0-9].*?(?=^[a-z0-9]|\Z)", lock, re.MULTILINE | re.DOTALL)
    assert len(packages) > 50
    assert all("==" in one.splitlines()[0] and "--hash=sha256:" in one for one in packages)
    assert not _ADDRESS.search(lock)


@pytest.mark.parametrize("folder", [ROOT / "tests" / "clients", ROOT / "tag"], ids=lambda folder: str(folder.name))
def test_the_locks_of_npm_have_hashes_and_no_host(folder: Path) -> None:
    """npm writes where it found each package unless it is told not to (omit-lockfile-registry-resolved)."""
    lock = json.loads((folder / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert len(packages) > 10
    assert all(package.keys() >= {"version", "integrity"} for package in packages.values())
    assert not any("resolved" in package for package in packages.values())
    wanted = json.loads((folder / "package.json").read_text())["dependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())


def test_the_lock_of_an_older_client_has_a_hash() -> None:
    older = (ROOT / "tests" / "clients" / "segment-2.3.txt").read_text()
    assert re.fullmatch(r"[\w-]+==[\d.]+ \\\n    --hash=sha256:[0-9a-f]{64}\n", older)


def test_files_are_short() -> None:
    sizes = {path: path.read_text().count("\n") for path in python("src", "tests", "benchmarks")}
    assert len(sizes) > 100
    assert not {str(path): lines for path, lines in sizes.items() if lines > MOST_LINES}


def test_functions_are_short() -> None:
    """Their bodies, that is: what is asked for and what is promised may take room."""
    long = []
    for path in python("src"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
                lines = (body[-1].end_lineno or 0) - body[0].lineno + 1
                if lines > LONGEST_FUNCTION:
                    long.append(f"{path}: {node.name} has {lines} lines")
    assert not long


def test_nothing_waits_deaf_to_being_stopped() -> None:
    """Until Python 3.12 `asyncio.wait_for` forgets a cancellation that comes with what it waits for: a loop goes on."""
    assert [str(path) for path in python("src") if "wait_for(" in path.read_text()] == []


def test_types_are_ignored_rarely_and_with_a_reason() -> None:
    mark = "type: " + "ignore"
    lines = [
        line for path in python("src", "tests", "benchmarks") for line in path.read_text().splitlines() if mark in line
    ]
    assert len(lines) <= MOST_IGNORES
    assert all(re.search(mark + r"\[[\w-]+\]\s+# \w", line) for line in lines), "each says which and why"


def test_names_say_which_concept() -> None:
    vague = {"utils", "util", "helpers", "helper", "manager", "service", "common", "misc"}
    assert not [path for path in python("src", "tests") if vague & set(path.stem.split("_"))]


def test_every_decision_record_is_in_the_index() -> None:
    folder = ROOT / "docs" / "adr"
    index = (folder / "README.md").read_text()
    assert all(f"]({path.name})" in index for path in folder.glob("0*.md"))
