"""`lenticular segment add` and `remove`: ids and files, with every mistake in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.process import good, process, refused, server

CATALOG = {
    "segments/plain.yaml": "rule: not True\n",
    "site.yaml": "key: shop\ntimezone: UTC\nwriteKey: w\n",
    "segments/vip.yaml": "key: vip\nstatic: true\n",
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("static")
    for name, text in CATALOG.items():
        (folder / "site" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "site" / name).write_text(text)
    good("catalog", "import", folder / "site", data=folder / "data")
    return folder / "data"


def test_people_are_added_and_removed(data: Path, tmp_path: Path) -> None:
    ids = tmp_path / "ids.txt"
    ids.write_text("\ufeffu1\r\n\n  u2 \nü3\n", "utf-8")
    with server(data) as running:

        def listed() -> list[str]:
            found = running.api("GET", "/api/sites/shop/segments/vip/static")["members"]
            return [each["userId"] or each["anonymousIds"][0] for each in found]

        assert good("segment", "add", "vip", ids, "u2", "u4", data=data) == "4 added"
        assert listed() == ["u1", "u2", "ü3", "u4"]
        assert good("segment", "remove", "vip", "u1", "u4", "stranger", data=data, run=process) == "3 removed"
        assert good("segment", "add", "vip", "a1", "--anonymous", data=data) == "1 added"
        assert listed() == ["u2", "ü3", "a1"]


def test_what_is_wrong_is_said(data: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_text("\n")
    binary = tmp_path / "ids.csv"
    binary.write_bytes(b"\xff\xfe\x00")
    assert refused("segment", "add", "vpi", "u1", data=data) == [
        "There is no segment 'vpi'.",
        "    Did you mean vip?",
    ]
    assert refused("segment", "add", "plain", "u1", data=data) == [
        'The segment "plain" has no static list.',
        '    Define it with static: true, or ask for segment("plain").',
    ]
    assert "There is no such file." in refused("segment", "add", "vip", "nowhere.csv", data=data)[0]
    assert "There is no id in it." in refused("segment", "add", "vip", empty, data=data)[0]
    assert "can't be read" in refused("segment", "add", "vip", binary, data=data)[0]
    assert "longer than 255" in refused("segment", "add", "vip", "x" * 256, data=data)[0]
