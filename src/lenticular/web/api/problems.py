"""Errors as RFC 9457 problem documents, with every problem's place and hint."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException

from lenticular.app.drafts import MergeNeededError
from lenticular.errors import ConflictError, EventsUnavailableError, LenticularError, Problem, StoreError

MEDIA = "application/problem+json"
_NOT_FOUND = frozenset(
    f"{what}.unknown"
    for what in ("site", "person", "segment", "kind", "definition", "draft", "revision", "publication")
)


def lenticular_problem(request: Request[Any, Any, Any], error: LenticularError) -> Response[Any]:
    """Answer what a person can mend."""
    if isinstance(error, EventsUnavailableError):
        return _response(503, "The events store is not available now", error.problems, {"retry-after": "2"})
    if isinstance(error, StoreError):
        return _response(503, "The data can't be written now", error.problems, {"retry-after": "5"})
    if isinstance(error, MergeNeededError):
        more = msgspec.to_builtins({"current": error.current, "merge": error.merge})
        return _response(412, error.problems[0].message, error.problems, more=more)
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


def _response(
    status: int,
    title: str,
    problems: tuple[Problem, ...],
    headers: dict[str, str] | None = None,
    more: dict[str, Any] | None = None,
) -> Response[Any]:
    body = {"type": "about:blank", "title": title, "status": status, "problems": msgspec.to_builtins(list(problems))}
    body |= more or {}
    return Response(body, status_code=status, media_type=MEDIA, headers=headers)
