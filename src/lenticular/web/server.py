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
from lenticular.errors import LenticularError, Problem, StoreError
from lenticular.web.api.care import CareController
from lenticular.web.api.problems import http_problem, lenticular_problem, unexpected
from lenticular.web.api.rules import RulesController
from lenticular.web.api.segments import SegmentsController
from lenticular.web.api.sites import SitesController
from lenticular.web.asgi import ASGI
from lenticular.web.collect import SiteDoor, collect_app
from lenticular.web.counts import Counts
from lenticular.web.decide import DecideHandler
from lenticular.web.fast import application
from lenticular.web.health import live, ready
from lenticular.web.metrics import metrics_route
from lenticular.web.sender import sender_reader

MAX_BODY = 64 * 1024 * 1024
_UNAUTHORIZED = (
    "Send the admin token, Authorization: Bearer …. "
    "`lenticular serve` prints it; server.json in the data folder has it."
)


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
        if found is None and installation.closed and key:
            # Perhaps the key of a site that did not open: whoever sends must try again, and not drop its events.
            raise StoreError(
                Problem("site.closed", "A site could not be opened, perhaps yours; send this again later.")
            )
        if found is None:
            return None
        site, trusted = found
        guarded = frozenset() if trusted else site.engine.segments.schema.trusted
        return SiteDoor(site, site.clock, site.new_id, trusted, guarded)

    def is_admin(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
        given = connection.headers.get("authorization", "").removeprefix("Bearer ").strip()
        return secrets.compare_digest(given.encode(), token.encode())

    def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        if not is_admin(connection):
            raise NotAuthorizedException(_UNAUTHORIZED)

    controllers = [CareController, SitesController, RulesController, SegmentsController]
    admin = Router("/", route_handlers=controllers, guards=[guard])
    places = installation.places
    read_sender = sender_reader(installation.settings.place_headers, places.place_of if places else None)
    counts = Counts()
    api = Litestar(
        [admin, live, ready, metrics_route(installation, counts, is_admin), *([] if routes else [root]), *routes],
        state=State({"installation": installation}),
        exception_handlers={LenticularError: lenticular_problem, HTTPException: http_problem, Exception: unexpected},
        openapi_config=OpenAPIConfig(
            "Lenticular", "1", path="/api", render_plugins=[JsonRenderPlugin(path="/openapi.json")]
        ),
        request_max_body_size=MAX_BODY,
        logging_config=None,
        debug=False,
    )
    return application(
        DecideHandler(installation, read_sender, counts), collect_app(door, read_sender, counts), cast(ASGI, api)
    )
