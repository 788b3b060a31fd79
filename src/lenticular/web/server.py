"""Put the server together: the hot path, the admin API, health, and the demo when it is one."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any, cast

from litestar import Litestar, Response, Router, get
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.exceptions import HTTPException, NotAuthorizedException
from litestar.handlers.base import BaseRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from lenticular.app.open import Installation
from lenticular.errors import LenticularError
from lenticular.web.api.catalog import CatalogController
from lenticular.web.api.definitions import DefinitionsController
from lenticular.web.api.drafts import DraftsController
from lenticular.web.api.history import HistoryController
from lenticular.web.api.problems import http_problem, lenticular_problem
from lenticular.web.api.publications import PublicationsController
from lenticular.web.api.rules import RulesController
from lenticular.web.api.segments import SegmentsController
from lenticular.web.api.sites import SitesController
from lenticular.web.asgi import ASGI
from lenticular.web.collect import SiteDoor, collect_app
from lenticular.web.decide import DecideHandler
from lenticular.web.fast import application
from lenticular.web.sender import sender_reader

MAX_BODY = 64 * 1024 * 1024
CONTROLLERS = (
    SitesController,
    CatalogController,
    RulesController,
    SegmentsController,
    DefinitionsController,
    HistoryController,
    DraftsController,
    PublicationsController,
)
"""The admin API, room by room; all of it needs the admin token."""

_UNAUTHORIZED = (
    "Send the admin token, Authorization: Bearer …. "
    "`lenticular serve` prints it; server.json in the data folder has it."
)


@get("/health/live", summary="Whether the process answers", tags=["Health"])
async def live() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@get("/health/ready", summary="Whether everything works", tags=["Health"])
async def ready(state: State) -> Response[dict[str, Any]]:
    """Say whether decisions and reports are answered. Decisions go on while the events store restarts."""
    installation: Installation = state["installation"]
    store = installation.child.ready
    body = {"status": "ok" if store else "degraded", "events": store, "sites": list(installation.sites)}
    return Response(body, status_code=200 if store else 503)


@get("/", include_in_schema=False)
async def root(state: State) -> Response[dict[str, Any]]:
    """Say what answers here."""
    return Response({"name": "Lenticular", "api": "/api/openapi.json", "health": "/health/ready"})


def server(installation: Installation, token: str, routes: Sequence[Any] = ()) -> ASGI:
    """Return the ASGI application of an open installation.

    `token` opens the admin API (`Authorization: Bearer …`). `routes` are more Litestar routes, such as the demo's.
    """

    def door(key: str) -> SiteDoor | None:
        found = installation.by_write_key(key)
        if found is None:
            return None
        site, trusted = found
        guarded = frozenset() if trusted else site.engine.segments.schema.trusted
        return SiteDoor(site, site.clock, site.new_id, trusted, guarded)

    def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        given = connection.headers.get("authorization", "").removeprefix("Bearer ").strip()
        if not secrets.compare_digest(given.encode(), token.encode()):
            raise NotAuthorizedException(_UNAUTHORIZED)

    admin = Router("/", route_handlers=CONTROLLERS, guards=[guard])
    places = installation.places
    read_sender = sender_reader(installation.settings.place_headers, places.place_of if places else None)
    api = Litestar(
        [admin, live, ready, *([] if routes else [root]), *routes],
        state=State({"installation": installation}),
        exception_handlers={LenticularError: lenticular_problem, HTTPException: http_problem},
        openapi_config=OpenAPIConfig(
            "Lenticular", "1", path="/api", render_plugins=[JsonRenderPlugin(path="/openapi.json")]
        ),
        request_max_body_size=MAX_BODY,
        logging_config=None,
        debug=False,
    )
    return application(DecideHandler(installation, read_sender), collect_app(door, read_sender), cast(ASGI, api))
