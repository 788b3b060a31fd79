"""`backup` and `restore` as commands: against a running server and without one."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.shop import COLUMNS, ROWS, write
from tests.process import good, refused, server


def test_a_folder_comes_back_elsewhere(tmp_path: Path) -> None:
    data, saved = tmp_path / "data", tmp_path / "saved"
    good("import", "events", write(tmp_path, "shop.csv"), *COLUMNS, data=data)
    with server(data):
        for _ in range(2):
            made = json.loads(good("backup", saved, "--keep", "1", "--json", data=data))
        assert made["positions"] == {"default": len(ROWS)}
        assert len(made["removed"]) == 1
        assert (
            refused("restore", saved, "--force", data=data)[0] == f"{data}: Another process is using this data folder."
        )
    told = good("backup", tmp_path / "one.tar", data=data)
    assert f"everything accepted up to number {len(ROWS)}" in told
    assert refused("restore", saved, data=data)[0] == f"{data}: The data folder is not empty."
    told = good("restore", tmp_path / "one.tar", "--journal", data, data=tmp_path / "other")
    assert told.startswith(f"{tmp_path / 'other'} is ready to serve.")
    assert "0 events of it come from the journal" in told
    before = good("segment", "count", 'count("Bought") >= 2', data=data)
    assert good("segment", "count", 'count("Bought") >= 2', data=tmp_path / "other") == before != "0"
    told = json.loads(good("restore", saved, "--force", "--json", data=data))
    assert Path(told["aside"]).is_dir()
    assert good("segment", "count", 'count("Bought") >= 2', data=data) == before


def test_a_wrong_target_is_said(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("Dear reader")
    good("import", "events", write(tmp_path, "shop.csv"), *COLUMNS, data=tmp_path / "data")
    said = refused("backup", tmp_path / "full", data=tmp_path / "data")
    assert said[0] == f"{tmp_path / 'full'}: The folder is not empty, and no folder of backups."
    said = refused("backup", tmp_path / "full" / "letter.txt", data=tmp_path / "data")
    assert "This is a file." in said[0]
    said = refused("restore", tmp_path / "full", data=tmp_path / "new")
    assert "no finished backup" in said[0]
