"""`kill -9` of the server in the middle of an import: the same command again completes it, each row once."""

from __future__ import annotations

import json
import random
import subprocess
import time
from pathlib import Path
from typing import Any

from tests.process import COMMAND, PATIENCE, ServerProcess, good, start

ROWS, PEOPLE = 120_000, 3_000
START = 1_760_000_000_000
RULES = ("True", 'count("Ping") >= 40', 'sum("Ping", n) > 200', "session.number >= 3")


def write(file: Path) -> None:
    dice = random.Random(8)
    with file.open("w") as opened:
        opened.write("userId,event,timestamp,n,word\n")
        for at in range(ROWS):
            if at % 10_000 == 77:
                opened.write(f"u{at},Ping,soon,1,x\n")
            opened.write(f"u{dice.randrange(PEOPLE)},Ping,{START + at * 40_000},{at % 11},w{at % 5}\n")


def test_an_import_whose_server_dies_goes_on_and_counts_each_row_once(tmp_path: Path) -> None:
    file, data, dice = tmp_path / "pings.csv", tmp_path / "data", random.Random(9)
    write(file)
    running = start(data)
    try:
        for site in ("killed", "whole"):
            running.api("PUT", f"/api/sites/{site}", {"timezone": "Europe/Madrid"})
        good("import", "events", file, "--site", "whole", data=data)
        reached = 0
        for _ in range(3):
            reached = max(reached, die(running, file, dice))
            running = start(data)
        assert reached, "no death has come between two parts: this says nothing"
        report = json.loads(good("import", "events", file, "--site", "killed", "--json", data=data))
        assert report["accepted"] + report["duplicate"] == ROWS
        assert report["refused"] == ROWS // 10_000
        assert left(running, "killed") == left(running, "whole")
    finally:
        assert running.stop() == 0


def die(running: ServerProcess, file: Path, dice: random.Random) -> int:
    """Kill the server somewhere in an import; return the line that it had come to."""
    command = [COMMAND, "--data", str(running.data), "import", "events", str(file), "--site", "killed"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as importing:
        deadline, line = time.monotonic() + PATIENCE, 0
        before = noted(running)
        while noted(running) == before and importing.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.005)
        time.sleep(dice.uniform(0, 0.3))
        line = noted(running)
        running.kill()
        importing.wait(PATIENCE)
    return line


def noted(running: ServerProcess) -> int:
    notes = running.api("GET", "/api/sites/killed/imports")
    return int(notes[0]["position"]["line"]) if notes else -1


def left(running: ServerProcess, site: str) -> dict[str, Any]:
    """Return what can be told of the people and events of a site."""
    running.api("POST", f"/api/sites/{site}/settle")
    counts = [running.api("POST", f"/api/sites/{site}/count", {"rule": rule})["people"] for rule in RULES]
    lines = good("export", "events", "--site", site, "--format", "jsonl", data=running.data).splitlines()
    return {"counts": counts, "rows": len(lines), "events": sorted(lines)}
