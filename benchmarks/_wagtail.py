"""Wagtail with wagtail-personalisation, in a Python environment and a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent / "wagtail_site"
PLACE = Path(__file__).parent.parent / ".peers" / "wagtail"


class UnavailableError(Exception):
    """Wagtail can't be installed here."""


def environment() -> Path:
    """Return the Python of the environment that has Wagtail; the first time it is made. Raises UnavailableError."""
    python, ready = PLACE / "bin" / "python", PLACE / ".ready"
    wanted = (HERE / "requirements.txt").read_text()
    if not ready.exists() or ready.read_text() != wanted:
        print("Installing Wagtail beside Lenticular (once) …")
        venv.create(PLACE, with_pip=True, clear=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        done = subprocess.run([*pip, "-r", str(HERE / "requirements.txt")], check=False, capture_output=True)
        if done.returncode:
            raise UnavailableError(done.stderr.decode(errors="replace").strip().splitlines()[-1])
        ready.write_text(wanted)
    return python


@contextmanager
def wagtail(python: Path, data: Path, segments: int) -> Iterator[int]:
    """Serve the page with so many segments for the length of a block; yield the port."""
    data.mkdir()
    root = str(HERE.parent.parent)
    env = {**os.environ, "BENCH_WAGTAIL_DATA": str(data), "PYTHONPATH": root, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [str(python), "-m", "benchmarks.wagtail_site.serve", str(segments)]
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=sys.stderr)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(30)
        if process.stdout is not None:
            process.stdout.close()
