"""A command begins at once: what only a server needs is loaded by the commands that are one."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("lenticular.app.site", "sqlalchemy", "clickhouse_connect", "litestar", "uvicorn", "pyarrow", "numpy", "PIL")


def test_the_command_line_loads_no_server() -> None:
    program = f"import lenticular.cli.main, sys; print(*sorted(sys.modules.keys() & {set(HEAVY)!r}))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.strip() == ""
