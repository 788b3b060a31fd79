"""`lenticular import events` of a CSV file into a running server: rows per second, what each process spends, memory.

300,000 rows, unless BENCH_ROWS says otherwise (10000000 shows that memory does not grow with the file).
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks._server import serving
from benchmarks.size import children_of, resident
from benchmarks.table import show

BUDGET = 100_000
"""Rows per second on two cores."""
_NAMES = ("Page Viewed", "Product Viewed", "Cart Added", "Order Completed", "Searched")
_HZ = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Print the figures."""
    rows = int(os.environ.get("BENCH_ROWS", "300000"))
    with tempfile.TemporaryDirectory() as folder:
        file, data = Path(folder) / "events.csv", Path(folder) / "data"
        _write(file, rows)
        with serving(data) as running:
            [child] = children_of(running.pid)
            before = [_seconds(pid) for pid in (running.pid, child)]
            began = time.perf_counter()
            code = "from lenticular.cli.main import main; main()"
            command = [sys.executable, "-c", code, "--data", str(data), "import", "events", str(file)]
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            assert process.returncode == 0
            seconds = time.perf_counter() - began
            spent = [_seconds(pid) - was for pid, was in zip((running.pid, child), before, strict=True)]
            memory = [resident(running.pid), resident(child)]
    print(f"{rows:,} rows, {file.name}, visits of about eight events; each process with what it spends on a row.")
    show(
        ["", "µs per row", "MB"],
        [
            [
                "command: reads, types",
                f"{(usage.ru_utime + usage.ru_stime) / rows * 1e6:.1f}",
                f"{usage.ru_maxrss // 1024:,}",
            ],
            ["server: journal, fold, profiles", f"{spent[0] / rows * 1e6:.1f}", f"{memory[0]:,}"],
            ["events store", f"{spent[1] / rows * 1e6:.1f}", f"{memory[1]:,}"],
        ],
    )
    rate = rows / seconds
    print(f"{rate:,.0f} rows/s (budget {BUDGET:,}: {'met' if rate >= BUDGET else 'NOT met'})")


def _write(file: Path, rows: int) -> None:
    with file.open("w") as opened:
        opened.write("userId,event,timestamp,category,price,path\n")
        opened.writelines(_lines(rows))


def _lines(rows: int) -> Iterator[str]:
    """Visits that begin one after another and overlap, as a warehouse has them: sorted by visit."""
    dice, written, start = random.Random(4), 0, 1_760_000_000_000
    while written < rows:
        person, start = dice.randrange(1 + rows // 25), start + 2_000
        time_ = start
        for _ in range(min(1 + dice.randrange(15), rows - written)):
            time_ += dice.randrange(1_000, 120_000)
            name, path, price = dice.choice(_NAMES), dice.randrange(300), dice.randrange(1, 9_999) / 100
            yield f"u{person},{name},{time_},c{path % 7},{price},/p/{path}\n"
            written += 1


def _seconds(pid: int) -> float:
    """Return the seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _HZ


if __name__ == "__main__":
    main()
