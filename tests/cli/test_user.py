"""`lenticular user`, on a folder that no server has open, and at a server."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from lenticular.cli.main import main

PASSWORD = "correct horse battery"


def user(folder: Path, *words: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, ["--data", str(folder), "user", *words], input=typed, env={"LENTICULAR_DATA": None})


def test_users_by_command(tmp_path: Path) -> None:
    assert CliRunner().invoke(main, ["--data", str(tmp_path), "doctor"]).exit_code in (0, 1)
    typed = f"{PASSWORD}\n{PASSWORD}\n"
    assert "no users yet" in user(tmp_path, "list").stdout
    added = user(tmp_path, "add", "eve@example.com", "--role", "admin", "--name", "Eve", typed=typed)
    assert added.stdout.endswith("eve@example.com can sign in: admin of all sites\n") and PASSWORD not in added.output
    invited = user(tmp_path, "add", "tom@example.com", "--role", "editor", "--invite")
    assert invited.stdout.startswith("http://127.0.0.1:8400/join#ll_") and "good once" in invited.stderr
    assert user(tmp_path, "list").stdout.splitlines() == [
        "eve@example.com  Eve  admin of all sites",
        "(invitation link)  tom@example.com  editor of all sites",
    ]
    short = user(tmp_path, "add", "ann@example.com", "--role", "viewer", typed="short\nshort\n")
    assert short.exit_code == 1 and "from 12 to" in short.stderr
    assert "last admin" in user(tmp_path, "remove", "eve@example.com").stderr
    assert "new password" in user(tmp_path, "password", "Eve@example.com", typed=typed).stdout
    assert "/join#ll_" in user(tmp_path, "password", "eve@example.com", "--link").stdout
    assert user(tmp_path, "add", "ann@example.com", "--role", "admin", typed=typed).exit_code == 0
    assert user(tmp_path, "role", "eve@example.com", "viewer").stdout == "eve@example.com: viewer of all sites\n"
    assert user(tmp_path, "role", "eve@example.com", "none").stdout == "eve@example.com: no role\n"
    assert "no site" in user(tmp_path, "role", "eve@example.com", "viewer", "--at", "moon").stderr
    assert user(tmp_path, "role", "nobody@example.com", "none").exit_code == 1
    assert user(tmp_path, "remove", "eve@example.com").stdout == "eve@example.com is removed\n"
    assert "no such user" in user(tmp_path, "remove", "eve@example.com").stderr
