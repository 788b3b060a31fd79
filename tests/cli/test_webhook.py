"""`lenticular webhook`, on a folder that no server has open: the command asks the receiver itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.process import Ran, lenticular

ALLOWED = {"LENTICULAR_WEBHOOK_NETWORKS": "127.0.0.1"}


class Receiver(BaseHTTPRequestHandler):
    status = 200

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(self.status)
        self.send_header("content-length", "5")
        self.end_headers()
        self.wfile.write(b"well\n")

    def log_message(self, *words: object) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    Receiver.status = 200
    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hook"
        server.shutdown()
        thread.join()


def test_webhooks_by_command(tmp_path: Path, url: str) -> None:
    def webhook(*words: str) -> Ran:
        return lenticular("webhook", *words, data=tmp_path / "data", environment=ALLOWED)

    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "site.yaml").write_text("key: shop\ntimezone: UTC\nwriteKey: w\n")
    assert lenticular("catalog", "import", tmp_path / "site", data=tmp_path / "data").returncode == 0
    assert webhook("list").stdout == "There are no webhooks.\n"
    added = webhook("add", url, "--event", "job.failed", "--event", "catalog.published", "--name", "CRM")
    assert added.returncode == 0, added.stderr
    line, secret = added.stdout.splitlines()
    assert line.endswith(f"CRM  {url}  job.failed, catalog.published") and secret.startswith("secret: whsec_")
    assert "this once" in added.stderr
    assert webhook("list").stdout == f"{line}\n"
    tried = webhook("test", "CRM", "--event", "segment.left")
    assert tried.returncode == 0 and "segment.left" in tried.stdout and "200 well" in tried.stdout
    Receiver.status = 500
    refused = webhook("test", line.split()[0])
    assert refused.returncode == 1 and "500 well" in refused.stdout and "did not take it" in refused.stderr
    log = webhook("log", "CRM", "--limit", "1").stdout
    assert log.count("\n") == 1 and "job.failed" in log and "500" in log
    unknown = webhook("log", "CMR")
    assert unknown.returncode == 1 and "no webhook CMR" in unknown.stderr
    wrong = webhook("add", "http://169.254.169.254/latest", "--event", "job.failed")
    assert wrong.returncode == 1 and "not a public one" in wrong.stderr
    webhook("add", url, "--event", "job.failed", "--name", "CRM")
    assert "several webhooks" in webhook("remove", "CRM").stderr
    assert webhook("remove", line.split()[0]).stdout.endswith("is removed\n")
    assert webhook("list").stdout.count("\n") == 1


def test_a_setting_that_is_no_network_is_refused_by_name(tmp_path: Path) -> None:
    assert lenticular("doctor", data=tmp_path).returncode in (0, 1)
    wrong = {"LENTICULAR_WEBHOOK_NETWORKS": "localhost"}
    ran = lenticular("webhook", "list", data=tmp_path, environment=wrong)
    assert ran.returncode == 1 and ran.stderr.startswith("LENTICULAR_WEBHOOK_NETWORKS: This is no network")
    assert lenticular("user", "list", data=tmp_path).returncode == 0, "nothing holds the folder"
