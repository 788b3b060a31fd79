"""The demo page keeps to what a strict content security policy and its reviewers ask of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import lenticular.demo

PAGE = Path(lenticular.demo.__file__).parent / "page"
FILES = sorted(PAGE.iterdir())
SCRIPTS = [path for path in FILES if path.suffix == ".js"]
HTML = (PAGE / "index.html").read_text()


def test_every_file_that_is_asked_for_is_there_and_no_other() -> None:
    asked = set(re.findall(r'(?:src|href)="/demo/static/([^"]+)"', HTML))
    for script in SCRIPTS:
        asked |= set(re.findall(r'from "\./([^"]+)"', script.read_text()))
    assert asked | {"index.html"} == {path.name for path in FILES}


def test_nothing_is_inline() -> None:
    assert not re.findall(r"<script(?![^>]*\bsrc=)", HTML)
    assert not re.findall(r"<style|\sstyle=|\son[a-z]+=", HTML)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_is_small_and_asks_no_other_server(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 400
    addresses = set(re.findall(r"(?:https?:)?//[\w.-]+\.\w+[^\s\"')]*", text))
    assert addresses <= {"http://www.w3.org/2000/svg"}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_text_becomes_markup(path: Path) -> None:
    banned = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|cssText|setAttribute\(\"style"
    )
    assert not re.findall(banned, path.read_text())


def test_every_control_has_a_name() -> None:
    for field in re.findall(r"<(?:input|textarea|select)\b[^>]*>", HTML):
        name = re.search(r'id="([^"]+)"', field)
        assert name is not None
        assert f'for="{name[1]}"' in HTML


def test_every_id_the_scripts_ask_for_is_in_the_page() -> None:
    asked = {name for script in SCRIPTS for name in re.findall(r'byId\("([^"]+)"\)', script.read_text())}
    assert asked
    assert asked <= set(re.findall(r'\bid="([^"]+)"', HTML))
