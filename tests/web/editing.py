"""An editor's desk: asks for drafts and publications, and tidies up."""

from __future__ import annotations

from typing import Any

import httpx

from tests.web.shop import Shop


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

    async def clean(self) -> None:
        """Discard all drafts."""
        for one in (await self.get("drafts"))["drafts"]:
            answer = await self.ask("DELETE", f"drafts/{one['kind']}/{one['definition']}")
            assert answer.status_code == 204, answer.text
