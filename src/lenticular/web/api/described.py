"""What the OpenAPI document says of every route: which refusals there are, and what they look like."""

from __future__ import annotations

import re

from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.plugins import ReceiveRoutePlugin
from litestar.routes import BaseRoute, HTTPRoute

from lenticular.web.api.problems import MEDIA, ProblemDocument

_ALWAYS = {
    400: "The request is malformed: a body that is no JSON or of another shape, a parameter of another type.",
    401: "Nobody is signed in, or the token is wrong.",
    403: "Whoever asks may not do this, or the session's proof (`X-CSRF-Token`) is missing.",
    422: "What is asked for can't be done: a wrong rule, catalog or value. `problems` say what, where, and what to do.",
    503: "A store can't be used now; `Retry-After` says when to try again.",
}
_NAMED = {404: "There is no such site, or nothing of that name in it, or not for whoever asks."}
_OF_SIGN_IN = {
    408: "The body did not come in time.",
    429: "There were too many tries; `Retry-After` says when to try again.",
}
_SIGN_IN = ("/api/session", "/api/session/password", "/api/links")
_OF_USERS = {
    409: "There is a user of this address already, or this is the last admin of all sites.",
    429: "Too many passwords are being set at once; `Retry-After` says when to try again.",
}
_USERS = ("/api/users", "/api/invitations")
_BODY = {413: "The body is too large."}
_EDITS = {409: "Someone else was faster, or the catalog is not edited here (`LENTICULAR_CATALOG`)."}
_EDITED = re.compile(
    r"/api/sites/\{key:str\}/(catalog|definitions|drafts|publications|proposals|keys|webhooks)(?!.*/preview$)"
)


class DescribeRefusals(ReceiveRoutePlugin):
    """Adds the problem documents that any route of the admin API may answer; what a route says itself goes before."""

    def receive_route(self, route: BaseRoute) -> None:
        """Take note of a route."""
        if not isinstance(route, HTTPRoute) or not route.path.startswith("/api/"):
            return
        for handler in route.route_handlers:
            if handler.include_in_schema is not False:
                handler.responses = {**_refusals(route, handler), **(handler.responses or {})}


def _refusals(route: HTTPRoute, handler: HTTPRouteHandler) -> dict[int, ResponseSpec]:
    said = {
        **_ALWAYS,
        **(_NAMED if route.path_parameters or route.path.startswith("/api/links") else {}),
        **(_EDITS if "GET" not in handler.http_methods and _EDITED.match(route.path) else {}),
        **(_OF_SIGN_IN if route.path.startswith(_SIGN_IN) else {}),
        **(_OF_USERS if route.path.startswith(_USERS) else {}),
        **(_BODY if "data" in handler.parsed_fn_signature.parameters else {}),
    }
    return {status: refusal(words) for status, words in sorted(said.items())}


def refusal(words: str) -> ResponseSpec:
    """Return what the document says of a refusal that a route alone has."""
    return ResponseSpec(ProblemDocument, generate_examples=False, description=words, media_type=MEDIA)
