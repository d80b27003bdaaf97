"""The API of modules and licence."""

from __future__ import annotations

from typing import Any

from litestar import Request, get, post, put
from litestar.params import FromPath, JSONBody

from licensing import schemas, service
from licensing.pages import PERMISSION, entitlements_of
from zhiren.context import Context
from zhiren.errors import NotFound
from zhiren.i18n import _


@get("/api/v1/modules", permission=PERMISSION, tags=["licensing"])
async def list_modules(request: Request[Any, Any, Any], ctx: Context) -> list[schemas.ModuleView]:
    """All modules: bought or not, on or off."""
    entitlements = entitlements_of(request)
    return schemas.module_views(entitlements, await entitlements.read(ctx))


@put("/api/v1/modules/{name:str}", permission=PERMISSION, tags=["licensing"])
async def switch_module(
    request: Request[Any, Any, Any], ctx: Context, name: FromPath[str], data: JSONBody[schemas.ModuleSwitch]
) -> schemas.ModuleView:
    """Switch a bought module on or off. Its data stays."""
    entitlements = entitlements_of(request)
    await service.switch(ctx, entitlements, name, on=data.enabled)
    for view in schemas.module_views(entitlements, await entitlements.read(ctx)):
        if view.name == name:
            return view
    raise NotFound(_("没有这个模块。"))


@get("/api/v1/licence", permission=PERMISSION, tags=["licensing"])
async def get_licence(request: Request[Any, Any, Any], ctx: Context) -> schemas.LicenceView:
    """The licence in force and how many of its seats are taken."""
    entitlements = entitlements_of(request)
    return schemas.licence_view(await entitlements.read(ctx), await entitlements.seats_used(ctx))


@post("/api/v1/licence", permission=PERMISSION, status_code=200, tags=["licensing"], reauth=True)
async def install_licence(
    request: Request[Any, Any, Any], ctx: Context, data: JSONBody[schemas.LicenceInstall]
) -> schemas.LicenceView:
    """Put a licence into force."""
    entitlements = entitlements_of(request)
    await service.install(ctx, entitlements, data.text)
    return schemas.licence_view(await entitlements.read(ctx), await entitlements.seats_used(ctx))


route_handlers = (list_modules, switch_module, get_licence, install_licence)
