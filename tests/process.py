"""Real processes of the command line: a command to its end, and a server that is started and stopped."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sysconfig
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from click.testing import CliRunner

from lenticular.cli.main import main
from lenticular.web.running import Running, running_server

COMMAND = str(Path(sysconfig.get_path("scripts")) / "lenticular")
PATIENCE = 60.0
"""Seconds that a busy machine is given."""


Ran = subprocess.CompletedProcess[str]


def lenticular(*arguments: str | Path, data: Path | None = None, environment: Mapping[str, str] | None = None) -> Ran:
    """Run a command to its end, in this process: starting another one costs a second."""
    wanted: dict[str, str | None] = {name: None for name in os.environ if name.startswith("LENTICULAR_")}
    result = CliRunner().invoke(main, _words(data, arguments), env={**wanted, **(environment or {})})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ran(arguments, result.exit_code, result.stdout, result.stderr)


def process(*arguments: str | Path, data: Path | None = None, environment: Mapping[str, str] | None = None) -> Ran:
    """Run a command to its end, as a shell would."""
    return subprocess.run(
        [COMMAND, *_words(data, arguments)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env={**_environment(), **(environment or {})},
        check=False,
    )


def _words(data: Path | None, arguments: Sequence[str | Path]) -> list[str]:
    """Return a command's words; `--data` goes before it."""
    return [*(["--data", str(data)] if data else []), *map(str, arguments)]


Run = Callable[..., Ran]


def good(*arguments: str | Path, data: Path | None = None, run: Run = lenticular) -> str:
    """Run a command that must work; return what it printed."""
    ran = run(*arguments, data=data)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def refused(*arguments: str | Path, data: Path | None = None, run: Run = lenticular) -> list[str]:
    """Run a command that must refuse with 1 and no stack trace; return the lines that say why."""
    ran = run(*arguments, data=data)
    assert ran.returncode == 1, (ran.returncode, ran.stdout, ran.stderr)
    assert "Traceback" not in ran.stderr
    return ran.stderr.strip().splitlines()


class ServerProcess:
    """A server in a process of its own, and the client that asks it."""

    def __init__(self, process: subprocess.Popen[bytes], running: Running, data: Path) -> None:
        self.process, self.running, self.data = process, running, data
        self.url = running.url
        self.http = httpx.Client(
            base_url=running.url, headers={"authorization": f"Bearer {running.token}"}, timeout=PATIENCE
        )

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the API for what it must answer."""
        answer = self.http.request(method, path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any, key: str = "") -> httpx.Response:
        """Send a message as a browser would."""
        return self.http.post(path, content=json.dumps({**body, "writeKey": key} if key else body))

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.process.kill()
        self.process.wait(PATIENCE)
        self._close()

    def stop(self) -> int:
        """End it as a service manager would; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE)
        self._close()
        return code

    def _close(self) -> None:
        self.http.close()
        if self.process.stdout:
            self.process.stdout.close()


def start(
    data: Path,
    *options: str,
    command: str = "serve",
    ready: bytes = b"admin API",
    environment: Mapping[str, str] | None = None,
) -> ServerProcess:
    """Start `lenticular serve` on a free port and return when it answers. What it says goes to `data`.log."""
    log = data.with_name(f"{data.name}.log")
    with log.open("ab") as errors:
        process = subprocess.Popen(
            [COMMAND, command, "--port", "0", "--data", str(data), *options],
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**_environment(), **(environment or {})},
        )
    try:
        _wait_for(process, ready)
        running = running_server(data)
        assert running is not None
        assert running.pid == process.pid
        return ServerProcess(process, running, data)
    except BaseException:
        process.kill()
        process.wait()
        print(log.read_text())
        raise


@contextmanager
def server(data: Path) -> Iterator[ServerProcess]:
    """A server for the length of a block."""
    started = start(data)
    try:
        yield started
    finally:
        if started.process.poll() is None:
            started.stop()


def children_of(pid: int) -> Sequence[int]:
    """Return the processes that a process has started."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(each) for each in text.split()]


def is_running(pid: int) -> bool:
    """Return whether a process is there and not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_gone(pid: int) -> None:
    """Return when a process is gone. Fails when it stays."""
    deadline = time.monotonic() + PATIENCE
    while is_running(pid):
        assert time.monotonic() < deadline, f"process {pid} stays"
        time.sleep(0.02)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("LENTICULAR_")}


def _wait_for(process: subprocess.Popen[bytes], words: bytes) -> None:
    assert process.stdout
    deadline = time.monotonic() + PATIENCE
    said = b""
    while words not in said:
        ready, _, _ = select.select([process.stdout], [], [], max(0.0, deadline - time.monotonic()))
        chunk = os.read(process.stdout.fileno(), 65_536) if ready else b""
        assert chunk, f"the server did not start; it said {said!r}"
        said += chunk
