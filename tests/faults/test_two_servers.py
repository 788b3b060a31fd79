"""Two servers, and a command, on one folder: one owns it, the other says who does; and the heir takes over at once."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.process import COMMAND, PATIENCE, server, start


def second(data: Path) -> tuple[int, str]:
    ran = subprocess.run(
        [COMMAND, "serve", "--port", "0", "--data", str(data)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return ran.returncode, ran.stderr


def test_the_second_is_told_and_the_first_goes_on(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with server(data) as first:
        first.api("PUT", "/api/sites/shop", {"timezone": "UTC"})
        key = first.api("GET", "/api/sites/shop/catalog")["site"]["writeKey"]
        with ThreadPoolExecutor(2) as pool:
            for code, said in pool.map(second, [data] * 2):
                assert code == 1
                assert "Traceback" not in said
                assert first.url in said
                assert str(first.process.pid) in said
        message = {"event": "Seen", "anonymousId": "a"}
        assert first.post("/v1/track", message, key).status_code == 200
        link = tmp_path / "link"
        link.symlink_to(data)
        assert second(link)[0] == 1, "a folder by another name is the same folder"
        first.kill()
    again = start(data)
    try:
        again.api("POST", "/api/sites/shop/settle")
        assert again.api("POST", "/api/sites/shop/count", {"rule": 'count("Seen") == 1'})["people"] == 1
    finally:
        again.stop()
