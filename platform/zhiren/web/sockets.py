"""Websockets: where one may come from, how it is refused, how much it may say, and whether it may still be open."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException, WebSocketDisconnect
from litestar.types import Message, Scope, Send

from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.i18n import _
from zhiren.web.actors import find_actor
from zhiren.web.errors import CsrfFailed
from zhiren.web.parts import Deployment
from zhiren.web.visit import header, visit

log = logging.getLogger("zhiren.web")

#: close codes: a refusal is its HTTP status and this; 1009, 1008 and 1011 as in RFC 6455, 7.4.1
REFUSED: Final = 4000
TOO_LARGE: Final = 1009
TOO_MUCH: Final = 1008
FAULT: Final = 1011
_DEFAULT_PORT: Final = {"http": 80, "https": 443}


def require_own_origin(scope: Scope, scheme: str) -> None:
    """Raises CsrfFailed unless a page of this very host opened the socket: a browser says so in ``Origin``, which no
    page can change. ``scheme`` is the one browsers use."""
    if not _same_place(header(scope, b"origin"), header(scope, b"host"), scheme):
        raise CsrfFailed(_("这个连接不是从本站的页面打开的。"), hint=_("请刷新页面后再试一次。"))


def _same_place(origin: str, host: str, scheme: str) -> bool:
    try:
        theirs, ours = urlsplit(origin), urlsplit(f"{scheme}://{host}")
        there, here = theirs.port or _DEFAULT_PORT[scheme], ours.port or _DEFAULT_PORT[scheme]
    except ValueError:
        return False
    return theirs.scheme == scheme and bool(ours.hostname) and (theirs.hostname, there) == (ours.hostname, here)


async def remember_fault(fault: Exception, scope: Scope) -> None:
    """An ``after_exception`` hook: what ended a socket, which the framework is about to close without saying why."""
    if scope["type"] == ScopeType.WEBSOCKET:
        visit(scope).fault = fault


@asynccontextmanager
async def refusing(scope: Scope, send: Send) -> AsyncIterator[Send]:
    """Closes the socket when something was raised: before it was accepted that is a refusal (HTTP 403), afterwards the
    code says which. Yields the ``send`` to use."""
    closed = False

    async def telling(message: Message) -> None:
        nonlocal closed
        fault = visit(scope).fault
        if message["type"] != "websocket.close":
            await send(message)
        elif not closed and not isinstance(fault, WebSocketDisconnect):
            closed = True
            await send(message if fault is None else _closing(fault))

    try:
        yield telling
    except Exception as error:
        visit(scope).fault = error
        await telling({"type": "websocket.close", "code": FAULT, "reason": ""})


def _closing(fault: Exception) -> Message:
    code, reason = FAULT, "web.fault"
    if isinstance(fault, ZhirenError):
        code, reason = REFUSED + fault.status, fault.code
    elif isinstance(fault, HTTPException):
        code, reason = REFUSED + fault.status_code, "web.refused"
    else:
        log.error("a socket ended by a fault", exc_info=fault)
    return {"type": "websocket.close", "code": code, "reason": reason}


class Allowance:
    """So many messages a second over time, and ``burst`` at once."""

    def __init__(self, *, per_s: float, burst: int) -> None:
        self._per_s, self._burst = per_s, burst
        self._left, self._at_s = float(burst), time.monotonic()

    def take(self) -> bool:
        now_s = time.monotonic()
        self._left = min(self._burst, self._left + (now_s - self._at_s) * self._per_s)
        self._at_s = now_s
        if self._left < 1:
            return False
        self._left -= 1
        return True


async def again(connection: ASGIConnection[Any, Any, Any, Any], ctx: Context) -> Context | None:
    """``ctx``, which is a transaction of now, as its actor has rights now; None when customer, module or session is no
    longer served. What lasts asks every second or two."""
    deployment: Deployment = connection.app.state.deployment
    served = await deployment.tenants.by_host(_host(connection))
    if served is None or served.id != ctx.tenant.id or served.status != "active":
        return None
    module = connection.scope["route_handler"].opt.get("module")
    if module is not None and module not in await deployment.entitlements.of(served):
        return None
    # the cookies it was opened with; that it is open counts as use
    actor = await find_actor(deployment, connection, ctx)
    same = actor is not None and (actor.session_id, actor.kind) == (ctx.actor.session_id, ctx.actor.kind)
    return ctx.with_actor(actor) if actor is not None and same else None


def context_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Context:
    """Who opened the socket. Its transaction is over."""
    ctx = visit(connection.scope).ctx
    if ctx is None:
        raise LookupError("no context: the gate was not passed")
    return ctx


def _host(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    return header(connection.scope, b"host").rsplit("@", 1)[-1].lower().partition(":")[0].rstrip(".")


__all__ = ["Allowance", "again", "context_of", "refusing", "remember_fault", "require_own_origin"]
