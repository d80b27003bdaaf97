"""What guests' log-in needs for the life of a process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from litestar.connection import ASGIConnection

from zhiren.auth.limiter import Limiter
from zhiren.context import Actor, Context
from zhiren.guests import kinds
from zhiren.guests.service.sessions import actor_of

_Connection = ASGIConnection[Any, Any, Any, Any]
#: longer ones are none of ours
_TOKEN_MAX: Final = 100


class GuestRuntime:
    """A deployment's ``guests``. The limiter is shared with users' log-in: its subjects are named apart."""

    def __init__(self, *, secure: bool, limiter: Limiter) -> None:
        self.secure = secure
        self.limiter = limiter

    def cookie(self, kind: str) -> str:
        return f"{'__Host-' if self.secure else ''}zhiren_guest_{kind}"

    def cookies(self) -> Sequence[str]:
        return [self.cookie(kind) for kind in kinds.names()]

    def kinds(self) -> Sequence[str]:
        return kinds.names()

    def login_path(self, kind: str) -> str:
        return kinds.get(kind).login_path

    async def authenticate(self, request: _Connection, ctx: Context, kinds: Sequence[str]) -> Actor | None:
        for kind in kinds or self.kinds():
            token = request.cookies.get(self.cookie(kind))
            if token and len(token) <= _TOKEN_MAX and (found := await actor_of(ctx, kind, token)) is not None:
                return found
        return None


def runtime_of(ctx: Context) -> GuestRuntime | None:
    """None outside a request."""
    found = ctx.extra.get("guests")
    return found if isinstance(found, GuestRuntime) else None


def limiter_of(ctx: Context) -> Limiter | None:
    """Outside a request nobody is slowed down."""
    runtime = runtime_of(ctx)
    return runtime.limiter if runtime is not None else None


def keep(ctx: Context) -> None:
    """What was counted in this request stays, though the request is refused."""
    state = ctx.extra.get("state")
    if state is not None:
        state["commit"] = True
