"""Put the server together: the hot path, the admin API, health, and the demo when it is one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, cast

from litestar import Controller, Litestar, Request, Response, Router, get
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import ExceptionHandlersMap

from lenticular.app.accounts.accounts import Accounts
from lenticular.app.accounts.provider import Provider
from lenticular.app.accounts.sign_in_openid import OpenIdSignIn
from lenticular.app.open import Installation
from lenticular.app.preview import Previews
from lenticular.app.site import LiveSite
from lenticular.errors import LenticularError, Problem, StoreError
from lenticular.intake.ip import ip_reader
from lenticular.settings import OFF
from lenticular.web.api.access import ACCESS
from lenticular.web.api.audit import AuditController
from lenticular.web.api.blocks import BlocksController
from lenticular.web.api.care import CareController
from lenticular.web.api.catalog import CatalogController
from lenticular.web.api.definitions import DefinitionsController
from lenticular.web.api.described import DescribeRefusals
from lenticular.web.api.drafts import DraftsController
from lenticular.web.api.exports import ExportsController
from lenticular.web.api.guard import guard_of, is_admin_token
from lenticular.web.api.history import HistoryController
from lenticular.web.api.imports import ImportsController
from lenticular.web.api.jobs import JobsController, SiteJobsController
from lenticular.web.api.keys import KeysController
from lenticular.web.api.openid import OpenIdController
from lenticular.web.api.people import PeopleController
from lenticular.web.api.pictures import PicturesController
from lenticular.web.api.previews import PreviewsController
from lenticular.web.api.problems import defect, http_problem, lenticular_problem, no_utf8, too_deep
from lenticular.web.api.proposals import ProposalsController
from lenticular.web.api.publications import PublicationsController
from lenticular.web.api.record import recorder
from lenticular.web.api.render import RenderController
from lenticular.web.api.rules import RulesController
from lenticular.web.api.segment_history import SegmentHistoryController
from lenticular.web.api.segments import SegmentsController
from lenticular.web.api.session import LinksController, SessionController
from lenticular.web.api.simulate import SimulateController
from lenticular.web.api.sites import SitesController
from lenticular.web.api.sources import SourcesController
from lenticular.web.api.stream import StreamController
from lenticular.web.api.tokens import TokensController
from lenticular.web.api.users import InvitationsController, UsersController
from lenticular.web.api.webhooks import WebhooksController
from lenticular.web.asgi import ASGI, BODY_SECONDS
from lenticular.web.collect import SiteDoor, collect_app
from lenticular.web.counts import Counts
from lenticular.web.decide import DecideHandler
from lenticular.web.fast import application
from lenticular.web.form import form_route
from lenticular.web.health import live, ready
from lenticular.web.join import JOIN
from lenticular.web.metrics import metrics_route
from lenticular.web.pages.consent import consent_route, consent_script
from lenticular.web.pages.handler import PagesHandler
from lenticular.web.pages.seen import seen_route
from lenticular.web.pictures import pictures
from lenticular.web.sender import ReadSender, sender_reader
from lenticular.web.tag import TAG
from lenticular.web.theme import theme

MAX_BODY = 64 * 1024 * 1024


@get("/.well-known/gpc.json", summary="Whether Global Privacy Control is honoured", tags=["Consent"])
async def gpc(state: State) -> dict[str, bool]:
    """Say whether `Sec-GPC: 1` withholds data from personalization on every site (Global Privacy Control, W3C)."""
    installation: Installation = state["installation"]
    sites = [site.engine.catalog.site for site in installation.sites.values()]
    return {"gpc": all("personalization" in site.signals.gpc for site in sites)}


@get("/api/openapi.json", include_in_schema=False, media_type="application/vnd.oai.openapi+json")
async def document(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Describe the admin API. Litestar's own route for it would answer all other addresses in `/api` with a page."""
    return request.app.openapi_schema.to_schema()


@get("/", include_in_schema=False)
async def root(state: State) -> Response[dict[str, Any]]:
    """Say what answers here."""
    return Response({"name": "Lenticular", "api": "/api/openapi.json", "health": "/health/ready"})


