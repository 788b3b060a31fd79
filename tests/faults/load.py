"""Visitors that send batches and ask for decisions until they are acknowledged, whatever happens to the server."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

import httpx

from tests.process import PATIENCE

PEOPLE = 25
THREADS = 3
BATCH = 30
ITEM = "ad"
PAST = 1_780_000_000_000
"""Where what is imported lies (ms)."""


class Load:
    """Threads that send until `finish`. `url` is where the server is now; None holds them up.

    Each person has a user id and two anonymous ids, which `identify` and `alias` join sooner or later. Two threads in
    three send batches, one of them imports history; the others ask for decisions and count them as seen.

    `sent` is every message id, `lucky` how many events with n > 5 each person has had, `tries` how many requests
    were not acknowledged and had to be made again, `shown` the impressions (their message ids) that were answered to
    each person.
    """

    def __init__(self, seed: int, write_key: str, secret_key: str = "", decide: bool = False) -> None:
        self.url: str | None = None
        self.sent: set[str] = set()
        self.lucky: Counter[int] = Counter()
        self.shown: defaultdict[int, set[str]] = defaultdict(set)
        self.acknowledged = self.tries = self.decisions = 0
        self._keys = write_key, secret_key
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        jobs: list[Callable[[int, random.Random, httpx.Client], None]] = [self._batches] * THREADS
        jobs += [self._history] if secret_key else []
        jobs += [self._decisions] * 2 if decide else []
        self._threads = [
            threading.Thread(target=self._run, args=(job, at, random.Random(f"{seed} {at}")), daemon=True)
            for at, job in enumerate(jobs)
        ]
        self._failed: list[BaseException] = []

    def begin(self) -> None:
        """Begin to send."""
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """Return when every batch that was begun is acknowledged; then join each person's ids."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()
        assert not self._failed, self._failed
        joins = [self._join(person, f"join-{mark}-{person}", mark) for person in range(PEOPLE) for mark in "ab"]
        with httpx.Client() as http:
            self._send(http, "batch", joins)

    def _run(self, job: Callable[[int, random.Random, httpx.Client], None], at: int, dice: random.Random) -> None:
        number = 0
        try:
            with httpx.Client(timeout=10) as http:
                while not self._stopping.is_set():
                    job(number, dice, http)
                    number += 1
                    self._stopping.wait(0.01)
        except BaseException as error:
            self._failed.append(error)

    def _batches(self, number: int, dice: random.Random, http: httpx.Client) -> None:
        name = f"t{threading.get_native_id()}-{number}"
        self._send(http, "batch", [self._message(dice, f"{name}-{each}") for each in range(BATCH)])

    def _history(self, number: int, dice: random.Random, http: httpx.Client) -> None:
        """What happened long ago, with the secret key; every other batch once more."""
        batch = []
        for each in range(BATCH):
            message = self._ping(dice, f"h{number}-{each}")
            batch.append({**message, "timestamp": PAST + dice.randrange(10**9)})
        for _ in range(1 + number % 2):
            self._send(http, "import", batch)

    def _message(self, dice: random.Random, message_id: str) -> dict[str, Any]:
        person, what = dice.randrange(PEOPLE), dice.random()
        if what < 0.05:
            return self._join(person, message_id, dice.choice("ab"))
        if what < 0.1:
            traits = {"tier": dice.choice(["gold", "tin"]), "size": dice.randrange(100)}
            group = {"type": "group", "groupId": f"g{dice.randrange(5)}", "traits": traits}
            active = {"context": {"active": False}} if dice.random() < 0.2 else {}
            return {**group, "messageId": message_id, "userId": f"u{person}", **active}
        return self._ping(dice, message_id)

    def _ping(self, dice: random.Random, message_id: str) -> dict[str, Any]:
        person, n = dice.randrange(PEOPLE), dice.randrange(10)
        with self._lock:
            self.lucky[person] += n > 5
        names = {"userId": f"u{person}"}, {"anonymousId": f"a{person}"}, {"anonymousId": f"b{person}"}
        who = dice.choices(names, (2, 1, 1))[0]
        context = {"page": {"url": f"https://shop.example/p{n}"}} if dice.random() < 0.3 else {}
        properties = {"n": n, "word": dice.choice(["kiwi", "plum"])}
        return {
            "type": "track", "event": "Ping", "messageId": message_id, **who, "properties": properties,
            "context": context,
        }  # fmt: skip

    def _join(self, person: int, message_id: str, mark: str) -> dict[str, Any]:
        if mark == "b":
            return {"type": "alias", "messageId": message_id, "userId": f"u{person}", "previousId": f"b{person}"}
        traits = {"number": person}
        who = {"userId": f"u{person}", "anonymousId": f"a{person}"}
        return {"type": "identify", "messageId": message_id, **who, "traits": traits}

    def _decisions(self, number: int, dice: random.Random, http: httpx.Client) -> None:
        """Ask for what one of the devices should see, and count it as seen; a request that fails is not made again."""
        person = dice.randrange(PEOPLE)
        context = {"url": f"https://shop.example/p{number % 10}"}
        body = {"site": "shop", "slots": ["promo"], "anonymousId": f"a{person}", "impression": True, "context": context}
        answer = self._answer(http, "decide", body)
        if answer is None or answer.status_code != 200:
            time.sleep(0.05)
            return
        decision = answer.json()
        with self._lock:
            self.decisions += 1
            if [item["key"] for item in decision["slots"]["promo"]["items"]] == [ITEM]:
                self.shown[person].add(f"{decision['id']}:{ITEM}")

    def _send(self, http: httpx.Client, route: str, batch: list[dict[str, Any]]) -> None:
        body = {"batch": batch, "writeKey": self._keys[route == "import"]}
        deadline = time.monotonic() + PATIENCE
        while (answer := self._answer(http, route, body)) is None or answer.status_code != 200:
            assert time.monotonic() < deadline, "no batch is taken any more"
            time.sleep(0.03)
        with self._lock:
            self.acknowledged += len({message["messageId"] for message in batch} - self.sent)
            self.sent.update(message["messageId"] for message in batch)

    def _answer(self, http: httpx.Client, route: str, body: dict[str, Any]) -> httpx.Response | None:
        url = self.url
        if url is None:
            return None
        try:
            answer = http.post(f"{url}/v1/{route}", json=body)
        except httpx.HTTPError:
            with self._lock:
                self.tries += 1
            return None
        assert answer.status_code in (200, 429, 503), answer.text
        return answer
