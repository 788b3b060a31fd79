"""A server that is killed while pictures come in: each is there as a whole, or not at all."""

from __future__ import annotations

import threading
from pathlib import Path

import httpx

from lenticular.app.pictures.pictures import hash_of
from tests.process import start
from tests.stores.codecs import made

KILLS, SOME = 4, 12


def test_kills_while_pictures_come_in(tmp_path: Path) -> None:
    data = tmp_path / "data"
    taken: dict[str, bytes] = {}
    for kill in range(KILLS):
        server = start(data)
        server.api("PUT", "/api/sites/shop", {})
        stop = threading.Event()
        sending = threading.Thread(target=_send, args=(server.url, server.running.token, kill, taken, stop))
        before = len(taken)
        sending.start()
        while len(taken) < before + 1 + kill % 3 and sending.is_alive():
            stop.wait(0.02)
        server.kill()
        stop.set()
        sending.join(60)
        assert len(taken) > before, "nothing was answered: this says nothing"
    server = start(data)
    try:
        listed = {one["hash"] for one in server.api("GET", "/api/sites/shop/pictures?limit=1000")["pictures"]}
        assert taken.keys() <= listed
        for name, sent in taken.items():
            assert server.http.get(f"/api/sites/shop/pictures/{name}/original").content == sent
        for name in listed:
            assert server.http.get(f"/lenticular/pictures/{name}/a.png").status_code == 200
        assert not list((data / "pictures").glob(".*"))
        found = server.api("GET", "/api/doctor")
        assert [one for one in found if one["code"] in ("pictures.damaged", "pictures.variants")] == []
    finally:
        server.stop()


def _send(url: str, token: str, kill: int, taken: dict[str, bytes], stop: threading.Event) -> None:
    headers = {"authorization": f"Bearer {token}"}
    for number in range(SOME):
        data = made.saved(made.halves(400 + kill, 300 + number), "PNG")
        try:
            answer = httpx.post(f"{url}/api/sites/shop/pictures", content=data, headers=headers, timeout=60)
        except httpx.HTTPError:
            return
        if stop.is_set() or answer.status_code != 201:
            return
        assert answer.json()["hash"] == hash_of(data)
        taken[answer.json()["hash"]] = data
