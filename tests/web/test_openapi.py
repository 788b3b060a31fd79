"""The API's description is a promise to those who generate clients from it: a change of it is made on purpose.

To renew the snapshot after such a change: `python -m tests.web.test_openapi`, then look at the difference.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.web.shop import Shop, open_shop

SNAPSHOT = Path(__file__).with_name("openapi.json")
RENEW = "If this is meant, renew the snapshot with `python -m tests.web.test_openapi` and look at its difference."


async def described(shop: Shop) -> Any:
    answer = await shop.visitor.get("/api/openapi.json")
    assert answer.status_code == 200
    return answer.json()


@pytest.mark.asyncio(loop_scope="session")
async def test_the_api_is_what_was_promised(shop: Shop) -> None:
    found, promised = await described(shop), json.loads(SNAPSHOT.read_text())
    assert sorted(found["paths"]) == sorted(promised["paths"]), RENEW
    for path, item in promised["paths"].items():
        assert found["paths"][path] == item, f"{path} has changed. {RENEW}"
    for name, schema in promised["components"]["schemas"].items():
        assert found["components"]["schemas"].get(name) == schema, f"{name} has changed. {RENEW}"
    assert found == promised, RENEW


@pytest.mark.asyncio(loop_scope="session")
async def test_every_operation_says_what_it_does(shop: Shop) -> None:
    for path, item in (await described(shop))["paths"].items():
        for method, operation in item.items():
            assert operation["summary"], (method, path)
            assert operation["tags"], (method, path)


async def _renew() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with open_shop(Path(folder)) as shop:
            text = json.dumps(await described(shop), indent=2, sort_keys=True, ensure_ascii=False)
    SNAPSHOT.write_text(f"{text}\n")


if __name__ == "__main__":
    asyncio.run(_renew())
