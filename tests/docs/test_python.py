"""The Python on the pages runs, and prints what they say."""

from __future__ import annotations

import subprocess
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from tests.docs.page import ROOT, fences, pages, read, shows

FOLLOWED = ("docs/http.md", "docs/quickstart.md", "docs/webhooks.md")
"""Their Python needs the server that they start: test_walks follows them."""

SERVER_ONLY = (
    "alembic argon2_cffi chdb click clickhouse_connect defusedxml httptools httpx jinja2 litestar maxminddb nh3 numpy"
    " pillow prometheus_client pyarrow python_json_logger rich ruamel sqlalchemy ua_parser uvicorn uvloop"
)
BASE_ALONE = f"""
import sys
BLOCKED = {set(SERVER_ONLY.split()) | {"PIL", "argon2", "pythonjsonlogger", "aiohttp", "sqlite3"}!r}

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ImportError(name + " is not in the base install")

sys.meta_path.insert(0, Blocker())
import lenticular
assert not [name for name in sys.modules if name.startswith("lenticular.")], "names are loaded when they are used"
exec(compile(sys.stdin.read(), "README.md", "exec"), {{}})
[getattr(lenticular, name) for name in lenticular.__all__]
assert "lenticular.embedded.engine" in sys.modules
assert not BLOCKED & {{name.partition(".")[0] for name in sys.modules}}
"""


def with_python() -> list[str]:
    names = [str(path.relative_to(ROOT)) for path in pages()]
    return [name for name in names if name not in FOLLOWED and any(one.tag == "python" for one in fences(read(name)))]


@pytest.mark.parametrize("name", with_python())
def test_examples_run_in_order(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = list(fences(read(name)))
    monkeypatch.chdir(tmp_path)  # what they write stays nowhere
    space: dict[str, Any] = {}
    printed = ""
    for fence in written:
        if fence.tag == "python":
            out = StringIO()
            with redirect_stdout(out):
                exec(compile(fence.text, name, "exec"), space)  # noqa: S102
            printed = out.getvalue()
        elif fence.tag == "" and printed:
            assert shows(printed, fence), f"{printed}\n\nis not what the page shows:\n\n{fence.text}"
            printed = ""


def test_the_readme_begins_with_twelve_lines_that_need_the_base_install_alone() -> None:
    text = read("README.md")
    first = next(fences(text))
    assert text.startswith("```python") and len(first.text.splitlines()) == 12
    done = subprocess.run(
        [sys.executable, "-c", BASE_ALONE],
        input=first.text,
        capture_output=True,
        text=True,
        timeout=60,
        env={"PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("campus TARGETING_MATCH")


def test_the_base_install_and_the_server_extra_are_told_apart() -> None:
    metadata = (Path(ROOT) / "pyproject.toml").read_text()
    extra = metadata.partition("server = [")[2].partition("]\n\n")[0]
    named = {line.strip().strip('",').partition("[")[0].partition(">")[0] for line in extra.splitlines() if '"' in line}
    assert {name.replace("-yaml", "").replace("-", "_") for name in named} == set(SERVER_ONLY.split())


def test_the_command_line_says_what_the_base_install_lacks() -> None:
    without = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "click":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Blocker())
from lenticular.cli import start
start()
"""
    done = subprocess.run([sys.executable, "-c", without], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "lenticular[server]" in done.stderr
    assert "Traceback" not in done.stderr
