"""`quarantine list|retry|drop`, on rows that a table refuses."""

from __future__ import annotations

import json
import time
from pathlib import Path

from lenticular.profiles.fold import FoldResult
from lenticular.stores.sqlite.profiles import SqliteProfiles
from tests.cli.shop import COLUMNS, ROWS, write
from tests.process import PATIENCE, good, lenticular, refused, server


def test_refused_rows_are_shown_retried_and_dropped(tmp_path: Path) -> None:
    data = tmp_path / "data"
    good("import", "events", write(tmp_path, "shop.csv"), *COLUMNS, data=data)
    profiles = SqliteProfiles(data / "sites" / "default")
    profiles.commit(FoldResult(len(ROWS), [], {}, [], {"merges": [b'{"loser": "x"}', b'{"loser": "y"}']}, {}, []))
    profiles.close()
    with server(data) as running:
        deadline = time.monotonic() + PATIENCE
        while len(running.api("GET", "/api/sites/default/quarantine")) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        ran = lenticular("quarantine", "retry", data=data)
        assert (ran.returncode, ran.stdout) == (1, "0 rows were taken, 2 refused again.\n")
        lines = good("quarantine", "list", "--json", data=data).splitlines()
        rows = [json.loads(line) for line in lines]
        assert [(row["table"], row["row"]) for row in rows] == [
            ("merges", '{"loser": "x"}'),
            ("merges", '{"loser": "y"}'),
        ]
        assert lenticular("doctor", data=data).returncode == 1
        assert refused("quarantine", "drop", data=data)[0].startswith("Name the rows")
        assert refused("quarantine", "drop", "nothing", data=data)[0] == "nothing: There is no such row."
        assert good("quarantine", "drop", rows[0]["id"], data=data) == "1 rows were dropped."
        assert good("quarantine", "list", data=data).split("\t")[:2] == [rows[1]["id"], "merges"]
        assert good("quarantine", "drop", "--all", data=data) == "1 rows were dropped."
        assert lenticular("doctor", data=data).returncode == 0