FOR_ALL = (live, ready, gpc, document, theme, consent_script, pictures, *JOIN, *TAG)
"""What answers everybody, beside the doors of visitors."""

CONTROLLERS: list[type[Controller]] = [
    CareController,
    BlocksController,
    SitesController,
    KeysController,
    CatalogController,
    RulesController,
    SegmentsController,
    SegmentHistoryController,
    DefinitionsController,
    DraftsController,
    PublicationsController,
    PicturesController,
    PreviewsController,
    RenderController,
    ProposalsController,
    SimulateController,
    StreamController,
    WebhooksController,
    HistoryController,
    PeopleController,
    ImportsController,
    ExportsController,
    SourcesController,
    JobsController,
    SiteJobsController,
    SessionController,
    OpenIdController,
    LinksController,
    UsersController,
    InvitationsController,
    TokensController,
    AuditController,
]
"""The admin API, all of it behind the guard."""

HANDLERS: ExceptionHandlersMap = {
    LenticularError: lenticular_problem,
    HTTPException: http_problem,
    RecursionError: too_deep,
    UnicodeDecodeError: no_utf8,
    Exception: defect,
}
"""What becomes of errors."""


def _refuse_undeclared(admin: Router) -> None:
    """Refuse to start with a route that nobody has said who may ask."""
    routes = {f"{method} {route.path_format}" for route in admin.routes for method in getattr(route, "methods", ())}
    undeclared = sorted(route for route in routes - set(ACCESS) if not route.startswith("OPTIONS "))
    if undeclared:
        raise RuntimeError(f"web/api/access.py says nothing of {', '.join(undeclared)}.")


def _openid(accounts: Accounts) -> OpenIdSignIn | None:
    openid = accounts.openid
    return None if openid is None else OpenIdSignIn(accounts, Provider(openid, accounts.clock))


def _sender_reader(installation: Installation) -> ReadSender:
    places, settings = installation.places, installation.settings
    of_ip = ip_reader(places.place_of if places else None, kept=settings.ip != OFF)
    return sender_reader(settings.place_headers, of_ip)


def server(
    installation: Installation, token: str, routes: Sequence[Any] = (), body_seconds: float = BODY_SECONDS
) -> ASGI:
    """Return the ASGI application of an open installation.

    `token` opens the admin API (`Authorization: Bearer …`). `routes` are more Litestar routes, such as the demo's.
    `body_seconds` is how long the body of an event or of a question may take.
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
        return door_of(*found)

    def door_of(site: LiveSite, trusted: bool) -> SiteDoor:
        guarded = frozenset() if trusted else site.engine.segments.schema.trusted
        return SiteDoor(site, site.clock, site.new_id, trusted, guarded, site.engine.catalog.site.signals)

    def public_door(key: str) -> SiteDoor | None:
        return door_of(installation.sites[key], False) if key in installation.sites else None

    accounts = Accounts(installation)
    admin = Router("/", route_handlers=CONTROLLERS, guards=[guard_of(accounts, token)], middleware=[recorder])
    _refuse_undeclared(admin)
    read_sender, counts = _sender_reader(installation), Counts()
    metrics = metrics_route(installation, counts, partial(is_admin_token, token=token))
    visitors = [one(public_door, read_sender) for one in (form_route, consent_route, seen_route)]
    api = Litestar(
        [admin, metrics, *visitors, *FOR_ALL, *([] if routes else [root]), *routes],
        state=State({"installation": installation, "accounts": accounts, "token": token, "openid": _openid(accounts)}),
        exception_handlers=HANDLERS,
        plugins=[DescribeRefusals()],
        openapi_config=OpenAPIConfig("Lenticular", "1", path="/api/openapi", render_plugins=[JsonRenderPlugin()]),
        request_max_body_size=MAX_BODY,
        logging_config=None,
        debug=False,
    )
    previews = Previews(installation)
    decide = DecideHandler(installation, read_sender, body_seconds, counts, previews)
    pages = PagesHandler(installation, read_sender, counts, previews)
    return application(decide, collect_app(door, read_sender, body_seconds, counts), pages, cast(ASGI, api))
