"""Errors as RFC 9457 problem documents, with every problem's place and hint."""

from __future__ import annotations

import logging
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException

from lenticular.app.accounts.refusals import ForbiddenError, SignInError, TooOftenError
from lenticular.app.drafts import MergeNeededError
from lenticular.app.stream.stream import FullError
from lenticular.errors import ConflictError, EventsUnavailableError, LenticularError, Problem, StoreError

MEDIA = "application/problem+json"
_NOT_FOUND = frozenset(
    f"{what}.unknown"
    for what in (
        *("site", "person", "segment", "source", "import", "job", "job-file"),
        *("user", "link", "token", "webhook", "delivery"),
        *("key", "way", "preview-link", "picture"),
        *("kind", "definition", "draft", "revision", "publication", "proposal"),
    )
)
_log = logging.getLogger(__name__)


class ProblemDocument(msgspec.Struct, frozen=True):
    """A refusal (RFC 9457): what was wrong in a word, and every problem that was found."""

    type: str
    title: str
    status: int
    problems: list[Problem]


def lenticular_problem(request: Request[Any, Any, Any], error: LenticularError) -> Response[Any]:
    """Answer what a person can mend."""
    if isinstance(error, EventsUnavailableError):
        return _response(503, "The events store is not available now", error.problems, {"retry-after": "2"})
    if isinstance(error, FullError):
        return _response(503, error.problems[0].message, error.problems, {"retry-after": "10"})
    if isinstance(error, StoreError):
        return _response(503, "The data can't be written now", error.problems, {"retry-after": "5"})
    if isinstance(error, MergeNeededError):
        more = msgspec.to_builtins({"current": error.current, "merge": error.merge})
        return _response(412, error.problems[0].message, error.problems, more=more)
    if isinstance(error, TooOftenError):
        return _response(429, error.problems[0].message, error.problems, {"retry-after": str(error.seconds)})
    if isinstance(error, SignInError | ForbiddenError):
        return _response(401 if isinstance(error, SignInError) else 403, error.problems[0].message, error.problems)
    if isinstance(error, ConflictError):
        return _response(409, error.problems[0].message, error.problems)
    status = 404 if error.problems[0].code in _NOT_FOUND else 422
    return _response(status, error.problems[0].message, error.problems)


def http_problem(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """Answer what Litestar refuses: a wrong method, a body of another shape."""
    extra: Any = error.extra or []
    found = extra if isinstance(extra, list) else [extra]
    problems = tuple(
        Problem("request", str(one.get("message", "")), place=str(one.get("key", "")))
        for one in found
        if isinstance(one, dict)
    )
    return _response(error.status_code, error.detail, problems)


def too_deep(request: Request[Any, Any, Any], error: RecursionError) -> Response[Any]:
    """Answer a body that is nested so deep that nobody means it."""
    problem = Problem("too_deep", "The body is nested too deep.", hint="Flatten it.")
    return _response(400, problem.message, (problem,))


def no_utf8(request: Request[Any, Any, Any], error: UnicodeDecodeError) -> Response[Any]:
    """Answer a body whose texts are in another encoding."""
    problem = Problem("request", "The body is not UTF-8.", f"byte {error.start}", "Send JSON in UTF-8.")
    return _response(400, problem.message, (problem,))


def defect(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Answer what is our fault; the log has the rest."""
    _log.error("A request could not be answered.", exc_info=error)
    problem = Problem("internal", "This is a defect of the server.", hint="Its log says more; please report it.")
    return _response(500, problem.message, (problem,))


def _response(
    status: int,
    title: str,
    problems: tuple[Problem, ...],
    headers: dict[str, str] | None = None,
    more: dict[str, Any] | None = None,
) -> Response[Any]:
    body = msgspec.to_builtins(ProblemDocument("about:blank", title, status, list(problems)))
    return Response({**body, **(more or {})}, status_code=status, media_type=MEDIA, headers=headers)
