"""A folder that turns read-only under a server: decisions go on, events are refused, nothing acknowledged is lost."""

from __future__ import annotations

import random
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.faults.read_only import Ext4, ext4
from tests.faults.test_full_disk import send
from tests.process import COMMAND, PATIENCE, ServerProcess, good, lenticular, start


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Ext4]:
    with ext4(tmp_path / "disk") as made:
        yield made


def shop(running: ServerProcess) -> str:
    """Make a site that decides by behaviour; return its write key."""
    running.api("PUT", "/api/sites/shop", {"timezone": "UTC"})
    catalog = running.api("GET", "/api/sites/shop/catalog")
    catalog["segments"] = {"seen": {"key": "seen", "name": "Seen", "rule": 'count("Seen") >= 1'}}
    catalog["slots"] = {
        "promo": {
            "key": "promo",
            "block": {"kind": "ad"},
            "experiences": [{"key": "known", "segment": "seen", "overrides": {"settings": {"title": "Again"}}}],
        }
    }
    running.api("PUT", "/api/sites/shop/catalog", catalog)
    return str(catalog["site"]["writeKey"])


def shown(running: ServerProcess, person: str) -> str | None:
    asked = {"site": "shop", "slots": ["promo"], "anonymousId": person, "context": {"url": "https://shop.example/"}}
    answer = running.post("/v1/decide", asked)
    assert answer.status_code == 200, answer.text
    found: str | None = answer.json()["slots"]["promo"]["experience"]
    return found


def person_is_known(http: httpx.Client, person: str) -> bool:
    answer = http.post("/v1/decide", json={"site": "shop", "slots": ["promo"], "anonymousId": person})
    assert answer.status_code == 200, answer.text
    return bool(answer.json()["slots"]["promo"]["experience"] == "known")


@contextmanager
def frozen_server(data: Path, log: Path) -> Iterator[str]:
    """A server whose folder can't say where it answers; yields its URL."""
    with log.open("ab") as errors:
        command = [COMMAND, "serve", "--port", "0", "--data", str(data)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)
    try:
        assert process.stdout is not None
        said = process.stdout.readline().decode()
        found = re.search(r"answers at (http://\S+)", said)
        assert found, log.read_text()
        yield found[1]
    finally:
        process.terminate()
        code = process.wait(PATIENCE)
        if process.stdout:
            process.stdout.close()
    assert code == 0, log.read_text()


def unmounted(disk: Ext4) -> None:
    """Take a file system away, once the events store's process has followed the server."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            disk.unmount()
            return
        except subprocess.CalledProcessError as error:
            assert time.monotonic() < deadline, error.stderr
            time.sleep(0.1)


def refused(answer: httpx.Response) -> bool:
    assert answer.status_code in (200, 503), answer.text
    if answer.status_code == 200:
        return False
    assert answer.json()["code"] == "data_read_only" and "retry-after" in answer.headers
    return True


def test_a_folder_that_refuses_for_a_while(disk: Ext4) -> None:
    data = disk.folder / "data"
    running = start(data)
    try:
        key = shop(running)
        assert send(running, key, 1).status_code == 200
        disk.refuse()
        for number in (2, 3):
            assert refused(send(running, key, number))
            assert (shown(running, "a5"), shown(running, "nobody")) == ("known", None)
        ready = running.http.get("/health/ready")
        assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
        ran = lenticular("doctor", data=data)
        assert ran.returncode == 1 and f"{data} can't be written to: Operation not permitted." in ran.stdout
        assert "a server is running on it" in ran.stdout and "profiles and their identities agree" in ran.stdout
        disk.take()
        assert send(running, key, 2).status_code == 200
        assert running.api("POST", "/api/sites/shop/settle")["waiting"] == 0
        assert running.api("POST", "/api/sites/shop/count", {"rule": 'count("Seen") == 2'})["people"] == 100
        assert "can't be written" not in lenticular("doctor", data=data).stdout
    finally:
        disk.take()
        assert running.stop() == 0


def test_a_server_that_starts_on_a_read_only_folder(disk: Ext4, tmp_path: Path) -> None:
    """It decides from what is there, also what a killed server left unfolded, and takes everything when it can."""
    data = disk.folder / "data"
    running = start(data)
    key = shop(running)
    assert send(running, key, 1).status_code == 200
    running.api("POST", "/api/sites/shop/settle")
    assert running.post("/v1/track", {"event": "Seen", "anonymousId": "late"}, key).status_code == 200
    running.kill()
    unmounted(disk)
    disk.mount()
    disk.remount("ro")
    ran = lenticular("doctor", data=data)
    assert ran.returncode == 1 and "can't be written to: Read-only file system." in ran.stdout
    assert "profiles.db and journal.db are whole" in ran.stdout and "damaged" not in ran.stdout
    with frozen_server(data, tmp_path / "log") as url, httpx.Client(base_url=url, timeout=PATIENCE) as http:
        for _ in range(2):
            assert [person_is_known(http, each) for each in ("a5", "late", "nobody")] == [True, True, False]
            assert refused(http.post("/v1/track", json={"event": "Seen", "userId": "u", "writeKey": key}))
        ready = http.get("/health/ready").json()
        assert (ready["status"], ready["events"], ready["counts"]["ready"]) == ("degraded", False, 1)
        disk.remount("rw")
        deadline = time.monotonic() + PATIENCE
        while http.post("/v1/track", json={"event": "Seen", "userId": "u", "writeKey": key}).status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert person_is_known(http, "late")


@pytest.mark.parametrize("round", [0, *(pytest.param(each, marks=pytest.mark.soak) for each in range(1, 25))])
def test_a_disk_that_fails(disk: Ext4, round: int) -> None:
    """Whatever `fsync` said while it gave up: what was answered with 200 is there when it is mounted again."""
    data, taken = disk.folder / "data", list[int]()
    running = start(data)
    key = shop(running)
    failing = threading.Timer(random.Random(round).uniform(0.3, 1.5), disk.fail)
    failing.start()
    deadline, number = time.monotonic() + PATIENCE, 0
    while not refused(send(running, key, number)):
        taken.append(number)
        number += 1
        assert time.monotonic() < deadline
    failing.join()
    assert shown(running, "nobody") is None and shown(running, "a5") == ("known" if taken else None)
    ran = lenticular("doctor", data=data)
    assert ran.returncode == 1 and "can't be written to: Read-only file system." in ran.stdout
    running.kill()
    unmounted(disk)
    disk.mount()
    again = start(data)
    try:
        again.api("POST", "/api/sites/shop/settle")
        counted = again.api("POST", "/api/sites/shop/count", {"rule": f'count("Seen") >= {len(taken)}'})
        assert counted["people"] == 100, "an acknowledged batch is gone"
        assert again.api("POST", "/api/sites/shop/count", {"rule": f'count("Seen") > {len(taken) + 1}'})["people"] == 0
        good("doctor", data=data)
    finally:
        assert again.stop() == 0
