"""Routes that begin something new say so with ``growth="run"`` or ``growth="seat"``; here the licence has its word.

A route that adds many people at once also says how many: ``joining=`` takes the context and the path's parameters.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from licensing import service
from licensing.entitlements import Entitlements
from zhiren.context import Context
from zhiren.web.visit import visit

#: how many people a request adds to those employed
Joining = Callable[[Context, Mapping[str, Any]], Awaitable[int]]


class Growth:
    """``run``: refused after the days of grace. ``seat``: also when the customer has outgrown its seats."""

    def __init__(self, entitlements: Entitlements) -> None:
        self._entitlements = entitlements

    async def __call__(self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        growth = handler.opt.get("growth")
        ctx = visit(connection.scope).ctx
        if growth is None or ctx is None:
            return
        standing = await self._entitlements.standing(ctx.tenant)
        service.check_new_run(standing)
        if growth == "seat":
            joining: Joining | None = handler.opt.get("joining")
            adding = 1 if joining is None else await joining(ctx, connection.path_params)
            await service.check_seats(ctx, self._entitlements, standing, adding=adding)
