"""The cookie of a guest's session: given, taken away."""

from __future__ import annotations

from typing import Any

from litestar import Response
from litestar.datastructures import Cookie

from zhiren.context import Context
from zhiren.guests.rules import SESSION_ABSOLUTE_S
from zhiren.guests.runtime import GuestRuntime, runtime_of


def let_in(response: Response[Any], ctx: Context, kind: str, token: str) -> None:
    """Gives the browser the token of a session. Kept when it closes: how long it works is the server's to say."""
    _set(response, ctx, kind, token, SESSION_ABSOLUTE_S)
    response.headers["cache-control"] = "no-store"


def see_out(response: Response[Any], ctx: Context, kind: str) -> None:
    """Takes the token away; ``end_session`` ends what it opens."""
    _set(response, ctx, kind, "", 0)
    response.headers["clear-site-data"] = '"cache"'


def _set(response: Response[Any], ctx: Context, kind: str, value: str, max_age: int) -> None:
    door = _door(ctx)
    response.set_cookie(
        Cookie(
            key=door.cookie(kind),
            value=value,
            path="/",
            max_age=max_age,
            httponly=True,
            secure=door.secure,
            samesite="lax",
        )
    )


def _door(ctx: Context) -> GuestRuntime:
    found = runtime_of(ctx)
    if found is None:
        raise LookupError("guests come in by requests, of a deployment that has guests")
    return found
