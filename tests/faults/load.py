"""Visitors that send batches until they are acknowledged, whatever happens to the server meanwhile."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from typing import Any

import httpx

from tests.process import PATIENCE

PEOPLE = 25
THREADS = 3
BATCH = 30


class Load:
    """Threads that send until `finish`. `url` is where the server is now; None holds them up.

    `sent` is every message id, `lucky` how many events with n > 5 each person has had, `tries` how many requests
    were not acknowledged and had to be made again.
    """

    def __init__(self, seed: int, write_key: str) -> None:
        self.url: str | None = None
        self.sent: set[str] = set()
        self.lucky: Counter[int] = Counter()
        self.acknowledged = self.tries = 0
        self._write_key = write_key
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._dice = [random.Random(f"{seed} {at}") for at in range(THREADS)]
        self._threads = [threading.Thread(target=self._run, args=(at,), daemon=True) for at in range(THREADS)]
        self._failed: list[BaseException] = []

    def begin(self) -> None:
        """Begin to send."""
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """Return when every batch that was begun is acknowledged; then join each person's two ids."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()
        assert not self._failed, self._failed
        joins = [self._join(person, f"join-{person}") for person in range(PEOPLE)]
        with httpx.Client() as http:
            self._send(http, joins)

    def _run(self, at: int) -> None:
        dice, number = self._dice[at], 0
        try:
            with httpx.Client(timeout=10) as http:
                while not self._stopping.is_set():
                    self._send(http, [self._message(dice, f"t{at}-{number + each}") for each in range(BATCH)])
                    number += BATCH
                    self._stopping.wait(0.01)
        except BaseException as error:
            self._failed.append(error)

    def _message(self, dice: random.Random, message_id: str) -> dict[str, Any]:
        person = dice.randrange(PEOPLE)
        if dice.random() < 0.05:
            return self._join(person, message_id)
        n = dice.randrange(10)
        with self._lock:
            self.lucky[person] += n > 5
        who = {"userId": f"u{person}"} if dice.random() < 0.5 else {"anonymousId": f"a{person}"}
        context = {"page": {"url": f"https://shop.example/p{n}"}} if dice.random() < 0.3 else {}
        properties = {"n": n, "word": dice.choice(["kiwi", "plum"])}
        return {
            "type": "track", "event": "Ping", "messageId": message_id, **who, "properties": properties,
            "context": context,
        }  # fmt: skip

    def _join(self, person: int, message_id: str) -> dict[str, Any]:
        traits = {"number": person}
        who = {"userId": f"u{person}", "anonymousId": f"a{person}"}
        return {"type": "identify", "messageId": message_id, **who, "traits": traits}

    def _send(self, http: httpx.Client, batch: list[dict[str, Any]]) -> None:
        body = {"batch": batch, "writeKey": self._write_key}
        deadline = time.monotonic() + PATIENCE
        while not self._posted(http, body):
            assert time.monotonic() < deadline, "no batch is taken any more"
            time.sleep(0.03)
        with self._lock:
            self.acknowledged += len(batch)
            self.sent.update(message["messageId"] for message in batch)

    def _posted(self, http: httpx.Client, body: dict[str, Any]) -> bool:
        url = self.url
        if url is None:
            return False
        try:
            answer = http.post(f"{url}/v1/batch", json=body)
        except httpx.HTTPError:
            with self._lock:
                self.tries += 1
            return False
        assert answer.status_code in (200, 429, 503), answer.text
        return answer.status_code == 200
