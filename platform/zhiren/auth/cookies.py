"""The session cookie: given, taken away."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response
from litestar.datastructures import Cookie

from zhiren.auth.runtime import AuthRuntime
from zhiren.web.csrf import token_for
from zhiren.web.visit import visit


def session_token(request: Request[Any, Any, Any], auth: AuthRuntime) -> str:
    """The token this browser sent, or nothing."""
    return request.cookies.get(auth.cookie) or ""


def give_session(response: Response[Any], auth: AuthRuntime, token: str) -> None:
    """A cookie that dies with the browser; how long the session lives is the server's to say."""
    response.set_cookie(
        Cookie(key=auth.cookie, value=token, path="/", httponly=True, secure=auth.secure, samesite="lax")
    )
    response.headers["cache-control"] = "no-store"


def take_session(response: Response[Any], auth: AuthRuntime) -> None:
    response.set_cookie(
        Cookie(key=auth.cookie, value="", path="/", max_age=0, httponly=True, secure=auth.secure, samesite="lax")
    )
    response.headers["clear-site-data"] = '"cache"'


def renew_csrf(request: Request[Any, Any, Any], token: str) -> None:
    """A page rendered in the very answer that changes the cookie carries the proof for the new one."""
    visit(request.scope).csrf_token = token_for(token)
