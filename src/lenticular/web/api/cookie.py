"""The cookie of a session. Scripts can't read it; other sites' pages can't have it sent with a change."""

from __future__ import annotations

from typing import Any

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

from lenticular.accounts.session import LONGEST

NAME = "lenticular_session"
_MOST = 200


def session_secret(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """Return what the cookie of a request holds; empty for none."""
    found = connection.cookies.get(NAME, "")
    return found if len(found) <= _MOST else ""


def session_cookie(connection: ASGIConnection[Any, Any, Any, Any], secret: str) -> Cookie:
    """Return the cookie that keeps a browser signed in; without a secret, one that ends that."""
    secure = connection.scope["scheme"] == "https"
    age = LONGEST // 1000 if secret else 0
    return Cookie(key=NAME, value=secret, path="/", max_age=age, secure=secure, httponly=True, samesite="lax")
