"""A room belongs to the module it is about: with the module off, there is none."""

from __future__ import annotations

from typing import Any

from litestar.connection import ASGIConnection

from zhiren.context import Context
from zhiren.web.parts import Deployment


async def require_module(connection: ASGIConnection[Any, Any, Any, Any], ctx: Context, about_type: str) -> None:
    """Raises what the customer's entitlements say when the module of ``about_type`` (``<module>.<object>``) is off."""
    deployment: Deployment = connection.app.state.deployment
    name = about_type.partition(".")[0]
    module = next((one for one in deployment.modules if one.name == name), None)
    if module is not None and name not in await deployment.entitlements.of(ctx.tenant):
        raise await deployment.entitlements.refusal(ctx.tenant, module)
