"""An editor's desk: asks for drafts and publications, and tidies up."""

from __future__ import annotations

from typing import Any

import httpx

from tests.web.shop import Shop


def problems(answer: httpx.Response) -> list[dict[str, str]]:
    """Return the problems of an answer."""
    found: list[dict[str, str]] = answer.json()["problems"]
    return found


def told(answer: httpx.Response, status: int) -> list[str]:
    """Return the codes of the problems of an answer that must have a status."""
    assert answer.status_code == status, answer.text
    return [one["code"] for one in problems(answer)]


class Desk:
    """Someone who edits the shop's catalog over HTTP."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    async def ask(self, method: str, path: str, body: Any = None, version: int | str | None = None) -> httpx.Response:
        """Return the answer; `version` goes as If-Match."""
        named = f'"{version}"' if isinstance(version, int) else version
        headers = {} if named is None else {"if-match": named}
        return await self.shop.admin.request(method, f"/api/sites/shop/{path}", json=body, headers=headers)

    async def get(self, path: str) -> Any:
        """Return what must be there."""
        answer = await self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def put(self, where: str, draft: Any, version: int | str | None = None) -> httpx.Response:
        """Save a draft, or try to."""
        return await self.ask("PUT", f"drafts/{where}", draft, version)

    async def save(self, where: str, body: Any, version: int | None = None) -> Any:
        """Save a draft that must be taken; without a version, whatever is there."""
        answer = await self.put(where, {"body": body}, "*" if version is None else version)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def publish(self, *drafts: str, **more: Any) -> httpx.Response:
        """Publish drafts (`segments/rich`), or try to."""
        return await self.ask("POST", "publications", {"drafts": list(drafts), **more})

    async def published(self, *drafts: str, **more: Any) -> Any:
        """Publish drafts that must be taken."""
        answer = await self.publish(*drafts, **more)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def preview(self, *drafts: str, language: str = "en") -> Any:
        """Return what publishing would do."""
        answer = await self.ask("POST", f"publications/preview?language={language}", {"drafts": list(drafts)})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def clean(self) -> None:
        """Discard all drafts."""
        for one in (await self.get("drafts"))["drafts"]:
            answer = await self.ask("DELETE", f"drafts/{one['kind']}/{one['definition']}")
            assert answer.status_code == 204, answer.text
