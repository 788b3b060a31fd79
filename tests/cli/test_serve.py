"""A server as a process: it says where it answers, owns its folder, and ends cleanly when it is told to."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import httpx
import pytest

from lenticular.web.running import SERVER_FILE
from tests.process import COMMAND, PATIENCE, children_of, lenticular, process, refused, server, start, wait_gone

# Root may write anywhere, until it gives that up.
PLAIN = ["env"] if os.geteuid() else [shutil.which("setpriv") or "", "--bounding-set=-dac_override"]
PLAIN = PLAIN if PLAIN[0] else []


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(tmp_path: Path, told: signal.Signals) -> None:
    running = start(tmp_path / "data")
    child = children_of(running.process.pid)
    assert (tmp_path / "data" / SERVER_FILE).stat().st_mode & 0o777 == 0o600
    running.process.send_signal(told)
    assert running.process.wait(PATIENCE) == 0
    running.stop()
    assert not (tmp_path / "data" / SERVER_FILE).exists()
    assert child
    for pid in child:
        wait_gone(pid)


def test_a_second_server_is_told_of_the_first(tmp_path: Path) -> None:
    with server(tmp_path / "data") as first:
        said = refused("serve", "--port", "0", data=tmp_path / "data", run=process)
        assert said[0] == f"{tmp_path / 'data'}: Another process is using this data folder."
        assert first.url in said[1]
        assert first.http.get("/health/live").status_code == 200
        taken = first.url.rpartition(":")[2]
        said = refused("serve", "--port", taken, data=tmp_path / "other", run=process)
        assert said[0] == f"127.0.0.1:{taken}: The address can't be had: Address already in use."
        assert "--port" in said[1]


def test_what_a_killed_server_left_behind_misleads_nobody(tmp_path: Path) -> None:
    first = start(tmp_path / "data")
    first.kill()
    assert (tmp_path / "data" / SERVER_FILE).exists()
    assert lenticular("segment", "count", "True", data=tmp_path / "data").stderr.startswith(
        f"{tmp_path / 'data'}: There is no site"
    )
    with server(tmp_path / "data") as second:
        assert second.url != first.url or second.running.token != first.running.token
        well = {"status": "ok", "events": True, "catalog": True, "jobs": {"failed": 0}}
        well["counts"] = {"ready": 0, "closed": 0, "troubled": 0}
        assert second.http.get("/health/ready").json() == {**well, "sites": {}}
        assert httpx.get(f"{second.url}/health/ready").json() == well


def test_settings_come_from_the_environment(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        environment = {"LENTICULAR_DATA": str(tmp_path / "data"), "LENTICULAR_PORT": str(port)}
        ran = process("serve", environment=environment)
        assert ran.returncode == 1
        assert ran.stderr.startswith(f"127.0.0.1:{port}: ")
    ran = lenticular("doctor", environment={"LENTICULAR_PORT": "eighty"})
    assert ran.returncode == 1
    assert ran.stderr.startswith("LENTICULAR_PORT: ")
    assert "Traceback" not in ran.stderr


@pytest.mark.skipif(not PLAIN, reason="needs setpriv to give up what root may")
@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["doctor"], ["segment", "count", "True"]])
def test_a_folder_that_may_not_be_written_to_is_said(tmp_path: Path, command: list[str]) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o555)
    ran = subprocess.run(
        [*PLAIN, COMMAND, "--data", str(folder), *command],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert ran.returncode == 1, ran.stdout
    said = ran.stderr + ran.stdout
    assert f"{folder}" in said
    assert "can't be written to" in said
    assert "Traceback" not in said
