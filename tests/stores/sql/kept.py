"""Publications, drafts and definitions to keep."""

from __future__ import annotations

from typing import Any

from lenticular.catalog.author import ADMIN, Author
from lenticular.catalog.stored import Action, Change, Draft, Publication, Publishing, State
from lenticular.stores.sql.catalog import SqlCatalogs

SITE: dict[str, Any] = {"key": "shop", "timezone": "Europe/Madrid", "writeKey": "w"}
EVE = Author("Eve", "u1")


def change(identity: str, key: str, base: int = 0, state: State = "live", **body: Any) -> Change:
    full = {"key": key, "rule": "True", **body}
    return Change(identity, "segments", key, base, state, None if state == "deleted" else full, {"en": f"{key}."})


def publishing(*changes: Change, at: int = 10, **more: Any) -> Publishing:
    return Publishing(at, EVE, changes, "r", ("t2", "t1"), **more)


def nothing() -> None:
    """Be ready."""


def begin(catalogs: SqlCatalogs, *changes: Change, site: str = "shop") -> Publication:
    """Publish the site and some segments."""
    own = Change(f"site-{site}", "site", site, 0, "live", {**SITE, "key": site})
    return catalogs.publish(site, publishing(own, *changes, at=1), nothing)


def draft(identity: str, key: str, base: int = 0, action: Action = "change", **body: Any) -> Draft:
    return Draft(identity, "segments", key, 0, base, action, {"key": key, "rule": "True", **body}, ADMIN, 5)
