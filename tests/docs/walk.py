"""Walks through a page: writes its files, runs its commands against a real server, compares what they print."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path

from click.testing import CliRunner

from lenticular.cli.main import main
from tests.docs.page import ROOT, Fence, fences, shows

_PATIENCE = 60
_VARIABLE = re.compile(r"[A-Z]+=")
_NOT_FOLLOWED = ("make ", "lenticular serve", "lenticular demo", "LENTICULAR_WEBHOOK_NETWORKS=")
"""Blocks that begin so are done beforehand: installing, and starting the server."""


class Walk:
    """A folder in which a page is followed; `port` stands for the 8400 of the page."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder, self._settings = folder, settings
        self._said: list[str] = []
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = str(free.getsockname()[1])
        (folder / ".curlrc").write_text('silent\nshow-error\nfail-with-body\nmax-time = 30\nwrite-out = "\\n"\n')
        self._command("lenticular", f'"{sys.executable}" -c "from lenticular.cli.main import main; main()"')
        self._command("python", f'"{sys.executable}"')

    def follow(self, text: str) -> None:
        """Do what a page says, from top to bottom."""
        output = ""
        for fence in fences(text):
            if fence.file:
                path = self.folder / fence.file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(fence.text)
            elif fence.tag in ("sh", "python") and not fence.text.startswith(_NOT_FOLLOWED):
                output = self._run(fence)
            elif fence.tag in ("", "json"):
                assert shows(output, fence), f"{output}\n\nis not what the page shows:\n\n{fence.text}"

    @contextmanager
    def serving(self, *command: str) -> Iterator[None]:
        """Run a server for the length of a block; it is ready when it has printed its address."""
        arguments = [str(self.folder / "bin" / "lenticular"), *command, "--port", self.port]
        with subprocess.Popen(
            arguments, cwd=self.folder, env=self._environment(), stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            try:
                lines = iter(process.stdout.readline, "")
                assert any(f":{self.port}" in line for line in lines), "The server ended before it was ready."
                yield
            finally:
                process.send_signal(signal.SIGINT)
                process.wait(_PATIENCE)

    def _run(self, fence: Fence) -> str:
        text = fence.text.replace("8400", self.port)
        if all(line.startswith("lenticular ") for line in text.splitlines()):
            return "".join(self._in_process(line) for line in text.splitlines())
        self._said += [line for line in text.splitlines() if _VARIABLE.match(line)]
        script = "\n".join([*self._said, text])
        command = ["bash", "-euo", "pipefail", "-c", script] if fence.tag == "sh" else [sys.executable, "-c", text]
        done = subprocess.run(
            command, cwd=self.folder, env=self._environment(), capture_output=True, text=True, timeout=_PATIENCE
        )
        assert done.returncode == 0, f"{fence.text}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def _in_process(self, line: str) -> str:
        """Run a command of ours without starting Python for it, which takes most of its time."""
        with chdir(self.folder):
            none = dict.fromkeys(name for name in os.environ if name.startswith("LENTICULAR_"))
            done = CliRunner().invoke(main, shlex.split(line)[1:], env=none, catch_exceptions=False)
        assert done.exit_code == 0, f"{line}\n{done.output}"
        return done.stdout

    def _command(self, name: str, what: str) -> None:
        path = self.folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'#!/bin/sh\nexec {what} "$@"\n')
        path.chmod(0o755)

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LENTICULAR_")}
        return {
            **kept,
            **self._settings,
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT / "src"),
            "HOME": str(self.folder),
            "NO_PROXY": "127.0.0.1",
            "PYTHONUNBUFFERED": "1",
        }
